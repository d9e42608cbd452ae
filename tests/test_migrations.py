from __future__ import annotations

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

import djhipchat2

MIGRATIONS = sorted(Path(djhipchat2.__file__).parent.glob("migrations/[0-9]*.py"))


def test_migrations_have_numbers_of_their_own() -> None:
    numbers = Counter(path.name.partition("_")[0] for path in MIGRATIONS)

    assert MIGRATIONS
    assert [number for number, count in numbers.items() if count > 1] == []


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration() -> None:
    out = StringIO()

    call_command("makemigrations", "djhipchat2", check=True, dry_run=True, stdout=out)

    assert out.getvalue() == "No changes detected in app 'djhipchat2'\n"
