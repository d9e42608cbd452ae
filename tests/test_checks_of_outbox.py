"""System checks of the database that the outbox is in."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections as databases

from djhipchat2.checks import check_settings

LOCMEM = "djhipchat2.backends.locmem.HipChatBackend"


@pytest.fixture(autouse=True)
def working(settings: Any) -> None:
    """Settings with which everything is right."""
    settings.HIPCHAT_BACKEND = LOCMEM


def the_one() -> CheckMessage:
    (message,) = check_settings()
    return message


def test_e019_the_outbox_s_database_would_not_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(databases["default"].settings_dict, "AUTOCOMMIT", False)

    assert the_one() == Error(
        "The outbox's database 'default' has AUTOCOMMIT off: nothing would be committed before a "
        "message goes out, so delivery refuses to send.",
        hint="Remove AUTOCOMMIT from DATABASES['default'], or set it to True.",
        id="djhipchat2.E019",
    )


def test_e019_another_database_may_do_without_autocommit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(databases["outbox"].settings_dict, "AUTOCOMMIT", False)

    assert check_settings() == []


def named(*aliases: str) -> dict[str, Any]:
    return {alias: {"BACKEND": LOCMEM} for alias in aliases}


def test_w008_two_connections_are_one_to_mariadb(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases["default"], "vendor", "mysql")
    settings.HIPCHAT_CONNECTIONS = named("Café", "other", "cafe")

    assert the_one() == Warning(
        "MariaDB takes the connections 'Café' and 'cafe' for one, unless its collation is binary: "
        "a room of both is not delivered.",
        hint="Give one of them another name, or make the collation binary (utf8mb4_bin).",
        id="djhipchat2.W008",
    )


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_w008_other_databases_tell_them_apart(
    settings: Any, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    monkeypatch.setattr(databases["default"], "vendor", vendor)
    settings.HIPCHAT_CONNECTIONS = named("Café", "other", "cafe")

    assert check_settings() == []
