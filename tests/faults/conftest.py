"""Fixtures of the fault suite; what a run of it broke is told at its end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.faults.brokers import RABBITMQ, Broker
from tests.faults.chats import Chat
from tests.faults.crew import Crew
from tests.faults.databases import Database, kind_of_run, own_database
from tests.faults.outbox import Outbox
from tests.faults.servers import Redis
from tests.faults.tally import Tally
from tests.hipchat_server import HipChatServer

TALLY = pytest.StashKey[Tally]()
#: An attempt may last so long, and a lease is as short as it can be: rooms of the dead are soon
#: taken over, and no machine is so slow that a living worker loses one.
PATIENCE = {"HIPCHAT_TIMEOUT": 3, "HIPCHAT_LEASE_SECONDS": 1, "HIPCHAT_BACKOFF_BASE": 0}
#: A message whose workers are killed again and again is not to fail because of it.
STUBBORN = {"HIPCHAT_MAX_ATTEMPTS": 100}

Recruit = Callable[..., Crew]


@pytest.fixture(scope="session")
def tally(request: pytest.FixtureRequest) -> Tally:
    """What this run has broken so far."""
    return request.config.stash.setdefault(TALLY, Tally())


@pytest.fixture
def outbox(hipchat_server: HipChatServer, tally: Tally, settings: Any) -> Outbox:
    """An empty outbox in front of the local chat."""
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    settings.HIPCHAT_CELERY_BACKEND = settings.HIPCHAT_BACKEND
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    return Outbox(hipchat_server, tally)


@pytest.fixture
def recruit() -> Iterator[Recruit]:
    """Make a crew that delivers to a chat, with settings of its own."""
    with ExitStack() as stack:
        yield lambda api_url, **settings: stack.enter_context(
            Crew(api_url, **{**PATIENCE, **STUBBORN, **settings})
        )


@pytest.fixture
def crew(hipchat_server: HipChatServer, recruit: Recruit) -> Crew:
    """Starts processes that deliver from the outbox of the test."""
    return recruit(hipchat_server.url)


@pytest.fixture
def own(transactional_db: None) -> Iterator[Database]:
    """A database of the test's own; this process uses it, too, for the test."""
    with own_database(kind_of_run()) as database:
        yield database


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A Redis of the suite's own."""
    server = Redis()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def chat() -> Iterator[Chat]:
    """A local chat that may be killed."""
    with Chat() as chat:
        yield chat


@pytest.fixture
def redis_broker(redis_server: Redis, settings: Any) -> Iterator[Broker]:
    """Celery's broker, the Redis of the suite's own."""
    yield from used_broker(redis_server.url, settings)


@pytest.fixture
def rabbitmq_broker(settings: Any) -> Iterator[Broker]:
    """Celery's broker, the RabbitMQ of this machine."""
    yield from used_broker(RABBITMQ, settings)


def used_broker(url: str, settings: Any) -> Iterator[Broker]:
    """Have this process send its messages through a broker, and clean up behind it."""
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.celery.HipChatBackend"
    broker = Broker(url)
    with broker.used():
        yield broker
        broker.delete()


@pytest.fixture(
    params=[
        pytest.param("redis_broker", marks=pytest.mark.servers),
        pytest.param("rabbitmq_broker", marks=pytest.mark.rabbitmq),
    ]
)
def broker(request: pytest.FixtureRequest) -> Broker:
    """Celery's broker: one after the other."""
    return request.getfixturevalue(request.param)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell what was broken, and write it where HIPCHAT_FAULTS_REPORT says."""
    tally = config.stash.get(TALLY, Tally())
    if tally.is_empty:
        return
    terminalreporter.section("faults")
    for line in tally.lines():
        terminalreporter.write_line(line)
    report = os.environ.get("HIPCHAT_FAULTS_REPORT", os.devnull)
    Path(report).write_text(json.dumps(asdict(tally)))
