from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from djhipchat2.fitting import fitting_sender, fitting_text, storable
from djhipchat2.message import V1, V2, Limits, Message

ANY_TEXT = st.text(st.characters())


@pytest.mark.parametrize(
    ("text", "fitting"),
    [
        ("hello", "hello"),
        ("", "(empty message)"),
        (" \n", "(empty message)"),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ud83db", "a?b"),
        ("x" * 10_000, "x" * 10_000),
        ("x" * 10_001, "x" * 9_987 + "… (shortened)"),
    ],
)
def test_a_text_is_changed_only_where_hipchat_would_refuse_it(text: str, fitting: str) -> None:
    assert fitting_text(text, V1) == fitting


@pytest.mark.parametrize(
    ("limits", "sender", "fitting"),
    [
        (V1, "My_app-1 b", "My_app-1 b"),
        (V1, "Ops (Crit)", "Ops -Crit-"),
        (V1, "a/very/long/sender", "a-very-long-sen"),
        (V1, "", "-"),
        (V1, "a\0b", "a-b"),
        (V1, "Böt", "Böt"),
        (V2, "Ops (Crit)", "Ops (Crit)"),
        (V2, "x" * 65, "x" * 64),
        (V2, "", ""),
    ],
)
def test_a_sender_is_changed_only_where_hipchat_would_refuse_it(
    limits: Limits, sender: str, fitting: str
) -> None:
    assert fitting_sender(sender, limits) == fitting


@settings(deadline=None)
@given(text=ANY_TEXT, sender=ANY_TEXT, limits=st.sampled_from([V1, V2]))
def test_what_is_made_to_fit_is_a_valid_message(text: str, sender: str, limits: Limits) -> None:
    made = Message(
        room_id="Ops",
        text=fitting_text(text, limits),
        sender=fitting_sender(sender, limits),
        limits=limits,
    )

    assert fitting_text(made.text, limits) == made.text
    assert fitting_sender(made.sender, limits) == made.sender


@settings(deadline=None, max_examples=20)
@given(padding=st.integers(-30, 30), text=st.text(st.characters(), min_size=1, max_size=5))
def test_texts_about_as_long_as_the_limit_fit(padding: int, text: str) -> None:
    long = (text * 10_000)[: 10_000 + padding]

    assert Message(room_id="Ops", text=fitting_text(long, V1))


@settings(deadline=None)
@given(ANY_TEXT)
def test_storable_text_keeps_its_length(text: str) -> None:
    kept = storable(text)

    assert len(kept) == len(text)
    assert "\0" not in kept
    assert kept.encode().decode() == kept
