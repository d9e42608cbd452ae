"""
Flush processes and Celery workers that are killed at random instants.

pytest-randomly seeds the chance and prints the seed; ``--randomly-seed=N`` takes it again.
"""

from __future__ import annotations

import os
import random
import signal

import pytest

from djhipchat2.delivery.pace import WINDOW_LARGEST, WINDOW_SECONDS
from tests.faults.brokers import Broker
from tests.faults.conftest import Recruit
from tests.faults.crew import Crew, runs
from tests.faults.outbox import Outbox
from tests.waiting import pause, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

#: Sets of rooms that get messages in turn: while those of the dead wait for their leases, the
#: others go on.
SETS = [[f"Room {number}-{letter}" for letter in "abcd"] for number in range(6)]
#: What a killed worker may leave in doubt in one room: a window. Where the server takes longer to
#: answer than a window lasts, that is one message.
SLOW_SECONDS = WINDOW_SECONDS * 1.2
FAST_SECONDS = WINDOW_SECONDS / 10


def a_moment() -> None:
    """Wait for a random part of some windows."""
    pause(random.uniform(0, 3 * WINDOW_SECONDS))


def assert_kept(outbox: Outbox, *, in_doubt_at_most: int) -> None:
    """Assert promises 1, 3 and 4, and that no room is kept from others for long."""
    result = outbox.audit()
    repeats = outbox.repeats
    assert result.faultless, result
    assert result.failed == 0
    assert result.delivered == result.accepted
    assert outbox.doubts.largest <= in_doubt_at_most
    assert {text: n for text, n in repeats.items() if n > outbox.doubts.times[text]} == {}
    wait_until(lambda: outbox.all_is_free)


def kill_flushers(outbox: Outbox, crew: Crew, kills: int) -> None:
    """Kill flush processes, most of them with a room in hand, and let the last ones finish."""
    workers = {worker.pid: worker for worker in (crew.flusher(), crew.flusher())}
    for number in range(kills):
        pid = random.choice(list(workers))
        if number % 5:  # every fifth at any instant, be it while it starts
            pid = outbox.wait_for_work(workers, SETS[number % len(SETS)])
        a_moment()
        outbox.note_kill(workers.pop(pid).kill())
        new = crew.flusher()
        workers[new.pid] = new
    outbox.wait_until_drained()
    # A worker may be stopped before it listens to signals, and then just ends.
    assert {worker.end() for worker in workers.values()} <= {0, -signal.SIGTERM}


def test_flush_processes_that_are_killed_lose_nothing_and_repeat_hardly_anything(
    outbox: Outbox, crew: Crew
) -> None:
    outbox.server.fault("hang", times=None, seconds=FAST_SECONDS)

    kill_flushers(outbox, crew, kills=14)

    assert_kept(outbox, in_doubt_at_most=WINDOW_LARGEST)


def test_before_a_slow_server_a_killed_flush_process_repeats_one_message_a_room_at_most(
    outbox: Outbox, crew: Crew
) -> None:
    outbox.server.fault("hang", times=None, seconds=SLOW_SECONDS)

    kill_flushers(outbox, crew, kills=8)
    outbox.server.clear_faults()
    outbox.wait_until_drained()

    assert_kept(outbox, in_doubt_at_most=1)


@pytest.mark.parametrize(("kills", "whole"), [(3, True), (6, False)], ids=["whole", "child"])
def test_celery_workers_that_are_killed_lose_nothing_and_repeat_hardly_anything(
    outbox: Outbox, recruit: Recruit, broker: Broker, kills: int, *, whole: bool
) -> None:
    outbox.server.fault("hang", times=None, seconds=FAST_SECONDS)
    crew = recruit(outbox.server.url, **broker.settings)
    worker = crew.celery_worker()

    for number in range(kills):
        rooms = SETS[number % len(SETS)]
        pid = outbox.wait_for_work(worker.children, rooms, defer=False)
        a_moment()
        if whole:
            outbox.note_kill(worker.kill())
            worker = crew.celery_worker()
        else:
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda pid=pid: not runs(pid))
            outbox.note_kill([pid])
            wait_until(lambda worker=worker: len(worker.children) == 2)
    assert worker.end() == 0
    # A task dies with its worker; what is due is found in the database.
    last = crew.flusher()
    outbox.wait_until_drained()
    assert last.end() == 0

    assert_kept(outbox, in_doubt_at_most=WINDOW_LARGEST)
