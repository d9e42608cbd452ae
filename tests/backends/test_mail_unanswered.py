"""E-mail servers that cannot be reached, or break off before they have answered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from djhipchat2.backends.base import Result
from djhipchat2.backends.mail import HipChatBackend
from djhipchat2.states import Outcome, Scope
from tests.backends.mail_receiver import PASSWORD, deliver, use
from tests.backends.sending import a_message

Talk = Callable[[socket.socket], None]


def until(connection: socket.socket, word: bytes) -> None:
    """Read up to a line that begins with a word, answering OK to those before."""
    with connection.makefile("rb") as stream:
        while not stream.readline().upper().startswith(word):
            connection.sendall(b"250 OK\r\n")


def says_nothing(connection: socket.socket) -> None:
    connection.recv(1)


def breaks_off_after_the_greeting(connection: socket.socket) -> None:
    connection.sendall(b"220 ready\r\n")
    until(connection, b"MAIL")


def breaks_off_after_the_text(connection: socket.socket) -> None:
    connection.sendall(b"220 ready\r\n")
    until(connection, b"DATA")
    connection.sendall(b"354 go on\r\n")
    with connection.makefile("rb") as stream:
        while stream.readline() != b".\r\n":
            pass


def greets_with_a_refusal(connection: socket.socket) -> None:
    connection.sendall(b"554 no service here for s3cretPassw0rd\r\n")
    connection.recv(1)


def test_a_server_that_is_down_is_unavailable(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        use(settings, listener.getsockname()[1])

    result = deliver()

    assert result == Result(
        Outcome.UNAVAILABLE,
        error="The mail server gave no answer: Connection refused.",
        scope=Scope.CONNECTION,
    )


@pytest.mark.parametrize(
    ("talk", "outcome", "error"),
    [
        (
            says_nothing,
            "unavailable",
            "The mail server gave no answer: Connection unexpectedly closed: timed out.",
        ),
        (
            breaks_off_after_the_greeting,
            "unknown",
            "The mail server gave no answer: Connection unexpectedly closed.",
        ),
        (
            breaks_off_after_the_text,
            "unknown",
            "The mail server gave no answer: Connection unexpectedly closed.",
        ),
        (greets_with_a_refusal, "rejected", "SMTP 554: no service here for ***"),
    ],
)
def test_an_answer_that_is_missing_counts_by_when(
    settings: Any, talk: Talk, outcome: str, error: str
) -> None:
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    with socket.create_server(("127.0.0.1", 0)) as listener:
        use(settings, listener.getsockname()[1])

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        backend = HipChatBackend(alias="ops", to="ops@example.com")
        result = backend.deliver(a_message(), timeout=0.5)
        thread.join()

    assert (str(result.outcome), result.error) == (outcome, error)
