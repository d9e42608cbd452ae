"""Sending through a Celery worker of two processes; the broker is Redis."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from benchmarks.celery_app import app
from benchmarks.work.timing import asked, rooms, texts, timed

WARM_UP = 100
SECONDS = 600


def through_celery(*, sender: str, messages: int, in_rooms: int) -> dict[str, Any]:
    """Time from the first call to the last answer; ``send_seconds`` is what the caller waits."""
    send = {"each": _send_each, "many": _send_many, "slack": _send_by_slack}[sender]
    with _worker():
        try:
            send(WARM_UP, in_rooms)
            _wait_for(WARM_UP)
            return _measure(send, messages, in_rooms)
        finally:
            app.control.purge()


def _measure(send: Any, messages: int, in_rooms: int) -> dict[str, Any]:
    before = asked("count")
    called: dict[str, Any] = {}

    def work() -> None:
        called.update(timed(lambda: send(messages, in_rooms), messages))
        _wait_for(before + messages)

    return {**timed(work, messages), "send_seconds": called["seconds"]}


def _wait_for(count: int) -> None:
    deadline = time.monotonic() + SECONDS
    while asked("count") < count:
        if time.monotonic() > deadline:
            message = f"The server got {asked('count')} messages, not {count}."
            raise RuntimeError(message)
        time.sleep(0.01)


def _send_each(messages: int, in_rooms: int) -> None:
    from djhipchat2 import send_message

    names = rooms(in_rooms)
    for n, text in enumerate(texts(messages)):
        send_message(names[n % in_rooms], text)


def _send_many(messages: int, in_rooms: int) -> None:
    from djhipchat2 import send_messages

    names = rooms(in_rooms)
    calls = [
        {"room_id": names[n % in_rooms], "message": text} for n, text in enumerate(texts(messages))
    ]
    send_messages(calls)


def _send_by_slack(messages: int, in_rooms: int) -> None:
    from django_slack import slack_message

    names = rooms(in_rooms)
    for n, text in enumerate(texts(messages)):
        slack_message("message.slack", {"text": text}, channel=names[n % in_rooms])


@contextmanager
def _worker() -> Iterator[None]:
    """Run a worker until the block ends; it is ready at the beginning."""
    queue = settings.CELERY_TASK_DEFAULT_QUEUE
    name = f"{queue}@localhost"
    command = [sys.executable, "-m", "celery", "-A", "benchmarks.celery_app", "worker"]
    command += ["--concurrency=2", "--pool=prefork", "--loglevel=ERROR", f"--hostname={name}"]
    command += ["--without-gossip", "--without-mingle", f"--queues={queue}"]
    worker = subprocess.Popen(command, stdout=sys.stderr)
    try:
        while not app.control.inspect([name], timeout=0.5).ping():
            if worker.poll() is not None:
                message = "The Celery worker did not start."
                raise RuntimeError(message)
        yield
    finally:
        worker.terminate()
        worker.wait(60)
