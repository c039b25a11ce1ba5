from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.files import locks
from engine.files.folders import data_folder, runs_folder
from engine.message import Trouble
from engine.runs.record import Record
from engine.runs.shelf import Shelf, slug
from engine.runs.thread import Run
from engine.store import project_file
from tests.engine.projects import chain, layer, table, with_recipe


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "runs")


def kept(shelf: Shelf, **recipe: int) -> Record:
    run = Run(table(**{"epochs": 2, **recipe}), shelf=shelf)
    run.start()
    assert run.wait(30)
    assert run.saved is not None
    return shelf.run(run.number)


def test_the_data_folder_is_the_systems_or_the_one_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "here"))
    assert runs_folder() == tmp_path / "here" / "runs"
    monkeypatch.delenv("LAYERLOOM_DATA")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert data_folder() == tmp_path / "xdg" / "layerloom"


def test_a_run_can_be_made_again_bit_for_bit_from_its_folder_alone(shelf: Shelf, tmp_path: Path) -> None:
    first = kept(shelf, epochs=5, batch_size=16, seed=3)
    record = Record(first.folder)
    again = Run(record.project, tmp_path / "again", shelf=shelf)
    again.start()
    assert again.wait(30)
    second = Record(tmp_path / "again")
    for name in ("weights.safetensors", "model.py"):
        assert (second.folder / name).read_bytes() == (record.folder / name).read_bytes()
    assert (second.curves()["loss"] == record.curves()["loss"]).all()
    assert second.metrics == record.metrics


def test_a_record_gives_the_trained_network(shelf: Shelf) -> None:
    record = kept(shelf)
    weights, module = record.weights(), record.module()
    assert not module.training
    assert all(weights[name].equal(value) for name, value in module.state_dict().items())
    assert record.weighted
    assert record.title == "Net"
    assert "class Net(nn.Module)" in record.source


def test_numbers_go_up_and_newest_come_first(shelf: Shelf) -> None:
    for _ in range(3):
        kept(shelf, epochs=1)
    assert [record.number for record in shelf.runs()] == [3, 2, 1]
    with pytest.raises(Trouble, match="no run 9"):
        shelf.run(9)


def test_nobody_takes_a_number_twice(shelf: Shelf) -> None:
    with ThreadPoolExecutor(8) as pool:
        drafts = list(pool.map(lambda _: Shelf(shelf.folder).claim("Net"), range(40)))
    assert sorted(draft.number for draft in drafts) == list(range(1, 41))


def test_processes_do_not_take_the_same_number(shelf: Shelf) -> None:
    code = (
        "import sys; from engine.runs.shelf import Shelf\n"
        "for i in range(15):\n"
        "    draft = Shelf(sys.argv[1]).claim('Net'); print(draft.number)\n"
        "    (draft.folder / 'run.json').write_text('{}'); draft.finish() if i % 2 else draft.discard()\n"
    )
    command = [sys.executable, "-c", code, str(shelf.folder)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in processes:
        assert process.wait(60) == 0
        assert process.stdout is not None
        process.stdout.close()
    finished = [path.name for path in shelf.folder.iterdir()]
    assert len(finished) == 14
    assert len({name[:4] for name in finished}) == 14


def test_the_latest_run_of_a_project_is_found_by_file_or_by_content(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "a.loom"
    for project, file in ((table(epochs=1), path), (table(epochs=1, seed=1), tmp_path / "b.loom")):
        run = Run(project, shelf=shelf, path=file)
        run.start()
        assert run.wait(30)
    found = shelf.latest(path=path)
    assert found is not None
    assert found.number == 1
    found = shelf.latest(fingerprint=table(epochs=1, seed=1).fingerprint)
    assert found is not None
    assert found.number == 2
    assert shelf.latest(path=tmp_path / "c.loom") is None
    assert shelf.latest() is None


def test_broken_folders_are_listed_with_a_sentence(shelf: Shelf) -> None:
    whole = kept(shelf, epochs=1)
    facts = json.loads((whole.folder / "run.json").read_text())

    def folder(name: str, text: str) -> None:
        (shelf.folder / name).mkdir()
        (shelf.folder / name / "run.json").write_text(text)

    folder("0002-cut", '{"format": 1, "proj')
    folder("0003-other", '["something else"]')
    folder("0004-newer", json.dumps(facts | {"format": 99}))
    folder("0005-light", json.dumps(facts))
    (shelf.folder / "0006-empty").mkdir()
    (shelf.folder / "notes.txt").write_text("a person's own")
    records = {record.number: record for record in shelf.runs()}
    assert {number: record.state for number, record in records.items()} == {
        1: "done",
        **dict.fromkeys(range(2, 7), "broken"),
    }
    for number, words in {
        2: "not JSON",
        3: "an object was expected",
        4: "newer Layerloom",
        5: "weights.safetensors is missing",
        6: "cannot be read",
    }.items():
        assert words in str(records[number].problem)
        with pytest.raises(Trouble):
            records[number].weights()
    assert records[2].metrics == {}
    assert records[2].title == "0002-cut"


def test_damaged_weights_and_curves_are_told(shelf: Shelf) -> None:
    record = kept(shelf, epochs=1)
    (record.folder / "weights.safetensors").write_bytes(b"\x00" * 9)
    (record.folder / "curves.npz").write_bytes(b"PK")
    with pytest.raises(Trouble, match="damaged"):
        record.weights()
    with pytest.raises(Trouble, match="damaged"):
        record.curves()


def test_weights_of_another_network_are_refused(shelf: Shelf) -> None:
    from engine.training.restore import module

    record = kept(shelf, epochs=1)
    other = chain(layer("Linear", out_features=3), layer("Output"))
    with pytest.raises(Trouble, match="do not belong"):
        module(other, record.weights())


def test_a_folder_name_says_what_was_trained() -> None:
    assert slug("Digits CNN") == "digits-cnn"
    assert slug("¿?") == "network"
    assert slug("x" * 99) == "x" * 40


# --------------------------------------------------------------------------- killed

TRAINS = """
import sys
from pathlib import Path
import engine.training.rollback
import engine.runs.recording
from engine.store import project_file
from engine.runs.thread import Run
from engine.runs.shelf import Shelf
engine.runs.recording.WRITTEN = engine.training.rollback.SHARE = 0
run = Run(project_file.load(Path(sys.argv[1])), shelf=Shelf(sys.argv[2]))
run.start()
while run.active:
    for report in run.poll():
        print(report.json()["report"], flush=True)
    run.wait(0.01)
"""


def test_a_killed_run_is_told_from_a_whole_one_and_goes_on_where_it_was(shelf: Shelf, tmp_path: Path) -> None:
    project = table(epochs=100_000, batch_size=16, threads=1)
    project_file.save(project, tmp_path / "net.loom")
    command = [sys.executable, "-c", TRAINS, str(tmp_path / "net.loom"), str(shelf.folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 60
        while not any("loss" in record.curves() for record in shelf.runs()):
            assert time.monotonic() < end
            time.sleep(0.02)
        assert shelf.runs()[0].state == "running"
        time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    (record,) = shelf.runs()
    assert record.state == "interrupted"
    assert record.problem is None
    assert shelf.latest(fingerprint=project.fingerprint) is None
    assert record.project == project
    checkpoint = record.checkpoint()
    assert record.weights().keys() == checkpoint.weights.keys()
    assert len(record.curves()["loss"]) >= checkpoint.step

    short = with_recipe(project, epochs=checkpoint.epoch + 2)
    on, whole = Run(short, shelf=shelf, resumed=record), Run(short, shelf=shelf)
    for run in (on, whole):
        run.start()
        assert run.wait(60)
    assert on.number == 2
    one, two = (run.module().state_dict() for run in (on, whole))
    assert all(one[name].equal(two[name]) for name in one)
    assert (on.curves.arrays()["loss"] == whole.curves.arrays()["loss"]).all()
    assert shelf.run(2).data["resumed"] == 1


def test_a_run_killed_before_its_first_checkpoint_has_no_weights(shelf: Shelf) -> None:
    draft = shelf.claim("Net")
    facts = {"format": 1, "number": 1, "reason": None, "project": project_file.to_json(table())}
    (draft.folder / "run.json").write_text(json.dumps(facts))
    assert shelf.runs()[0].state == "running"
    draft._release()  # as the system does when a process ends
    record = shelf.runs()[0]
    assert record.state == "interrupted"
    assert not record.weighted
    with pytest.raises(Trouble, match="before its first checkpoint"):
        record.weights()


def test_a_run_killed_after_it_was_written_counts_as_whole(shelf: Shelf) -> None:
    record = kept(shelf, epochs=1)
    os.rename(record.folder, shelf.folder / "0001.part")
    assert shelf.runs()[0].state == "done"
    assert shelf.claim("Net").number == 2


def test_a_folder_left_by_a_killed_run_is_taken_over_but_not_from_a_living_one(
    shelf: Shelf, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    left = tmp_path / "out.part"
    left.mkdir()
    (left / "old").write_text("x")
    draft = shelf.claim("Net", out)
    assert not (left / "old").exists()
    with pytest.raises(Trouble, match="Another training is writing"):
        shelf.claim("Net", out)
    assert locks.held(draft.folder / "lock")
    draft.discard()
    assert not left.exists()


def test_a_shelf_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Trouble):
        Shelf(tmp_path / "file" / "runs").claim("Net")
    assert Shelf(tmp_path / "file" / "runs").runs() == []
    draft = Shelf(tmp_path / "file" / "runs").claim("Net", tmp_path / "out")
    assert draft.finish() == tmp_path / "out"
