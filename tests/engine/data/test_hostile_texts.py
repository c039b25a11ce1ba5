"""Texts and text files as nobody would write them: data or a sentence, in bounded time and memory."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.columns.tags import TagsColumn
from engine.data.columns.text import CHARACTER, END, GIVEN, NO_MARKS, PIECE, START, WORD, TextColumn
from engine.data.opening import open_data
from engine.data.own.text_lines import FILE, TextLines
from engine.data.pieces import NEXT
from engine.data.prepare import Prepared, prepare
from engine.data.signs import PADDING
from engine.message import Trouble

LINES = [f"line {number} of a text" for number in range(30)]
ANY_TEXT = st.text(st.characters(codec=None), max_size=40)  # surrogates and NUL too


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def opened(data: bytes, name: str = "texts.txt") -> Prepared:
    Path(name).write_bytes(data)
    return prepare(open_data(Path(name)))


def objects(*texts: object) -> np.ndarray:
    return np.array([*texts, None], object)[:-1]


def told(make: Callable[[], Any]) -> Any:
    """What is made, or the sentence that says why not."""
    try:
        return make()
    except Trouble as trouble:
        return str(trouble)


@given(st.lists(ANY_TEXT, min_size=1, max_size=6), st.sampled_from([CHARACTER, WORD, PIECE, GIVEN]))
@settings(max_examples=60, deadline=None)
def test_any_text_becomes_numbers_and_text_again(texts: list[str], unit: str) -> None:
    for marks in (NO_MARKS, END, START):
        column = TextColumn(unit=unit, size=400, length=50, small_letters=False, marks=marks)
        fitted = json.loads(json.dumps(column.fit(objects(*texts))))
        coded = column.encode(objects(*texts, "", "\0", "�"), fitted, marks == END)
        assert ((coded >= 0) & (coded < 400)).all()
        back = [column.decode(row, fitted) for row in coded.tolist()]
        if unit == CHARACTER:
            assert back[: len(texts)] == texts


@given(
    st.one_of(ANY_TEXT, st.lists(st.one_of(ANY_TEXT, st.integers(), st.none()), max_size=5).map(json.dumps))
)
@settings(max_examples=60, deadline=None)
def test_any_tags_are_numbers_or_a_sentence(value: str) -> None:
    column = TagsColumn(names=("A", "B"), length=4)
    found = told(lambda: column.encode(objects(value, "A B"), {}, True))
    if isinstance(found, str):
        assert "Expected tags of A, B" in found
    else:
        assert found[1].tolist() == [1, 2, PADDING, PADDING]


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_data_or_a_sentence(data: bytes) -> None:
    found = told(lambda: opened(data))
    assert len(found) > 20 if isinstance(found, str) else len(found.train)


@given(st.lists(ANY_TEXT.filter(lambda text: "\0" not in text), min_size=1, max_size=30))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_lines_are_data_or_a_sentence(texts: list[str]) -> None:
    found = told(lambda: opened("\n".join(texts).encode("utf-8", "replace")))
    assert len(found) > 20 if isinstance(found, str) else len(found.train)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "holds no text"),
        (b"\n\n \n", "holds no text"),
        (b"a", "too short"),
        ("\n".join([*LINES, "a\0b"]).encode(), r"texts\.txt, line 31, was expected to be text"),
        (b"a\0b", "binary data"),
    ],
    ids=["empty", "blank", "one letter", "NUL in a line", "NUL"],
)
def test_what_is_no_text_is_told(data: bytes, words: str) -> None:
    with pytest.raises(Trouble, match=words):
        opened(data)


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧 families 🏳️‍🌈 and 👍🏽",
        "שלום עולם, ‏מה שלומך",
        "مرحبا بالعالم",
        "床前明月光，疑是地上霜。",
        "e\u0301 é ﬁ İ",
    ],
    ids=["emoji", "Hebrew", "Arabic", "Chinese", "combining"],
)
def test_every_script_comes_back_as_it_was_written(text: str) -> None:
    prepared = opened("\n".join([f"{text} {number}" for number in range(40)]).encode("utf-8"))
    signs = prepared.signs(NEXT)
    assert signs is not None
    row = prepared.train.batch(slice(0, 1))[NEXT][0].tolist()
    assert signs.decode(row).startswith(text[:40])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "big5"])
def test_the_encoding_is_found(encoding: str) -> None:
    text = "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。"
    prepared = opened("\n".join([text] * 40).encode(encoding))
    signs = prepared.signs(NEXT)
    assert signs is not None
    assert signs.decode(prepared.train.batch(slice(0, 1))[NEXT][0].tolist()) == text


def test_a_wrong_encoding_is_told_with_its_line() -> None:
    Path("texts.txt").write_bytes("\n".join([*LINES, "mañana"]).encode("latin-1"))
    with pytest.raises(Trouble, match=r"line 31: text in UTF-8 was expected, but the bytes f1"):
        open_data(Path("texts.txt"), source=TextLines(encoding="utf-8"))
    with pytest.raises(Trouble, match=r"text in UTF-8 was expected, but the bytes f1"):
        open_data(Path("texts.txt"), source=TextLines(encoding="utf-8", each=FILE))


@pytest.mark.proof
def test_a_line_of_a_hundred_megabytes_is_told_quickly() -> None:
    with open("texts.txt", "wb") as file:
        file.write("\n".join(LINES).encode() + b"\n")
        for _ in range(100):
            file.write(b"a" * 1_000_000)
    begun = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Trouble, match=r"line 31, is too long for one text: .* Cut it"):
        open_data(Path("texts.txt"))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert time.perf_counter() - begun < 10
    assert grown < 1_000_000  # kilobytes
