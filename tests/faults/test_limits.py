"""A chat that limits how much it takes, and more than one worker that has much to send."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.api import send_messages
from djhipchat2.models import WHOLE_CONNECTION, OutboundMessage, Room
from djhipchat2.states import Status
from tests.hipchat_server import HipChatServer
from tests.processes import start_watch
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def outbox(hipchat_server: HipChatServer, settings: Any) -> HipChatServer:
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    # Slow enough that every worker has many messages under way when the limit comes near.
    hipchat_server.fault("hang", times=None, seconds=0.05)
    return hipchat_server


def is_held() -> bool:
    room = Room.objects.filter(room_id=WHOLE_CONNECTION).first()
    sending = OutboundMessage.objects.filter(status=Status.SENDING)
    return room is not None and bool(room.hold_reason) and not sending.exists()


def test_workers_use_up_the_limit_of_a_token_and_do_not_hit_it(outbox: HipChatServer) -> None:
    outbox.limits(token_per_5_minutes=100)
    send_messages(
        [{"room_id": f"room {n % 40}", "message": f"{n:05}"} for n in range(240)], defer=True
    )

    workers = [start_watch(outbox.url) for _ in range(3)]
    wait_until(is_held, seconds=180)
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.communicate()

    counts = outbox.counts()
    assert counts["accepted"] == 100
    assert counts["rejected"] == 0
    assert OutboundMessage.objects.filter(status=Status.SENT).count() == 100
    assert not OutboundMessage.objects.filter(status=Status.QUEUED, attempts__gt=0).exists()
