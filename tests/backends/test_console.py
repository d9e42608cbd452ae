from __future__ import annotations

import io

import pytest

from djhipchat2.backends.console import HipChatBackend
from tests.backends.sending import a_message


def test_messages_are_written_to_the_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    HipChatBackend().deliver(a_message(room_id=7, sender="Bot", color="red"))

    assert capsys.readouterr().out == "[7] Bot (red, html): hello\n"


def test_a_message_that_notifies_is_marked() -> None:
    stream = io.StringIO()
    backend = HipChatBackend(stream=stream)

    backend.deliver(a_message(notify=True, message_format="text"))
    backend.deliver(a_message(text="again"))

    assert stream.getvalue() == (
        "[Ops] Django (yellow, text) !: hello\n[Ops] Django (yellow, html): again\n"
    )


def test_a_stream_that_cannot_write_a_character_gets_a_substitute() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")

    HipChatBackend(stream=stream).deliver(a_message(text="caf\xe9 \N{ROCKET}"))

    assert raw.getvalue() == b"[Ops] Django (yellow, html): caf\\xe9 \\U0001f680\n"
