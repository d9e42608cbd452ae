# Each target does all of its own set-up; Python 3.11 or newer and make are what it takes.

.PHONY: help demo hipchat-server test soak bench clean

help:
	@echo "make demo            run the example site with a local HipChat server"
	@echo "                     (ONCE=1: check and end; FOLDER=...: for its databases and logs;"
	@echo "                     CHAT=matrix: with Synapse, which is installed from PyPI)"
	@echo "make hipchat-server  run the local HipChat server alone (PORT=8088 TOKENS=TOK,TOK2)"
	@echo "make test            run the tests and all checks (STRICT=1: fail if something is missing)"
	@echo "make bench           measure it beside its peers (QUICK=1: less of it; ONLY='drain sending')"
	@echo "make soak            break a working site and account for every message"
	@echo "                     (MINUTES=30 DATABASE=sqlite BROKER=redis SEED=1)"
	@echo "make clean           remove what the other targets made"

demo:
	scripts/with_venv python example_site/run_demo.py $(if $(ONCE),--once) $(if $(CHAT),--chat "$(CHAT)") $(if $(FOLDER),--folder "$(FOLDER)")

hipchat-server:
	scripts/with_venv python example_site/run_hipchat_server.py --port $(or $(PORT),8088) --tokens $(or $(TOKENS),TOK)

test:
	GROUP=runner scripts/with_venv python scripts/run_tests.py $(if $(STRICT),--strict)

bench:
	GROUP=bench scripts/with_venv python -m benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

soak:
	GROUP=$(if $(filter mariadb,$(DATABASE)),soak-mariadb,soak) scripts/with_venv \
		python -m tests.faults.soak --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED)) \
		--database $(or $(DATABASE),sqlite) --broker $(or $(BROKER),redis)

clean:
	rm -rf .venv .tox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf build benchmarks/results demo dist docs/_build *.egg-info .coverage*
