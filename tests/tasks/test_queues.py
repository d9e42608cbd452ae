"""A killed worker's tasks are not those of the next test."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.celery_app import app
from tests.tasks.queues import URLS, forget_unacknowledged

pytestmark = pytest.mark.redis

TAGS = {"ours": "", "another's": " of another"}


@pytest.fixture
def channel(settings: Any) -> Any:
    """A channel to Redis on which a worker took a task of ours, and one of another queue."""
    settings.CELERY_BROKER_URL = URLS["redis"]
    app.set_current()
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        name = app.conf.task_default_queue
        for tag, more in TAGS.items():
            channel.client.hset(channel.unacked_key, tag, json.dumps([{}, "", name + more]))
            channel.client.zadd(channel.unacked_index_key, {tag: 1})
        yield channel
        channel.client.hdel(channel.unacked_key, *TAGS)
        channel.client.zrem(channel.unacked_index_key, *TAGS)


def test_what_a_killed_worker_had_of_a_queue_is_forgotten(channel: Any) -> None:
    queue = app.amqp.queues[app.conf.task_default_queue].bind(channel)

    forget_unacknowledged(queue)

    left = [tag.decode() for tag in channel.client.hkeys(channel.unacked_key)]
    assert [tag for tag in TAGS if tag in left] == ["another's"]
    assert channel.client.zscore(channel.unacked_index_key, "ours") is None
