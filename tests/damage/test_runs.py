"""Whatever happened to the folder of a run, that run alone suffers: the shelf shows the others."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from engine.cli import describe
from engine.message import Trouble
from engine.runs.record import Record
from engine.runs.shelf import Shelf
from engine.runs.thread import Run
from engine.training.checkpoint import Checkpoint
from engine.training.train import train
from gui.panels.runs.run_rows import read_rows
from gui.training.recall import recalled
from tests.damage.damaging import damaged_bytes, damaged_json
from tests.engine.projects import table

EACH = 10  # damaged folders to a test
TESTS = [*range(10), *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(10, 100))]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shelf with a run that is whole, one that was interrupted, and one that lies elsewhere."""
    place = tmp_path_factory.mktemp("whole")
    shelf = Shelf(place / "runs")
    for out in (None, None, place / "out"):
        run = Run(table(epochs=2, batch_size=32, threads=1), out, shelf=shelf)
        run.start()
        assert run.wait(30)
    cut = next(record for record in shelf.runs() if record.number == 2).folder
    facts = json.loads((cut / "run.json").read_text())
    (cut / "run.json").write_text(json.dumps(facts | {"reason": None}))
    (cut / "weights.safetensors").unlink()
    _checkpoint(cut)
    return place


def _checkpoint(folder: Path) -> None:
    """Write the checkpoint that a run leaves which is killed."""
    taken: list[Checkpoint] = []
    for _ in train(Record(folder).project, on_checkpoint=taken.append):
        pass
    taken[-1].write(folder / "checkpoint.pt")


@pytest.mark.parametrize("seed", TESTS)
def test_a_damaged_folder_is_told_and_the_others_are_there(seed: int, whole: Path, tmp_path: Path) -> None:
    random = Random(seed)
    for number in range(EACH):
        place = tmp_path / str(number)
        shutil.copytree(whole, place)
        for note in place.rglob("elsewhere.json"):
            note.write_text(json.dumps({"folder": str(place / "out")}))
        _damage(random.choice([path for path in sorted(place.rglob("*")) if path.is_file()]), random)
        _is_told(Shelf(place / "runs"))
        shutil.rmtree(place, onerror=lambda *_: None)


def _damage(path: Path, random: Random) -> None:
    match random.randrange(8):
        case 0:
            path.unlink()
            random.choice(
                (path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to(path), lambda: None)
            )()
        case 1 if path.suffix != ".json":
            path.write_bytes(b"")
        case _ if path.suffix == ".json":
            path.write_bytes(damaged_json(path.read_text(), random))
        case _:
            path.write_bytes(damaged_bytes(path.read_bytes(), random))


def _is_told(shelf: Shelf) -> None:
    records = shelf.runs()
    assert {record.number for record in records} >= {1, 2}
    assert len([record for record in records if record.problem is None]) >= len(records) - 1
    assert json.dumps(describe.runs(records))
    assert len(read_rows(shelf)) == len(records)
    shelf.latest(fingerprint="none")
    for record in records:
        asked: list[Callable[[], object]] = [
            *(lambda record=record: record.project, lambda record=record: record.source),  # type: ignore[misc]
            *(record.curves, record.weights, record.checkpoint, record.module),
            lambda record=record: recalled(record, 0.5),  # type: ignore[misc]
        ]
        for ask in asked:
            with suppress(Trouble):
                ask()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("run.json", '{"format": 1, "project": ' + "[" * 9000 + "]" * 9000 + "}", "nested too deeply"),
        ("run.json", '{"format": 1, "project": {}, "reason": ["a"]}', "has ['a'] as reason where one of"),
        ("run.json", '{"format": 1, "project": 5}', "has 5 as project where an object was expected"),
        ("run.json", '{"format": 1, "project": {}, "steps": 1e30}', "steps where a whole number"),
        ("run.json", '{"format": 1, "project": {}, "project_path": "a\\u0000"}', "the path of a file"),
        ("elsewhere.json", "[" * 9000 + "]" * 9000, "nested too deeply"),
        ("elsewhere.json", '{"folder": "a\\u0000b"}', "the path of a file was expected"),
        ("elsewhere.json", '{"folder": "' + "x" * 9000 + '"}', "the path of a file was expected"),
        ("elsewhere.json", '{"folder": 7}', "the path of a file was expected"),
    ],
)
def test_what_once_took_the_whole_shelf_away(
    name: str, text: str, words: str, whole: Path, tmp_path: Path
) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    damaged = tmp_path / "runs" / "0009-mine"
    damaged.mkdir()
    (damaged / name).write_text(text)
    records = {record.number: record for record in Shelf(tmp_path / "runs").runs()}
    assert {records[number].problem for number in (1, 2, 3)} == {None}
    assert words in str(records[9].problem)
    assert name in str(records[9].problem)
