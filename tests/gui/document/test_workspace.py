"""All open documents, and the analysis that follows them."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine import edits
from engine.layers.dense import Linear
from engine.layers.input_output import Input
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.store import project_file
from engine.templates import template
from gui.document import checker
from gui.document.document import Document, file_hash
from gui.document.workspace import Workspace, empty_project

ADD = Message("Add a layer")


@pytest.fixture
def work(gui: object) -> Workspace:
    """A workspace that checks nothing by itself."""
    return Workspace(held=True)


def some_project() -> Project:
    return edits.add(empty_project(), "n1", Linear())


def test_there_is_always_a_document(work: Workspace) -> None:
    first = work.current
    work.close(first)
    assert len(work.documents) == 1
    assert work.current is not first
    assert work.current.pristine


def test_a_pristine_document_makes_room(work: Workspace) -> None:
    document = work.new(some_project())
    assert work.documents == (document,)
    second = work.new(some_project())
    assert work.documents == (document, second)
    assert work.current is second


def test_only_the_current_document_is_passed_on(work: Workspace) -> None:
    first, second = work.new(some_project()), work.new(some_project())
    changed: list[Project] = []
    edited: list[Document] = []
    work.changed.connect(changed.append)
    work.edited.connect(edited.append)
    first.do(edits.rename, "n1", "behind", label=ADD)
    assert not changed
    assert edited == [first]
    second.do(edits.rename, "n1", "front", label=ADD)
    assert changed == [second.project]


def test_switching_tells_everything_a_view_needs(work: Workspace) -> None:
    first, second = work.new(some_project()), work.new(some_project())
    first.select(["n1"])
    heard: list[tuple[str, object]] = []
    work.switched.connect(lambda value: heard.append(("switched", value)))
    work.changed.connect(lambda value: heard.append(("changed", value)))
    work.selected.connect(lambda value: heard.append(("selected", value)))
    work.switch(first)
    assert heard == [("switched", first), ("changed", first.project), ("selected", frozenset({"n1"}))]
    work.step(1)
    assert work.current is second
    work.step(1)
    assert work.current is first


def test_refusals_and_notices_come_through(work: Workspace) -> None:
    heard: list[object] = []
    work.refused.connect(heard.append)
    work.notice.connect(heard.append)
    work.new(some_project()).do(edits.rename, "n1", "", label=ADD)
    work.say(Message("Done"))
    assert isinstance(heard[0], Trouble)
    assert heard[1] == Message("Done")


def test_opening_a_file_twice_brings_it_to_the_front(work: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "net.loom"
    project_file.save(some_project(), path)
    document = work.open(path)
    other = work.new(some_project())
    assert work.open(path) is document
    assert work.current is document
    assert set(work.documents) == {document, other}


@pytest.mark.parametrize("text", ["", "{", '{"format": 999}', "not json at all", '{"format": 1, "graph"'])
def test_a_broken_file_says_so_and_changes_nothing(work: Workspace, tmp_path: Path, text: str) -> None:
    path = tmp_path / "net.loom"
    path.write_text(text, "utf-8")
    before = work.documents
    with pytest.raises(Trouble) as caught:
        work.open(path)
    assert len(str(caught.value)) > 20
    assert work.documents == before
    assert path.read_text("utf-8") == text


def test_what_was_rescued_counts_as_unsaved(work: Workspace, tmp_path: Path) -> None:
    document = work.recover(some_project(), tmp_path / "net.loom", None)
    assert document.dirty
    document.undo()
    assert document.dirty


def test_tabs_can_be_put_in_another_order(work: Workspace) -> None:
    first, second = work.new(some_project()), work.new(some_project())
    work.reorder([second.key, first.key])
    assert work.documents == (second, first)
    assert work.current is second


# ---------------------------------------------------------------------- analysis


def test_nothing_is_checked_before_release(work: Workspace, qtbot: QtBot) -> None:
    document = work.new(template("digits-mlp").project())
    assert document.analysis is None
    with qtbot.waitSignal(work.analysed, timeout=30_000):
        work.checker.release()
    assert document.fresh
    assert document.analysis is not None
    assert document.analysis.parameters == template("digits-mlp").facts["parameters"]


def test_a_small_network_is_checked_at_once(work: Workspace) -> None:
    import torch  # noqa: F401  (a check at once needs it)

    document = work.new(some_project())
    work.checker.release()
    while work.checker.busy:
        pass
    document.do(edits.add, "n2", Input(), label=ADD)
    assert document.fresh


def test_a_large_network_is_checked_aside_and_the_latest_wins(
    work: Workspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "SMALL", -1)  # not even an empty network is checked at once
    gate, seen = threading.Event(), []

    def slow(project: Project, previous: object) -> object:
        gate.wait(10)
        seen.append(project)
        return project

    monkeypatch.setattr(checker, "check", slow)
    work.checker.release()
    document = work.new(some_project())
    for name in ("a", "b", "c"):
        document.do(edits.rename, "n1", name, label=ADD)
    assert not document.fresh
    gate.set()
    qtbot.waitUntil(lambda: document.fresh, timeout=20_000)
    assert document.analysis is document.project  # the stand-in gives back what it was asked about
    assert len(seen) <= 2 + 1  # the empty network or the first value that was under way, and the last


def test_what_a_check_waits_for_the_window_does_not_count_as_its_slowness(
    work: Workspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def waits(project: Project, previous: object) -> object:
        threads.append(threading.current_thread() is threading.main_thread())
        if not threads[-1]:
            time.sleep(0.1)  # as while the window has Python's lock
        return project

    monkeypatch.setattr(checker, "SMALL", -1)
    monkeypatch.setattr(checker, "check", waits)
    work.checker.release()
    document = work.new(some_project())
    qtbot.waitUntil(lambda: document.fresh and not work.checker.busy, timeout=20_000)
    threads.clear()
    document.do(edits.rename, "n1", "a", label=ADD)
    assert document.fresh
    assert threads == [True]


def test_a_document_closed_meanwhile_gets_no_analysis(
    work: Workspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slow(project: Project, previous: object) -> object:
        gate.wait(10)
        return project

    monkeypatch.setattr(checker, "SMALL", -1)  # not even an empty network is checked at once
    monkeypatch.setattr(checker, "check", slow)
    document = work.new(some_project())
    work.checker.release()
    work.close(document)
    gate.set()
    qtbot.waitUntil(lambda: not work.checker.busy, timeout=20_000)
    qtbot.wait(20)
    assert work.current.pristine


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "net.loom"
    os.mkfifo(path)
    assert file_hash(path) is None
