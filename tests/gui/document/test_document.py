"""One open project: edits, history, selection, and its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import edits
from engine.layers.dense import Linear
from engine.layers.input_output import Input
from engine.message import Message, Trouble
from engine.project.graph import Wire
from engine.project.project import Project
from gui.document.document import Document
from gui.document.workspace import empty_project

ADD = Message("Add a layer")


@pytest.fixture
def document(gui: object) -> Document:
    """Two layers, nothing selected, never saved."""
    project = edits.add(empty_project(), "n1", Input())
    return Document(edits.add(project, "n2", Linear(), (0, 100)))


def rename(document: Document, name: str, merge: object = None) -> bool:
    return document.do(edits.rename, "n2", name, label=Message("Rename"), merge=merge)


def test_an_edit_changes_the_project_and_tells_both_values(document: Document) -> None:
    heard: list[tuple[Project, Project]] = []
    document.changed.connect(lambda before, after: heard.append((before, after)))
    before = document.project
    assert rename(document, "stem")
    assert heard == [(before, document.project)]
    assert document.project.graph.nodes["n2"].name == "stem"
    assert document.dirty


def test_a_refused_edit_changes_nothing_and_says_why(document: Document) -> None:
    troubles: list[Trouble] = []
    changes: list[object] = []
    document.refused.connect(troubles.append)
    document.changed.connect(lambda *values: changes.append(values))
    before = document.project
    assert not rename(document, "")
    assert document.project is before
    assert not changes
    assert not document.dirty
    assert "name" in str(troubles[0])


def test_undo_to_the_beginning_is_not_dirty_and_redo_is(document: Document) -> None:
    first = document.project
    rename(document, "stem")
    rename(document, "head")
    last = document.project
    assert document.undo()
    assert document.undo()
    assert not document.undo()
    assert document.project == first
    assert not document.dirty
    assert document.redo()
    assert document.redo()
    assert document.project == last
    assert document.dirty


def test_typing_is_one_step_until_something_else_is_selected(document: Document) -> None:
    for name in ("a", "ab", "abc"):
        rename(document, name, merge="name")
    document.select(["n1"])
    rename(document, "abcd", merge="name")
    document.undo()
    assert document.project.graph.nodes["n2"].name == "abc"
    document.undo()
    assert document.project.graph.nodes["n2"].name == "linear1"


def test_selection_keeps_only_what_is_there(document: Document) -> None:
    heard: list[frozenset[str]] = []
    document.selected.connect(heard.append)
    document.do(edits.connect, "n1", "out", "n2", "x", label=Message("Connect"))
    wire = Wire("n1", "out", "n2", "x")
    document.select(["n1", "n2", "gone"], [wire, Wire("n9", "out", "n2", "x")])
    assert document.selection == {"n1", "n2"}
    assert document.wire_selection == {wire}
    document.do(edits.remove, ["n2"], label=Message("Delete"))
    assert document.selection == {"n1"}
    assert document.wire_selection == frozenset()
    assert heard == [frozenset({"n1", "n2"}), frozenset({"n1"})]


def test_what_undo_and_redo_bring_back_is_selected_as_it_was(document: Document) -> None:
    document.do(edits.connect, "n1", "out", "n2", "x", label=Message("Connect"))
    wire = Wire("n1", "out", "n2", "x")
    document.select(["n2"], [wire])
    document.do(edits.remove, ["n2"], label=Message("Delete"))
    document.select(["n1"])
    document.undo()
    assert (document.selection, document.wire_selection) == ({"n2"}, {wire})
    document.select(["n1"])
    document.undo()
    assert document.selection == {"n1"}  # it took nothing that was selected, and brought nothing
    document.redo()
    assert document.selection == {"n1"}
    document.do(edits.rename, "n1", "first", label=Message("Rename"))
    document.select(["n2"])
    document.undo()
    assert document.selection == {"n2"}


def test_selecting_the_same_again_is_silent(document: Document) -> None:
    document.select(["n1"])
    heard: list[object] = []
    document.selected.connect(heard.append)
    document.select(["n1"])
    assert not heard


def test_saving_gives_it_a_file_and_makes_it_clean(document: Document, tmp_path: Path) -> None:
    rename(document, "stem")
    path = tmp_path / "net.loom"
    document.save(path)
    assert document.path == path
    assert not document.dirty
    from engine.store import project_file

    assert project_file.load(path) == document.project
    rename(document, "head")
    assert document.dirty
    document.undo()
    assert not document.dirty


def test_a_failed_save_keeps_the_work(document: Document, tmp_path: Path) -> None:
    rename(document, "stem")
    project = document.project
    with pytest.raises(Trouble, match="no folder"):
        document.save(tmp_path / "missing" / "net.loom")
    assert document.project is project
    assert document.path is None
    assert document.dirty


def test_it_notices_what_another_program_wrote(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "net.loom"
    document.save(path)
    assert not document.changed_on_disk
    text = path.read_text("utf-8")
    path.write_text(text.replace("linear1", "theirs"), "utf-8")
    assert document.changed_on_disk
    document.reload()
    assert not document.changed_on_disk
    assert not document.dirty
    assert document.project.graph.nodes["n2"].name == "theirs"
    document.undo()
    assert document.project.graph.nodes["n2"].name == "linear1"
    assert document.dirty


def test_a_file_that_is_gone_is_no_conflict(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "net.loom"
    document.save(path)
    path.unlink()
    assert not document.changed_on_disk


def test_an_empty_network_is_pristine_until_touched(gui: object) -> None:
    document = Document(empty_project())
    assert document.pristine
    document.do(edits.add, "n1", Linear(), label=ADD)
    assert not document.pristine
