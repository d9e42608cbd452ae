from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError, transaction

from djhipchat2.delivery.patience import patiently


def failing(times: int) -> Callable[[], str]:
    """Return work that the database ends so many times before it is done."""
    left = iter(range(times))

    def work() -> str:
        if next(left, None) is not None:
            message = "deadlock detected"
            raise OperationalError(message)
        return "done"

    return work


@pytest.mark.django_db(transaction=True)
def test_work_that_a_deadlock_ended_is_done_again(caplog: pytest.LogCaptureFixture) -> None:
    assert patiently(failing(2), using="default", seconds=5) == "done"
    assert caplog.text.count("The database is in trouble (OperationalError)") == 2


@pytest.mark.django_db(transaction=True)
def test_patience_has_an_end() -> None:
    with pytest.raises(OperationalError):
        patiently(failing(1_000), using="default", seconds=0.05)


@pytest.mark.django_db
def test_inside_a_transaction_nothing_is_done_again() -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        patiently(failing(1), using="default", seconds=5)
