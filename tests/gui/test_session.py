"""What commands are given, without a window around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from engine.message import Message, Trouble
from engine.store import project_file
from gui.commands.table import ACTIONS
from gui.docks.docks import Docks
from gui.files.recent import Recent
from gui.session import Session
from tests.gui.scripted import project


@pytest.fixture
def session(gui: object, qtbot: QtBot) -> Iterator[Session]:
    """One over a bare widget in the place of the window."""
    window = QWidget()
    qtbot.addWidget(window)
    made = Session(window, Recent(window), held=True)
    made.docks = Docks((), QWidget(), parent=window)
    for action in ACTIONS:
        made.commands[action.id] = action.command(made)
    yield made
    made.file_watch.release()


def test_the_trainer_is_made_when_it_is_first_asked_for(session: Session) -> None:
    assert session.running_trainer() is None
    assert session._trainer is None
    trainer = session.trainer
    assert session.trainer is trainer
    assert session.running_trainer() is None, "it does not train"
    session.stop_run()


def test_it_wants_the_page_on_which_one_sees_what_was_done(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(session.editor_wanted):
        session.start(project("One"))
    with qtbot.waitSignal(session.editor_wanted):
        session.new()
    file = tmp_path / "two.loom"
    project_file.save(project("Two"), file)
    with qtbot.waitSignal(session.editor_wanted):
        session.open(file)
    titles = [document.title for document in session.workspace.documents]
    assert titles == ["One", "Two"], "an empty network gives way"
    with qtbot.assertNotEmitted(session.gallery_wanted):
        session.close_document(session.workspace.current)
    with qtbot.waitSignal(session.gallery_wanted):
        session.close_document(session.workspace.current)


def test_commands_follow_what_can_be_done(session: Session) -> None:
    undo, save = session.commands["undo"], session.commands["save"]
    session.start(project())
    assert not save.isEnabled(), "the gallery is in front"
    session.editing = True
    session.refresh_commands()
    assert (save.isEnabled(), undo.isEnabled()) == (True, False)
    session.workspace.current.do(edits.rename, "n1", "other", label=Message("Rename"))
    assert undo.isEnabled()
    undo.trigger()
    assert not undo.isEnabled()
    assert session.workspace.current.project == project()


def test_what_cannot_be_done_is_not_done(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[object] = []
    monkeypatch.setattr(session, "close_document", closed.append)
    session.commands["close"].run()
    assert not closed, "the gallery is in front"
    session.editing = True
    session.commands["close"].run()
    assert closed == [session.workspace.current]


def test_an_autosave_that_fails_is_said(session: Session) -> None:
    said: list[object] = []
    session.workspace.notice.connect(said.append)
    trouble = Trouble("The disk is full")
    session.autosave.failed.emit(trouble)
    assert said == [trouble]
