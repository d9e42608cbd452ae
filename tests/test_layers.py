"""What the linters cannot say about the shape of the package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import djhipchat2

pytestmark = pytest.mark.once

PACKAGE = Path(djhipchat2.__file__).parent
MODULES = sorted(
    path.relative_to(PACKAGE)
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).parts[0] != "migrations"
)

#: Imports inside functions, each with a reason beside it. Nothing else may be hidden in one.
LATE_IMPORTS = {
    ("apps.py", "checks"),  # reads settings, which apps follow
    ("backends/base.py", "api"),  # the door of 2013 stands on a backend
    ("backends/celery.py", "broker"),  # is there where Celery is
    ("backends/celery.py", "celery"),  # an optional dependency
    ("markup/parsing.py", "nh3"),  # an optional dependency
    ("markup/parsing.py", "selectolax.lexbor"),  # another one of the same extra
    ("log_queue.py", "api"),  # logging is configured before models exist
}


def late_imports(path: Path) -> set[tuple[str, str]]:
    """Return what a module imports inside its functions."""
    tree = ast.parse((PACKAGE / path).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        (path.as_posix(), name)
        for function in ast.walk(tree)
        if isinstance(function, functions)
        for node in ast.walk(function)
        for name in imported_names(node)
    }


def imported_names(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or alias.name for alias in node.names]
    return []


def modules_after(code: str) -> set[str]:
    """Return the names of all modules that are loaded after a new interpreter has run code."""
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules, sep='\\n')"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_fits_on_a_few_screens(path: Path) -> None:
    assert len((PACKAGE / path).read_text().splitlines()) <= 250


def test_imports_inside_functions_are_the_known_ones() -> None:
    found = {name for path in MODULES for name in late_imports(path)}

    assert found == LATE_IMPORTS


@pytest.mark.parametrize(
    ("node", "names"),
    [("import a.b, c", ["a.b", "c"]), ("from .d import e", ["d"]), ("from . import f", ["f"])],
)
def test_each_kind_of_import_is_seen(node: str, names: list[str]) -> None:
    assert imported_names(ast.parse(node).body[0]) == names


def test_importing_the_package_loads_nothing_else() -> None:
    loaded = modules_after("import djhipchat2")

    assert {name for name in loaded if name.startswith("djhipchat2.")} == set()
    assert loaded & {"django", "requests", "celery", "tqdm"} == set()


def test_importing_the_log_handler_loads_neither_models_nor_http_nor_celery() -> None:
    loaded = modules_after("import djhipchat2.logger")

    assert loaded & {"djhipchat2.models", "djhipchat2.api", "requests", "celery", "tqdm"} == set()
