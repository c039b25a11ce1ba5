"""Snapshots, locks, and what a killed session leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine import edits
from engine.layers.dense import Linear
from engine.message import Message
from engine.project.project import Project
from engine.store import project_file
from gui import settings
from gui.document.document import Document
from gui.document.workspace import Workspace, empty_project
from gui.files.autosave import Autosave, autosave_folder
from gui.files.file_watch import Conflict, FileWatch
from gui.files.recovery import Recovery

ROOT = Path(__file__).parents[3]
LABEL = Message("Edit")

SESSION = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from engine import edits, store
from engine.layers.dense import Linear
from engine.message import Message
from gui.files.autosave import Autosave
from gui.files.file_watch import FileWatch
from gui.document.workspace import Workspace, empty_project

app = QApplication([])
work = Workspace(held=True)
watch = FileWatch(work)
autosave = Autosave(work, delay=0)
autosave.written.connect(lambda when: print("written", flush=True))
path = Path(sys.argv[1])
document = work.open(path)
document.do(edits.rename, "n1", "precious", label=Message("Rename"))
other = work.new(edits.add(empty_project(), "n1", Linear()))
other.do(edits.set_title, "Never saved", label=Message("Rename"))
app.exec()
"""


def some_project() -> Project:
    return edits.add(empty_project(), "n1", Linear())


@pytest.fixture
def work(gui: object) -> Workspace:
    return Workspace(held=True)


def changed(work: Workspace, name: str = "changed") -> Document:
    document = work.new(some_project())
    document.do(edits.rename, "n1", name, label=LABEL)
    return document


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A session that opened a file, changed it and another network, and was killed. Gives the file."""
    path = tmp_path / "precious.loom"
    project_file.save(some_project(), path)
    session = start(path)
    session.kill()
    session.wait(10)
    return path


def start(path: Path) -> subprocess.Popen[str]:
    """A process with both of its snapshots on disk."""
    process = subprocess.Popen(
        [sys.executable, "-c", SESSION, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert process.stdout is not None
    for _ in range(2):
        assert process.stdout.readline() == "written\n"
    return process


def test_a_killed_session_loses_nothing(killed: Path, work: Workspace) -> None:
    before = killed.read_bytes()
    recovery = Recovery()
    assert {(one.title, one.path) for one in recovery.rescued} == {
        ("Network", killed),
        ("Never saved", None),
    }
    opened, troubles = recovery.open(work)
    assert not troubles
    by_title = {document.title: document for document in opened}
    assert by_title["Network"].project.graph.nodes["n1"].name == "precious"
    assert by_title["Network"].path == killed
    assert all(document.dirty for document in opened)
    assert not by_title["Network"].changed_on_disk
    assert killed.read_bytes() == before
    recovery.discard()
    assert Recovery().rescued == []


def test_what_was_rescued_has_snapshots_of_its_own_before_the_old_ones_go(
    killed: Path, work: Workspace
) -> None:
    autosave = Autosave(work, delay=60_000)
    recovery = Recovery()
    recovery.open(work)
    autosave.flush()
    recovery.discard()
    names = {project_file.load(path).graph.nodes["n1"].name for path in snapshots()}
    assert names == {"precious", "linear1"}
    autosave.finish()


def test_what_is_kept_is_offered_again_and_what_is_discarded_is_gone(killed: Path, gui: object) -> None:
    first = Recovery()
    assert len(first.rescued) == 2
    assert Recovery().rescued == []  # somebody is being asked about it right now
    first.postpone()
    second = Recovery()
    assert len(second.rescued) == 2
    second.discard()
    assert Recovery().rescued == []
    assert killed.is_file()


def test_the_file_was_changed_after_the_kill(killed: Path, work: Workspace) -> None:
    killed.write_text(killed.read_text("utf-8").replace("linear1", "theirs"), "utf-8")
    recovery = Recovery()
    opened, _ = recovery.open(work)
    document = next(document for document in opened if document.path == killed)
    assert FileWatch(work).conflict(document) is Conflict.CHANGED
    recovery.discard()


def test_a_living_session_is_left_alone_and_its_files_are_known(tmp_path: Path, work: Workspace) -> None:
    path = tmp_path / "precious.loom"
    project_file.save(some_project(), path)
    session = start(path)
    try:
        assert Recovery().rescued == []
        watch = FileWatch(work)
        document = work.open(path)
        assert watch.conflict(document) is Conflict.ELSEWHERE
    finally:
        session.send_signal(signal.SIGKILL)
        session.wait(10)
    assert watch.conflict(document) is None  # the lock of a process that is gone does not count
    Recovery().discard()


def test_a_broken_snapshot_is_told_and_kept(killed: Path, work: Workspace) -> None:
    recovery = Recovery()
    lost = next(one for one in recovery.rescued if one.path is None)
    lost.snapshot.write_text("{", "utf-8")
    opened, troubles = recovery.open(work)
    assert [document.path for document in opened] == [killed]
    assert len(troubles) == 1
    assert lost.snapshot.is_file()


# ---------------------------------------------------------------------- snapshots


def snapshots() -> list[Path]:
    return sorted(autosave_folder().glob("*/*.loom"))


def test_a_snapshot_follows_an_edit_and_goes_with_the_save(
    work: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    autosave = Autosave(work, delay=1)
    with qtbot.waitSignal(autosave.written, timeout=20_000):
        document = changed(work)
    assert autosave.last is not None
    [snapshot] = snapshots()
    assert project_file.load(snapshot) == document.project
    document.save(tmp_path / "net.loom")
    autosave.flush()
    assert snapshots() == []
    autosave.finish()
    assert not autosave.folder.exists()


def test_undo_to_the_saved_value_takes_the_snapshot_away(work: Workspace, tmp_path: Path) -> None:
    autosave = Autosave(work, delay=60_000)
    document = changed(work)
    autosave.flush()
    assert len(snapshots()) == 1
    document.undo()
    autosave.flush()
    assert snapshots() == []
    autosave.finish()


def test_closing_without_saving_takes_the_snapshot_away(work: Workspace) -> None:
    autosave = Autosave(work, delay=60_000)
    document = changed(work)
    autosave.flush()
    work.close(document)
    autosave.flush()
    assert snapshots() == []
    autosave.finish()


def test_a_clean_document_has_no_snapshot(work: Workspace) -> None:
    autosave = Autosave(work, delay=60_000)
    work.new(some_project())
    autosave.flush()
    assert snapshots() == []
    autosave.finish()


def test_a_state_folder_that_cannot_be_written_is_said_once(
    work: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file where the folder should be", "utf-8")
    autosave = Autosave(work, delay=60_000)
    heard: list[object] = []
    autosave.failed.connect(heard.append)
    document = changed(work)
    autosave.flush()
    document.do(edits.rename, "n1", "again", label=LABEL)
    autosave.flush()
    qtbot.waitUntil(lambda: bool(heard), timeout=20_000)
    qtbot.wait(20)
    assert len(heard) == 1
    assert document.project.graph.nodes["n1"].name == "again"
    autosave.finish()


# ---------------------------------------------------------------------- files of other programs


def test_nobody_else_reads_who_works_on_what(work: Workspace, tmp_path: Path) -> None:
    watch, document = FileWatch(work), work.new(some_project())
    document.save(tmp_path / "net.loom")
    assert list((settings.state_folder() / "locks").glob("*.lock"))
    assert (settings.state_folder() / "locks").stat().st_mode & 0o077 == 0
    watch.release()


def test_a_conflict_is_known_before_the_save(work: Workspace, tmp_path: Path) -> None:
    watch, document, path = FileWatch(work), work.new(some_project()), tmp_path / "net.loom"
    assert watch.conflict(document) is None
    document.save(path)
    assert watch.conflict(document) is None
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert watch.conflict(document) is Conflict.CHANGED
    document.reload()
    assert watch.conflict(document) is None
    watch.release()
