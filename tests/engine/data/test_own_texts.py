"""A person's own texts: what a token is, the vocabulary of the training part alone, and back again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import attrs
import numpy as np
import pytest

from engine.data.columns.categories import CategoryColumn
from engine.data.columns.column_type import Encoder
from engine.data.columns.text import CHARACTER, PIECE, WORD, TextColumn
from engine.data.opening import open_data
from engine.data.prepare import prepare, schema
from engine.data.signs import UNKNOWN

TEXTS = (
    "The cat sat on the mat.",
    "The dog ran over the hill and far away, as dogs do.",
    "明月松間照，清泉石上流。",
    "Ça va bien, merci beaucoup ☺",
    "",
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def objects(*texts: str | None) -> np.ndarray:
    return np.array([*texts, None], object)[:-1]


@pytest.mark.parametrize("unit", [CHARACTER, PIECE])
def test_a_text_comes_back_whole(unit: str) -> None:
    column = TextColumn(unit=unit, size=400, length=200, small_letters=False)
    fitted = json.loads(json.dumps(column.fit(objects(*TEXTS))))
    coded = column.encode(objects(*TEXTS), fitted, False)
    assert coded.shape == (len(TEXTS), 200)
    assert coded.max() < 400
    assert [column.decode(row, fitted) for row in coded.tolist()] == list(TEXTS)


def test_words_are_cut_at_spaces_and_signs_and_chinese_at_every_character() -> None:
    column = TextColumn(unit=WORD)
    assert column.cut(["The cat's mat, 2nd!", "床前明月光 ok"]) == [
        ["the", "cat", "'", "s", "mat", ",", "2nd", "!"],
        ["床", "前", "明", "月", "光", "ok"],
    ]


def test_the_most_frequent_tokens_have_numbers_and_the_rest_is_unknown() -> None:
    column = TextColumn(unit=CHARACTER, size=4, length=5)
    fitted = column.fit(objects("aaab", "bc", None))
    assert fitted == {"tokens": ["a", "b"]}
    assert column.encode(objects("abcd", "bbbbbbb"), fitted, False).tolist() == [
        [2, 3, UNKNOWN, UNKNOWN, 0],
        [3, 3, 3, 3, 3],
    ]


@pytest.mark.parametrize("unit", [CHARACTER, WORD, PIECE])
def test_the_vocabulary_is_the_same_in_any_order_of_texts(unit: str) -> None:
    column = TextColumn(unit=unit, size=300)
    one, other = column.fit(objects(*TEXTS)), column.fit(objects(*TEXTS[::-1]))
    assert one == other


def names(rows: int = 400) -> Path:
    chance = np.random.default_rng(1)
    with open("names.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["word", "ends"])
        for row in range(rows):
            stem = "".join(chance.choice(list("bcdfgklm"), 6))
            writer.writerow([stem + "ao"[row % 2] + (" z" if row == 7 else " x"), "ao"[row % 2]])
    return Path("names.csv")


def test_a_column_of_texts_of_a_table() -> None:
    data = open_data(names(), "ends")
    assert isinstance(data.columns[0].type, TextColumn)
    assert isinstance(data.columns[1].type, CategoryColumn)
    prepared = prepare(data)
    (encoder,) = prepared.encoders["word"]
    again = Encoder.from_json(json.loads(json.dumps(encoder.json())))
    rows = prepared.train.rows  # type: ignore[attr-defined]  # all in memory
    with open("names.csv", newline="", encoding="utf-8") as file:
        words = [row["word"] for row in csv.DictReader(file)]
    np.testing.assert_array_equal(
        again(objects(*(words[row] for row in rows))), prepared.train.batch(slice(None))["word"]
    )


def test_the_vocabulary_is_that_of_the_training_part() -> None:
    data = open_data(names(), "ends")
    for seed in range(20):
        prepared = prepare(attrs.evolve(data, seed=seed))
        if 7 not in prepared.train.rows:  # type: ignore[attr-defined]  # all in memory
            break
    (encoder,) = prepared.encoders["word"]
    assert "z" not in encoder.fitted["tokens"]


def test_a_text_as_a_target_has_its_tokens_as_classes() -> None:
    data = open_data(names(), "ends")
    text = data.columns[0].type
    columns = (
        data.columns[1].with_setting("role", "input"),
        data.columns[0].with_setting("role", "target"),
    )
    data = attrs.evolve(data, columns=columns)
    assert isinstance(text, TextColumn)
    assert schema(data).columns["word"].shape == (text.length,)
    assert len(schema(data).classes) == text.size
    assert set("ao bcdfgklmx") <= set(prepare(data).schema.classes)


def test_a_folder_with_a_file_for_each_text() -> None:
    for number in range(60):
        path = Path("texts", "ab"[number % 2], f"{number}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        words = "sun rain wind " * 4 if number % 2 else "snow ice frost " * 4
        path.write_text(f"Today: {words}{number}\n", encoding="utf-16" if number % 3 else "utf-8")
    data = open_data(Path("texts"))
    text = data.columns[0].type
    assert isinstance(text, TextColumn)
    assert text.unit == WORD
    prepared = prepare(data)
    (encoder,) = prepared.encoders["text"]
    row = prepared.train.batch(slice(0, 1))["text"][0].tolist()
    assert encoder.type.decode(row, encoder.fitted).startswith("today :")  # type: ignore[attr-defined]  # a text's
