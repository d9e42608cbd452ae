"""Each message of the corpus looks in each dialect as it did when somebody last looked at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.markup import golden

COVERED = 40


@pytest.mark.parametrize("dialect", golden.DIALECTS)
@pytest.mark.parametrize("name", golden.CASES)
def test_a_message_looks_as_it_did(name: str, dialect: str) -> None:
    wanted = golden.golden_file(dialect, name).read_text().removesuffix("\n")

    assert golden.rendered(dialect, name) == wanted


@pytest.mark.parametrize("dialect", golden.DIALECTS)
@pytest.mark.parametrize("name", [name for name in golden.CASES if name.startswith("cut_")])
def test_a_message_that_is_cut_keeps_the_limit_and_says_so(name: str, dialect: str) -> None:
    document, limit = golden.case(name)

    text = golden.DIALECTS[dialect].render(document, limit=limit)

    assert golden.SIZES[dialect](text) <= limit
    assert "… (shortened)" in text


def test_the_corpus_is_large_and_every_file_of_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {path.relative_to(golden.GOLDEN) for path in golden.GOLDEN.glob("*/*.txt")}
    monkeypatch.setattr(golden, "GOLDEN", tmp_path)
    monkeypatch.setattr(golden, "rendered", lambda _dialect, name: name)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "of_a_message_that_is_gone.txt").write_text("")

    count = golden.write_all()

    written = {path.relative_to(tmp_path) for path in tmp_path.glob("*/*.txt")}
    assert len(golden.CASES) >= COVERED
    assert count == len(written)
    assert written == kept
