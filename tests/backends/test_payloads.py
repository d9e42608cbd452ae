"""What each service is sent for the corpus: as written down, and within the service's limits."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from slack_sdk.models.attachments import Attachment, AttachmentField

from tests.backends import golden
from tests.backends.corpus import MESSAGES
from tests.backends.golden import WRITTEN, payload_of, payloads_of, written

NAMES = list(MESSAGES)


@pytest.mark.parametrize("service", WRITTEN)
def test_payloads_are_those_that_are_written_down(service: str) -> None:
    assert payloads_of(service) == written(service)


def test_writing_them_down_writes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in golden.FOLDER.iterdir()}
    monkeypatch.setattr(golden, "FOLDER", tmp_path)

    golden.write_all()

    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == kept


def attachment_of(service: str, name: str) -> dict[str, Any]:
    attachment: dict[str, Any] = payload_of(service, name)["attachments"][0]
    return attachment


@pytest.mark.parametrize("name", NAMES)
def test_slack_s_own_library_knows_every_field(name: str) -> None:
    attachment = attachment_of("slack webhook", name)
    fields = [AttachmentField(**field) for field in attachment.pop("fields", [])]
    markdown_in = attachment.pop("mrkdwn_in")

    made = Attachment(**{"text": "", **attachment}, fields=fields, markdown_in=markdown_in)

    made.validate_json()
    assert len(json.dumps(payload_of("slack webhook", name), ensure_ascii=False)) <= 40_000


@pytest.mark.parametrize("name", NAMES)
def test_slack_s_two_ways_carry_the_same(name: str) -> None:
    by_token = payload_of("slack api", name)

    for own in ("channel", "unfurl_links", "unfurl_media"):
        by_token.pop(own)
    assert by_token == payload_of("slack webhook", name)


@pytest.mark.parametrize("name", NAMES)
def test_an_adaptive_card_keeps_microsoft_s_schema_and_teams_size(name: str) -> None:
    schema = json.loads(
        files("adaptive_cards").joinpath("schemas/schema-1.5.json").read_text(encoding="utf-8")
    )
    payload = payload_of("teams", name)

    (attachment,) = payload["attachments"]
    assert attachment["content"].pop("msteams") == {"width": "Full"}  # Teams' own
    jsonschema.validate(attachment["content"], schema)
    assert len(json.dumps(payload, ensure_ascii=False).encode()) <= 28 * 1024


def characters_of(embed: dict[str, Any]) -> int:
    """Return what Discord counts of an embed ("Embed Limits")."""
    texts = [embed.get("title", ""), embed.get("description", "")]
    texts += [embed.get("author", {}).get("name", "")]
    texts += [text for field in embed.get("fields", []) for text in (field["name"], field["value"])]
    return sum(map(len, texts))


@pytest.mark.parametrize("name", NAMES)
def test_an_embed_keeps_discord_s_limits(name: str) -> None:
    payload = payload_of("discord", name)

    (embed,) = payload["embeds"]
    assert len(embed.get("description", "")) <= 4_096
    assert len(embed.get("title", "")) <= 256
    assert len(embed.get("fields", [])) <= 25
    for field in embed.get("fields", []):
        assert 1 <= len(field["name"]) <= 256
        assert 1 <= len(field["value"]) <= 1_024
    assert characters_of(embed) <= 6_000
    assert 1 <= len(payload.get("username", "x")) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_a_message_keeps_google_chat_s_size(name: str) -> None:
    payload = payload_of("googlechat", name)

    assert len(json.dumps(payload, ensure_ascii=False).encode()) <= 32_000


class Elements(HTMLParser):
    """Collects the elements of Telegram's html, which must all be closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", NAMES)
def test_a_text_keeps_telegram_s_html_and_size(name: str) -> None:
    text = payload_of("telegram", name)["text"]

    elements = Elements(text)
    assert elements.open == []
    assert elements.names <= {"b", "i", "u", "s", "a", "code", "pre", "blockquote"}
    assert 1 <= len(text.encode("utf-16-le")) // 2 <= 4_096


@pytest.mark.parametrize("name", NAMES)
def test_a_text_keeps_zulip_s_size(name: str) -> None:
    form = payload_of("zulip", name)

    assert 1 <= len(form["content"]) <= 10_000
    assert 1 <= len(form["topic"]) <= 60


@pytest.mark.parametrize("service", [service for service in WRITTEN if "slack" not in service])
def test_what_is_cut_says_so(service: str) -> None:
    content = json.dumps(payload_of(service, "the longest text of signs"), ensure_ascii=False)

    assert "… (shortened)" in content or service in ("mattermost", "rocketchat", "googlechat")
