"""The documents name exactly what the code has."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand

import djhipchat2
from djhipchat2 import backends, conf
from djhipchat2.logger import HipChatHandler
from djhipchat2.management import commands
from djhipchat2.models import OutboundMessage, Room
from tests.docs.folder import PAGES, ROOT, locate
from tests.docs.markup import GENERATED, Page, read

pytestmark = pytest.mark.once

TESTS = Path(__file__).resolve().parents[1]
PACKAGE = Path(djhipchat2.__file__).parent
COMMANDS = [module.name for module in pkgutil.iter_modules(commands.__path__)]
CHECK = re.compile(r"djhipchat2\.[EW]\d{3}")
PERMISSION = re.compile(r"djhipchat2\.([a-z]+_(?:outboundmessage|room))")
DOTTED = re.compile(r"djhipchat2?(?:\.\w+)+")
#: Names of 2013 that the pages mention because they are gone.
GONE = {"djhipchat.tasks.send_message"}
INTERNAL_FIELDS = {
    "attempt_started_at",
    "dedupe_digest",
    "fallback_room_id",
    "lease_token",
    "route_group",
}


def page(name: str) -> Page:
    return read(PAGES[name])


def literals() -> set[str]:
    return {
        literal.removesuffix("()") for path in PAGES.values() for literal in read(path).literals()
    }


def test_settings_are_documented_with_their_defaults() -> None:
    documented = {
        section["argument"]: ast.literal_eval(section["values"]["default"].strip("`"))
        for section in page("settings").sections("confval")
    }

    assert documented == {
        name: getattr(conf.settings, attribute) for name, attribute in conf.KNOWN.items()
    }


def test_each_setting_has_an_example() -> None:
    settings = page("settings")

    for section in settings.sections("confval"):
        examples = "".join(block.text for block in settings.blocks(section))
        assert f"{section['argument']} = " in examples


def test_every_setting_that_a_page_names_exists() -> None:
    named = {name for name in literals() if re.fullmatch(r"HIPCHAT_\w+", name)}
    linked = {name for path in PAGES.values() for name in read(path).role("confval")}

    assert named | linked <= {*conf.KNOWN, "HIPCHAT_"}
    assert named
    assert linked


def test_system_checks_are_documented() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    documented = [row[0].astext() for row in page("checks").rows()]

    assert documented == sorted(documented)
    assert documented == sorted(set(CHECK.findall(source)))


def test_commands_are_documented_with_their_options() -> None:
    common = set(BaseCommand().create_parser("", "")._option_string_actions)
    options = {
        name: set(
            load_command_class("djhipchat2", name).create_parser("", name)._option_string_actions
        )
        - common
        for name in COMMANDS
    }

    assert page("commands").options() == options


def test_backends_are_documented() -> None:
    names = [module.name for module in pkgutil.iter_modules(backends.__path__)]
    usable = {
        name
        for name in names
        if hasattr(import_module(f"{backends.__name__}.{name}"), "HipChatBackend")
    }

    assert usable <= set(page("backends").titles())
    assert usable <= set(
        page("backends").literals() + [r[0].astext() for r in page("backends").rows()]
    )


def test_the_handlers_arguments_are_documented() -> None:
    parameters = set(inspect.signature(HipChatHandler).parameters) - {"room_id"}

    assert {row[0].astext() for row in page("logging").rows("Arguments")} == parameters


def test_public_names_are_in_the_reference() -> None:
    documented = {s["argument"] for s in page("api").sections("autofunction", "py:data")}

    assert {f"djhipchat2.{name}" for name in djhipchat2.__all__} <= documented


def test_fields_of_a_message_are_in_the_reference() -> None:
    documented = {name for row in page("api").rows() for name in page("api").literals(row[0])}
    fields = {field.name for field in OutboundMessage._meta.concrete_fields}

    assert documented == (fields - INTERNAL_FIELDS) | {"delivery_attempts"}


@pytest.mark.celery  # defines the task
def test_every_name_of_the_package_that_a_page_mentions_exists() -> None:
    mentioned = {name for name in literals() if DOTTED.fullmatch(name)}
    elsewhere = {name for name in mentioned if CHECK.fullmatch(name) or PERMISSION.fullmatch(name)}
    sections = page("api").sections(*GENERATED, "py:class", "py:data")
    documented = {section["argument"] for section in sections}

    for name in (mentioned | documented) - elsewhere - GONE:
        assert pkgutil.resolve_name(name) is not None
    assert documented


def test_permissions_exist() -> None:
    documented = {match[1] for name in literals() if (match := PERMISSION.fullmatch(name))}

    models = (OutboundMessage, Room)
    own = {codename for model in models for codename, _ in model._meta.permissions}
    views = {f"view_{model._meta.model_name}" for model in models}
    assert documented == own | views


def test_each_promise_has_a_verdict_and_proofs_that_exist() -> None:
    guarantees = page("guarantees")
    promises = [row[0].astext() for row in guarantees.rows()]

    assert [p.partition(".")[0] for p in promises] == [str(n) for n in range(1, 11)]
    assert {p.rpartition(" ")[2] for p in promises} <= {"proven", "partly"}
    for row in guarantees.rows():
        proofs = Page("guarantees", row[3]).role("proof")
        assert proofs
        for proof in proofs:
            path, _, test = proof.partition("::")
            assert test in functions(TESTS.parent / path), proof


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_files_that_the_readme_names_exist_and_none_is_a_link() -> None:
    readme = page("README")
    named = {name.removeprefix("docs/") for name in readme.literals() if name.endswith(".rst")}
    beside = {"CHANGELOG.rst", "CONTRIBUTING.rst"}

    assert len(named) >= 10
    assert [name for name in named - beside if not (ROOT / "docs" / name).exists()] == []
    # PyPI shows the page without the files: a relative link leads nowhere there.
    assert [link for link in readme.links() if "://" not in link] == []


def test_the_changelog_begins_with_this_version_and_keeps_its_order() -> None:
    titles = read(ROOT / "CHANGELOG.rst").titles()
    kinds = ["Security", "Removed", "Deprecated", "Added", "Changed", "Fixed"]

    assert titles[1].split()[0] == djhipchat2.__version__
    assert [title for title in titles[2:] if title in kinds] == kinds


def test_documents_elsewhere_are_found(tmp_path: Path) -> None:
    assert locate(tmp_path, {"HIPCHAT_DOCS": str(ROOT)}) == ROOT


def test_documents_that_are_nowhere_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="HIPCHAT_DOCS"):
        locate(tmp_path, {})
