"""What can be learnt of a person's own texts: what comes next, a tag for each word, another text."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.cli.main import main
from engine.codegen.build import build
from engine.data.columns.tags import TagsColumn
from engine.data.columns.text import CHARACTER, GIVEN, MARK, TextColumn
from engine.data.opening import open_data
from engine.data.opening_texts import is_written
from engine.data.own.text_lines import FILE, TextLines
from engine.data.pieces import NEXT
from engine.data.prepare import Prepared, prepare, schema
from engine.data.sampling import NextToken
from engine.data.sets.texts import NEXT_LETTER, FirstNames
from engine.data.settings import DataSettings
from engine.data.signs import PADDING
from engine.layers.attention import Embedding
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.layers.rearrange import Transpose
from engine.layers.recurrent import LSTM, SEQUENCE
from engine.losses.classification import NO_CLASS, CrossEntropy
from engine.message import Trouble
from engine.optim.optimisers import Adam
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.runs.record import Record
from engine.store import project_file
from engine.templates import template
from engine.templates.builder import Sketch
from engine.templates.suggest import suggest
from engine.training.predict import Predictor
from engine.training.reports import Progress, Report
from engine.training.train import Trained, train
from engine.training.writing import write_on
from tests.engine.projects import with_recipe

NAMES = [f"{first}{middle}{last}" for first in "ABCDE" for middle in ("an", "el", "o") for last in "naists"]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(text: str, name: str = "texts.txt", encoding: str = "utf-8") -> Path:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(text.encode(encoding))
    return Path(name)


def table(*rows: tuple[object, ...], name: str = "table.csv") -> Path:
    with open(name, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return Path(name)


def parts(prepared: Prepared) -> list[dict[str, np.ndarray]]:
    return [dict(part.batch(slice(None))) for part in (prepared.train, prepared.validation, prepared.test)]


def texts(prepared: Prepared, column: str, part: dict[str, np.ndarray]) -> list[str]:
    (encoder,) = prepared.encoders[column]
    assert isinstance(encoder.type, TextColumn)
    return [encoder.type.decode(row, encoder.fitted) for row in part[column].tolist()]


# --------------------------------------------------------------------------- what comes next


def test_a_file_of_lines_gives_each_text_and_what_comes_next_in_it() -> None:
    data = open_data(written("\n".join(NAMES)))
    assert isinstance(data.source, TextLines)
    assert isinstance(data.sampling, NextToken)
    known = schema(data)
    assert (known.inputs, known.target) == (("text",), NEXT)
    prepared = prepare(data)
    found = [texts(prepared, NEXT, part) for part in parts(prepared)]
    assert sorted(itertools.chain(*found)) == sorted(NAMES)
    for part in parts(prepared):
        assert (part["text"][:, 0] == MARK).all()
        ends = (part[NEXT] == MARK).sum(1)
        assert (ends == 1).all(), "each of these short texts ends once"
        counted = part[NEXT][:, :-1] != PADDING
        following = part["text"][:, 1:][part[NEXT][:, 1:] != PADDING]
        np.testing.assert_array_equal(following, part[NEXT][:, :-1][counted & (part[NEXT][:, :-1] != MARK)])
    assert prepared.schema.classes[MARK] == "<end>"
    assert known.columns["text"].most == len(known.classes) - 1


def test_a_text_longer_than_a_piece_goes_on_in_the_next_and_in_the_same_part() -> None:
    lines = [f"{number} " + "ab cd ef gh " * (1 + number % 5) for number in range(40)]
    data = open_data(written("\n".join(lines)))
    data = data.with_setting("sampling", NextToken(length=10))
    prepared = prepare(data)
    seen: dict[int, int] = {}
    for place, part in enumerate((prepared.train, prepared.validation, prepared.test)):
        for row in part.rows.tolist():  # type: ignore[attr-defined]  # all in memory
            assert seen.setdefault(row, place) == place
    (encoder,) = prepared.encoders[NEXT]
    counted = sum(int((part[NEXT] != PADDING).sum()) for part in parts(prepared))
    assert counted == sum(len(line) + 1 for line in lines)
    train = dict(prepared.train.batch(slice(None)))
    rows = prepared.train.rows  # type: ignore[attr-defined]  # all in memory
    row = next(row for row in rows if row % 5 == 4)
    whole = train[NEXT][rows == row].ravel()
    assert encoder.type.decode(whole, encoder.fitted) == lines[row]  # type: ignore[attr-defined]  # a text's


def test_one_long_text_is_cut_by_its_order_and_that_is_said() -> None:
    letters = "".join(chr(97 + place % 26) if place % 7 else " " for place in range(5000))
    data = open_data(written(letters))
    assert data.source.each == FILE  # type: ignore[attr-defined]  # of lines
    prepared = prepare(data)
    (encoder,) = prepared.encoders[NEXT]
    found = [
        encoder.type.decode([one for one in part[NEXT].ravel() if one != MARK], encoder.fitted)  # type: ignore[attr-defined]  # a text's
        for part in parts(prepared)
    ]
    assert "".join(found) == letters
    assert [len(one) for one in found] == [3500, 750, 750]
    assert any("1 long text" in str(note) for note in prepared.noticed)


def test_a_folder_of_files_is_one_corpus_and_keeps_its_own_parts() -> None:
    for part, count in (("train", 2), ("test", 1)):
        for number in range(count):
            written("ab" * 50 if part == "train" else "ba" * 50, f"corpus/{part}/{number}.txt")
    prepared = prepare(open_data(Path("corpus")))
    train, validation, test = (texts(prepared, NEXT, part) for part in parts(prepared))
    assert "".join(test) == "ba" * 50
    assert sorted("".join(train + validation)) == sorted("ab" * 100)


def test_a_table_of_texts_alone_is_a_corpus() -> None:
    data = open_data(table(("line",), *((name,) for name in NAMES for name in (f"{name} of the hill",))))
    assert isinstance(data.sampling, NextToken)
    assert len(prepare(data).train)


def test_only_a_text_alone_can_be_gone_on_with() -> None:
    data = open_data(written("\n".join(NAMES)))
    tags = data.columns[0].with_setting("role", "ignore")
    with pytest.raises(Trouble, match="one text as the only input"):
        schema(data.with_setting("columns", (tags,)))


# --------------------------------------------------------------------------- a tag for each word

WORDS = {"the": "D", "a": "D", "cat": "N", "dog": "N", "runs": "V", "sees": "V"}


def tagged(rows: int = 60, listed: bool = False) -> list[tuple[str, str]]:
    chance = np.random.default_rng(2)
    found = []
    for _ in range(rows):
        words = chance.choice(list(WORDS), int(chance.integers(2, 7))).tolist()
        tags = [WORDS[word] for word in words]
        found.append((json.dumps(words), json.dumps(tags)) if listed else (" ".join(words), " ".join(tags)))
    return found


@pytest.mark.parametrize("listed", [False, True])
def test_tags_beside_words_are_found_and_belong_together(listed: bool) -> None:
    data = open_data(table(("words", "tags"), *tagged(listed=listed)))
    text, tags = data.columns
    assert isinstance(text.type, TextColumn)
    assert text.type.unit == GIVEN
    assert isinstance(tags.type, TagsColumn)
    assert (tags.role, tags.type.names) == ("target", ("D", "N", "V"))
    prepared = prepare(data)
    (encoder,) = prepared.encoders["words"]
    names = ("padding", "�", *encoder.type.tokens(encoder.fitted))  # type: ignore[attr-defined]  # a text's
    classes = prepared.schema.classes
    assert prepared.schema.columns["tags"].padding == PADDING
    for part in parts(prepared):
        for words, marks in zip(part["words"].tolist(), part["tags"].tolist(), strict=True):
            for word, mark in zip(words, marks, strict=True):
                expected = WORDS.get(names[word], classes[mark] if word == 1 else "padding")
                assert classes[mark] == expected


def test_a_row_with_another_number_of_tags_is_named() -> None:
    rows = tagged()
    opened = open_data(table(("words", "tags"), *rows))
    rows[4] = ("the cat runs", "D N")
    table(("words", "tags"), *rows)
    source = opened.source.with_setting("fingerprint", "")
    data = opened.with_setting("source", source)
    with pytest.raises(
        Trouble, match=r"table\.csv, row 5: expected a tag for each of its 3 words, received 2"
    ):
        prepare(data)
    prepared = prepare(data.with_setting("unreadable", "skip"))
    (skipped,) = prepared.skipped
    assert (skipped.count, skipped.place) == (1, "table.csv, row 5")


def test_tags_need_a_text_that_is_read_as_given() -> None:
    data = open_data(table(("words", "tags"), *tagged()))
    text, tags = data.columns
    text = text.with_setting("type", text.type.with_setting("unit", CHARACTER))
    with pytest.raises(Trouble, match="as given"):
        prepare(data.with_setting("columns", (text, tags)))


# --------------------------------------------------------------------------- another text


def translated() -> DataSettings:
    chance = np.random.default_rng(3)
    rows = []
    for _ in range(60):
        digits = "".join(map(str, chance.integers(0, 6, int(chance.integers(3, 8)))))
        rows.append((f"{digits} please", f"{digits[::-1]} done"))
    return open_data(table(("read", "write"), *rows), "write")


def test_a_text_to_be_written_comes_with_what_is_written_so_far() -> None:
    data = translated()
    known = schema(data)
    assert known.inputs == ("read", "write so far")
    prepared = prepare(data)
    for part in parts(prepared):
        target, before = part["write"], part["write so far"]
        assert (before[:, 0] == MARK).all()
        np.testing.assert_array_equal(
            np.where(target[:, :-1] == MARK, PADDING, target[:, :-1]),
            np.where(target[:, :-1] == MARK, PADDING, before[:, 1:]),
        )
        assert all(text.endswith(" done") for text in texts(prepared, "write", part))
    assert known.columns["write so far"].most == len(known.classes) - 1


# --------------------------------------------------------------------------- what fills up does not count


def writer(data: DataSettings, **loss: int | None) -> Project:
    recipe = Recipe(optimiser=Adam(rate=0.01), epochs=2, batch_size=16)
    sketch = Sketch("Writer", data, recipe)
    known = schema(data)
    column = known.columns[known.inputs[0]]
    x = sketch.chain(sketch.add(Input()), Embedding(entries=(column.most or 0) + 1, width=6))
    x = sketch.chain(x, LSTM(hidden_size=8, give=SEQUENCE), Linear(out_features=len(known.classes)))
    metrics = ("accuracy", "perplexity")
    sketch.chain(x, Transpose(), Output(loss=CrossEntropy(**loss), metrics=metrics))
    return sketch.project()


class ByHand(nn.Module):
    def __init__(self, tokens: int, classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, 6)
        self.lstm, self.out = nn.LSTM(6, 8, batch_first=True), nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.out(self.lstm(self.embedding(x))[0]).transpose(1, 2)
        return scores


@pytest.fixture
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before[0])
    torch.set_rng_state(before[1])


@pytest.mark.usefixtures("_one_thread")
@pytest.mark.parametrize(("task", "ignore"), [("next", None), ("tags", None), ("next", NO_CLASS)])
def test_the_losses_are_those_of_a_plain_loop_that_ignores_padding(task: str, ignore: int | None) -> None:
    path = written("\n".join(NAMES)) if task == "next" else table(("words", "tags"), *tagged())
    project = writer(open_data(path), ignore=ignore)
    prepared, recipe = prepare(project.data), project.recipe
    known, columns = prepared.schema, prepared.train.batch(slice(None))
    x, y = torch.tensor(columns[known.inputs[0]]), torch.tensor(columns[known.target])
    shuffle = torch.Generator().manual_seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    network = ByHand((known.columns[known.inputs[0]].most or 0) + 1, len(known.classes))
    optimiser = torch.optim.Adam(network.parameters(), 0.01, fused=True)
    losses = []
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(x), generator=shuffle).split(recipe.batch(len(x))):
            optimiser.zero_grad()
            padding = PADDING if ignore is None else ignore
            loss = nn.functional.cross_entropy(network(x[rows]), y[rows], ignore_index=padding)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    found = [loss for one in train(project) if isinstance(one, Progress) for loss in one.losses]
    assert found == pytest.approx(losses, rel=1e-6)


def test_it_is_trained_from_the_command_line_and_judged_without_padding(
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = open_data(written("\n".join(NAMES * 2)))
    project = writer(data)
    project_file.save(project, Path("writer.loom"))
    assert main(["train", "writer.loom", "--json", "--device", "cpu", "--out", "run", "--epochs", "3"]) == 0
    metrics = json.loads(capsys.readouterr().out.splitlines()[-1])["metrics"]["test"]
    assert metrics["perplexity"] == pytest.approx(np.exp(metrics["loss"]), rel=1e-4)
    assert metrics["perplexity"] < len(schema(data).classes)


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("a\tb\n1\t2\n3\t4\n", True),
        ("a;b\n1;2\n3;4\n", True),
        ("Once upon a time,\nthere was a cat.\n", False),
        ("Anna\nBen\nClara\n", False),
        ("", False),
    ],
)
def test_a_table_that_is_called_text_stays_a_table(text: str, table: bool) -> None:
    assert is_written(written(text)) is not table


# --------------------------------------------------------------------------- what should be known of texts


def test_what_is_unknown_cut_empty_or_on_both_sides_is_said() -> None:
    rows = [(f"{'abcdefgh'[row % 8]} walk over the hill number {row}", row % 2) for row in range(100)]
    rows += [("a walk " + "far " * 50, 1)] + [("the same walk in the rain", 0)] * 30
    data = open_data(table(("text", "good"), *rows), "good")
    text = TextColumn(unit="word", length=12, size=60)
    columns = tuple(one.with_setting("type", text) if one.name == "text" else one for one in data.columns)
    notes = [str(note) for note in prepare(data.with_setting("columns", columns)).noticed]
    unknown, cut, twice = notes
    assert "% of the tokens of text in the validation part are not in its vocabulary of 60" in unknown
    assert (
        cut == "1 of 131 texts of text has more than 12 tokens and is cut, the first is table.csv, row 101."
    )
    assert "of text that validate or test stand among those to train on as well" in twice


def test_texts_that_are_empty_are_counted() -> None:
    for number in range(30):
        written("" if number == 4 else f"text {number}", f"corpus/{number:02}.txt")
    notes = [str(note) for note in prepare(open_data(Path("corpus"))).noticed]
    assert "1 text of text is empty, the first is 04.txt." in notes


# --------------------------------------------------------------------------- what a network writes


def trained(project: Project) -> Predictor:
    built = build(project, seed=0)
    return Predictor(project, built.module)


def test_a_network_goes_on_with_a_text_the_same_way_for_the_same_seed() -> None:
    predictor = trained(writer(open_data(written("\n".join(NAMES)))))
    found = [write_on(predictor, "An", length=30, seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert all(text.startswith("An") for text in found)
    assert "�" not in "".join(found)
    likeliest = [write_on(predictor, "An", length=30, temperature=0, seed=seed) for seed in range(2)]
    assert likeliest[0] == likeliest[1]
    assert write_on(predictor, "An", length=0) == "An"


def test_a_network_that_learnt_a_text_by_heart_writes_it() -> None:
    project = writer(open_data(written("\n".join(["never more"] * 40))))
    project = with_recipe(project, epochs=60)
    left: list[Trained] = []

    def to_the_end() -> Iterator[Report]:
        left.append((yield from train(project)))

    assert list(to_the_end())
    predictor = Predictor(project, left[0].built.module)
    assert write_on(predictor, "never", temperature=0) == "never more"
    assert write_on(predictor, temperature=0) == "never more"


def test_only_what_foretells_the_next_token_writes() -> None:
    with pytest.raises(Trouble, match="does not write"):
        write_on(trained(writer(open_data(table(("words", "tags"), *tagged())))), "the")


def test_what_was_typed_becomes_the_numbers_that_were_trained_on() -> None:
    prepared = prepare(open_data(written("\n".join(NAMES))))
    signs = prepared.signs("text")
    assert signs is not None
    length = prepared.schema.columns["text"].shape[0]
    for text, row in zip(
        texts(prepared, "text", parts(prepared)[0]), parts(prepared)[0]["text"], strict=True
    ):
        again = prepared.encode_raw({"text": np.array([text], object)})["text"][0]
        np.testing.assert_array_equal(signs.encode([text], length)[0], again)
        np.testing.assert_array_equal(again, row)
        assert signs.decode(row) == text
    assert signs.read("Zä") == [("Z", False), ("ä", False)]
    translating = prepare(translated())
    begun = translating.encode_raw({"read": np.array(["12 please", "3"], object)})["write so far"]
    assert begun.tolist() == [[MARK, *[0] * (begun.shape[1] - 1)]] * 2


def run_of(project: Project) -> Path:
    project_file.save(project, Path("p.loom"))
    assert main(["train", "p.loom", "--device", "cpu", "--out", "run", "--json"]) == 0
    return Path("run")


def test_predict_goes_on_with_a_prompt(capsys: pytest.CaptureFixture[str]) -> None:
    run_of(with_recipe(writer(open_data(written("\n".join(["never more"] * 40)))), epochs=60))
    capsys.readouterr()
    assert main(["predict", "run", "--prompt", "nev", "--temperature", "0"]) == 0
    assert capsys.readouterr().out == "never more\n"
    assert main(["predict", "run", "--prompt", "nev", "--length", "2", "--temperature", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "never"
    for wrong in (["--length", "-1"], ["--temperature", "nan"], ["--seed", "-3"]):
        assert main(["predict", "run", "--prompt", "nev", *wrong]) == 2
    assert main(["predict", "run"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_translation_is_written_by_the_network_itself(capsys: pytest.CaptureFixture[str]) -> None:
    project = suggest(translated()).project
    run_of(with_recipe(project, epochs=6))
    table(("read",), ("123 please",), ("5",), name="new.csv")
    capsys.readouterr()
    assert main(["predict", "run", "new.csv", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["predictions"]
    predictor = Record(Path("run")).predictor()
    read = predictor.prepared.encode_raw({"read": np.array(["123 please", "5"], object)})["read"]
    alone = [write_on(predictor, read={"read": row}, temperature=0) for row in read]
    assert [one["write predicted"] for one in said] == alone
    assert all(alone)


def test_tags_are_told_for_the_words_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    data = open_data(table(("words", "tags"), *tagged(200)))
    run_of(with_recipe(suggest(data).project, epochs=12))
    table(("words",), ("the cat runs",), ("a dog",), name="new.csv")
    capsys.readouterr()
    assert main(["predict", "run", "new.csv", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["predictions"]
    assert [one["tags predicted"] for one in said] == ["D N V", "D N"]


def test_names_that_come_with_the_program_can_be_written_too() -> None:
    prepared = prepare(DataSettings(source=FirstNames(asked=NEXT_LETTER)))
    signs = prepared.signs("name")
    assert signs is not None
    row = prepared.train.batch(slice(0, 1))
    name = signs.decode(row["name"][0])
    assert row["next"][0][: len(name)].tolist() == signs.numbers(name)[1:]
    assert row["next"][0][len(name)] == MARK
    assert prepared.schema.columns["next"].padding == PADDING
    predictor = trained(template("names-writer").project())
    assert write_on(predictor, "Ma", length=5).startswith("ma")
