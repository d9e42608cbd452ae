"""German and Arabic are complete: whatever the package says can be said in another language."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract
from django.utils.translation.template import templatize

import djhipchat2

pytestmark = pytest.mark.once

PACKAGE = Path(djhipchat2.__file__).parent
LANGUAGES = ("ar", "de")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "blocktranslate": None,
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{\w*\}")
#: A number may be said in words: "one message".
NUMBER = "count"

Text = str | tuple[str, ...]


def sources() -> Iterator[bytes]:
    """Yield what is to be searched for texts, as Python."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.read_bytes()
    for path in sorted(PACKAGE.rglob("*.html")):
        yield templatize(path.read_text(encoding="utf-8")).encode()


def texts() -> set[Text]:
    """Return each text of the package that is marked for translation."""
    found: set[Text] = set()
    for source in sources():
        for _, message, _, _ in extract("python", io.BytesIO(source), keywords=KEYWORDS):
            found.add(message if isinstance(message, str) else tuple(message[:2]))
    return found


def catalog(language: str, kind: str) -> polib.POFile | polib.MOFile:
    path = PACKAGE / "locale" / language / "LC_MESSAGES" / f"django.{kind}"
    return polib.pofile(str(path)) if kind == "po" else polib.mofile(str(path))


def entries(language: str, kind: str = "po") -> dict[Text, list[str]]:
    """Return the translations by their texts."""
    return {
        (entry.msgid, entry.msgid_plural) if entry.msgid_plural else entry.msgid: (
            list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        )
        for entry in catalog(language, kind)
        if "fuzzy" not in entry.flags
    }


def test_the_search_finds_texts_of_code_and_templates() -> None:
    found = texts()

    assert {"rooms on hold", "What happened"} <= found
    assert ("%(count)d attempt", "%(count)d attempts") in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    translated = {text for text, forms in entries(language).items() if all(forms)}

    assert texts() - translated == set()
    assert translated - texts() == set()


@pytest.mark.parametrize(("language", "forms"), [("ar", 6), ("de", 2)])
def test_every_number_has_its_form(language: str, forms: int) -> None:
    numbered = [found for text, found in entries(language).items() if isinstance(text, tuple)]

    assert {len(found) for found in numbered} == {forms}


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_same_placeholders(language: str) -> None:
    for text, forms in entries(language).items():
        plural = text if isinstance(text, str) else text[1]
        wanted = sorted(match[0] for match in PLACEHOLDER.finditer(plural))
        for form in forms:
            found = sorted(match[0] for match in PLACEHOLDER.finditer(form))
            without = [word for word in wanted if NUMBER not in word]
            assert found in (wanted, without), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_is_up_to_date(language: str) -> None:
    compiled = entries(language, "mo")

    assert {text: forms for text, forms in compiled.items() if text} == entries(language)
