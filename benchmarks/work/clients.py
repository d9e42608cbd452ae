"""Sending without an outbox: nothing is stored, nothing is repeated."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from benchmarks.work.payload import PATH, form
from benchmarks.work.timing import delivered, texts

ROOM = "Room 00000"
WARM_UP = 50


def with_requests(*, messages: int, trust_env: bool = True) -> dict[str, Any]:
    """Post in a loop over one ``requests.Session``."""
    import requests

    url = f"{settings.CHAT_URL}{PATH}"
    with requests.Session() as session:
        session.trust_env = trust_env

        def send(text: str) -> None:
            session.post(url, data=form(ROOM, text), timeout=10).raise_for_status()

        return _loop(send, messages)


def with_urllib3(*, messages: int) -> dict[str, Any]:
    """Post in a loop over one urllib3 pool."""
    import urllib3

    url = f"{settings.CHAT_URL}{PATH}"
    pool = urllib3.PoolManager()

    def send(text: str) -> None:
        answer = pool.request(
            "POST", url, fields=form(ROOM, text), encode_multipart=False, timeout=10
        )
        require(answer.status == 200)

    return _loop(send, messages)


def with_apprise(*, messages: int) -> dict[str, Any]:
    """Notify in a loop through one Apprise object, by its plain JSON service."""
    import apprise

    sender = apprise.Apprise()
    require(sender.add(settings.CHAT_URL.replace("http://", "json://")))

    def send(text: str) -> None:
        require(sender.notify(body=text))

    return _loop(send, messages)


def with_django_slack(*, messages: int) -> dict[str, Any]:
    """Post in a loop through django-slack's ``requests`` backend."""
    from django_slack import slack_message

    def send(text: str) -> None:
        require(slack_message("message.slack", {"text": text}, channel="#ops"))

    return _loop(send, messages)


def require(success: object) -> None:
    """Raise RuntimeError if a client says that a message did not go out."""
    if not success:
        message = "A message was not accepted."
        raise RuntimeError(message)


def _loop(send: Any, messages: int) -> dict[str, Any]:
    for text in texts(WARM_UP):
        send(text)

    def send_all() -> None:
        for text in texts(messages):
            send(text)

    return delivered(send_all, messages)
