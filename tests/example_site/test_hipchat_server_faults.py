"""The faults that the local HipChat server plays."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from tests.hipchat_server import HipChatServer

from .sending import SECONDS, send_v1, send_v2, wait_for_message

pytestmark = pytest.mark.once


def test_unavailable_server_stores_nothing(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("unavailable")

    statuses = [send_v2(hipchat_server).status_code for _ in range(2)]

    assert statuses == [503, 204]
    assert len(hipchat_server.messages()) == 1


def test_rate_limited_server_says_when_to_come_back(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("rate_limited", times=2, retry_after=7)

    v1, v2 = send_v1(hipchat_server), send_v2(hipchat_server)

    assert [r.status_code for r in (v1, v2)] == [429, 429]
    assert [r.headers["Retry-After"] for r in (v1, v2)] == ["7", "7"]
    assert hipchat_server.messages() == []


def test_hanging_server_stores_at_once_and_answers_late(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("hang", seconds=60)
    answers: list[int] = []
    client = threading.Thread(target=lambda: answers.append(send_v2(hipchat_server).status_code))

    client.start()
    wait_for_message(hipchat_server)
    before = list(answers)
    hipchat_server.clear_faults()
    client.join(SECONDS)

    assert (before, answers) == ([], [204])


def test_hanging_server_answers_after_its_time(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("hang", seconds=0.2)

    begun = time.monotonic()
    response = send_v2(hipchat_server)

    assert response.status_code == 204
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize(("kind", "stored"), [("drop_before", 0), ("drop_after", 1)])
def test_dropped_connection_has_no_answer(
    hipchat_server: HipChatServer, kind: str, stored: int
) -> None:
    hipchat_server.fault(kind)

    with pytest.raises(requests.ConnectionError):
        send_v2(hipchat_server)

    assert len(hipchat_server.messages()) == stored
    (request,) = hipchat_server.requests()
    assert (request["status"], request["fault"]) == (None, kind)
    assert hipchat_server.counts()["by_status"] == {"dropped": 1}


def test_fault_of_one_room_spares_the_others(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("unavailable", times=None, room="a")

    statuses = [send_v2(hipchat_server, room).status_code for room in ("a", "b", "a")]

    assert statuses == [503, 204, 503]


def test_faults_strike_one_after_the_other(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("unavailable")
    hipchat_server.fault("rate_limited")

    assert [send_v2(hipchat_server).status_code for _ in range(3)] == [503, 429, 204]
