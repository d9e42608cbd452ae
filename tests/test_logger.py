from __future__ import annotations

import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

import djhipchat2
from djhipchat2.connections import connections
from djhipchat2.logger import HipChatHandler
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status
from tests.hipchat_server import HipChatServer

REQUEST = "djhipchat2.backends.request.HipChatBackend"


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A logger whose handlers are taken away afterwards."""
    logger = logging.getLogger("tests.shop")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = True


@pytest.fixture
def chat(hipchat_server: HipChatServer, settings: Any) -> HipChatServer:
    settings.HIPCHAT_BACKEND = REQUEST
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    return hipchat_server


@pytest.mark.django_db
def test_the_sample_of_the_2013_readme_works_as_printed() -> None:
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {
                "djhipchat": {
                    "level": "INFO",
                    "class": "djhipchat.logger.HipChatHandler",
                    "token": "a-token-of-its-own",
                    "room": "4242",
                    "sender": "Myapp",
                    "notify": True,
                    "color": "green",
                    "colors": {"ERROR": "red", "CRITICAL": "red", "WARNING": "yellow"},
                }
            },
            "loggers": {
                "test_handler": {"handlers": ["djhipchat"], "level": "INFO", "propagate": False}
            },
        }
    )
    logger = logging.getLogger("test_handler")

    logger.debug("not this")
    logger.info("Message: %d", 5)
    logger.error("Error: %s", "hello")

    common = {
        "room_id": "4242",
        "from": "Myapp",
        "message_format": "text",
        "notify": 1,
        "format": "json",
    }
    assert djhipchat2.sent_messages == [
        {**common, "message": "Message: 5", "color": "green"},
        {**common, "message": "Error: hello", "color": "red"},
    ]


@pytest.mark.django_db
def test_the_arguments_of_the_2013_code(log: logging.Logger) -> None:
    log.addHandler(HipChatHandler("1234", {"ERROR": "red"}, sender="Test"))
    log.addHandler(HipChatHandler(room_id="5678", sender="Test", color="purple"))

    log.error("hello")

    assert [(m["room_id"], m["color"]) for m in djhipchat2.sent_messages] == [
        ("1234", "red"),
        ("5678", "purple"),
    ]


@pytest.mark.django_db
def test_what_is_too_long_is_shortened(log: logging.Logger) -> None:
    log.addHandler(HipChatHandler("1234", sender="shop.example.com/checkout"))

    log.info("x" * 20_000)

    (payload,) = djhipchat2.sent_messages
    assert payload["from"] == "shop-example-co"
    assert len(payload["message"]) == 10_000
    assert payload["message"].endswith("x… (shortened)")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "sent"),
    [("", "(empty message)"), ("a\0b", "a\ufffdb"), ("half \ud83d pair", "half ? pair")],
)
def test_what_cannot_be_sent_is_made_to_fit(log: logging.Logger, text: str, sent: str) -> None:
    log.addHandler(HipChatHandler("1234"))

    log.info(text)

    assert [m["message"] for m in djhipchat2.sent_messages] == [sent]


@pytest.mark.django_db
def test_a_formatter_makes_the_text(log: logging.Logger) -> None:
    handler = HipChatHandler("1234")
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log.addHandler(handler)

    log.warning("disk is full")

    assert djhipchat2.sent_messages[0]["message"] == "WARNING disk is full"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["djhipchat2.delivery.engine", "urllib3.connectionpool"])
def test_records_about_delivery_itself_are_left_out(name: str) -> None:
    handler = HipChatHandler("1234")
    record = logging.makeLogRecord({"name": name, "msg": "x"})

    handler.handle(record)

    assert djhipchat2.sent_messages == []


@pytest.mark.django_db
def test_what_is_logged_while_a_record_is_sent_is_left_out(log: logging.Logger) -> None:
    class Chatty(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            log.info("from within")
            return "outer"

    handler = HipChatHandler("1234")
    handler.setFormatter(Chatty())
    log.addHandler(handler)

    log.info("hello")

    assert [m["message"] for m in djhipchat2.sent_messages] == ["outer"]


@pytest.mark.django_db
def test_trouble_is_logging_s_and_not_the_callers(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    log.addHandler(HipChatHandler("1234", using="nowhere"))

    log.info("hello")

    assert "Logging error" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_a_record_arrives_with_the_handlers_own_token_which_is_stored_nowhere(
    chat: HipChatServer, log: logging.Logger
) -> None:
    handler = HipChatHandler("Ops", token="TOK2", color="red")
    log.addHandler(handler)

    log.error("disk is full")
    handler.flush()

    row = OutboundMessage.objects.get()
    assert row.status == Status.SENT
    assert row.connection.startswith("options-")
    assert connections[row.connection].token == "TOK2"
    assert "TOK2" not in str(OutboundMessage.objects.values().get())
    (message,) = chat.messages()
    assert (message["message"], message["color"]) == ("disk is full", "red")


@pytest.mark.django_db(transaction=True)
def test_every_process_finds_the_handlers_connection() -> None:
    assert HipChatHandler("Ops", token="TOK2").using == HipChatHandler("Dev", token="TOK2").using
    assert HipChatHandler("Ops", token="TOK").using != HipChatHandler("Ops", token="TOK2").using


@pytest.mark.django_db(transaction=True)
def test_a_record_survives_the_rollback_of_the_failing_request(
    chat: HipChatServer, log: logging.Logger
) -> None:
    handler = HipChatHandler("Ops")
    log.addHandler(handler)

    with transaction.atomic():
        djhipchat2.send_message("Ops", "rolled back", defer=True)
        log.error("the request failed")
        transaction.set_rollback(True)
    handler.flush()

    assert [row.message for row in OutboundMessage.objects.all()] == ["the request failed"]


@pytest.mark.django_db(transaction=True)
def test_the_caller_does_not_wait_for_the_chat(chat: HipChatServer, log: logging.Logger) -> None:
    chat.fault("hang", times=1, seconds=1.5)
    handler = HipChatHandler("Ops")
    log.addHandler(handler)

    log.error("hello")
    arrived_before_the_caller_went_on = bool(chat.messages())
    handler.flush()

    assert not arrived_before_the_caller_went_on
