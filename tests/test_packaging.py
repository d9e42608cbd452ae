"""What an installation brings along."""

from __future__ import annotations

import os
import sysconfig
from importlib.metadata import metadata, version
from importlib.resources import files
from pathlib import Path

import pytest

import djhipchat2

INSTALLED = Path(djhipchat2.__file__).resolve()
SITE_PACKAGES = Path(sysconfig.get_path("purelib")).resolve()


def test_under_tox_the_installed_wheel_is_tested_and_not_the_checkout() -> None:
    under_tox = "TOX_ENV_NAME" in os.environ and "TOX_ENV_DIR" in os.environ

    assert not under_tox or INSTALLED.is_relative_to(SITE_PACKAGES)


def test_the_version_is_the_installed_one() -> None:
    assert version("djhipchat2") == djhipchat2.__version__


def test_the_old_import_name_is_installed_too() -> None:
    assert (INSTALLED.parent.parent / "djhipchat" / "__init__.py").is_file()


@pytest.mark.parametrize("name", ["py.typed", "migrations/0001_initial.py"])
def test_a_file_is_installed(name: str) -> None:
    assert files("djhipchat2").joinpath(name).is_file()


def test_templates_are_installed() -> None:
    templates = INSTALLED.parent / "templates"

    found = [path.relative_to(templates).parts for path in templates.rglob("*.*")]
    assert found
    # Names of their own, so that no project's template is shadowed.
    assert {parts[0] for parts in found} == {"admin", "djhipchat2"}
    assert all("djhipchat2" in parts[:2] for parts in found)


def test_the_description_asks_for_what_is_imported() -> None:
    described = metadata("djhipchat2")

    required = [text for text in described.get_all("Requires-Dist") or [] if "extra ==" not in text]
    names = sorted(text.partition(">")[0] for text in required)
    assert names == ["django", "requests", "tqdm", "urllib3"]
    assert sorted(described.get_all("Provides-Extra") or []) == [
        "admin",
        "apprise",
        "beat",
        "celery",
        "chats",
        "tasks",
    ]
