"""Undo and redo keep values."""

from __future__ import annotations

from engine.message import Message
from engine.project.history import History

SAY = Message("step")


def test_undo_and_redo_go_through_all_values() -> None:
    history = History(0)
    for value in (1, 2, 3):
        history.push(value, Message("to {value}", value=value))
    assert str(history.undo_label) == "to 3"
    assert history.redo_label is None
    assert [history.undo() and history.present for _ in range(4)] == [2, 1, 0, False]
    assert history.undo_label is None
    assert str(history.redo_label) == "to 1"
    assert [history.redo() and history.present for _ in range(4)] == [1, 2, 3, False]


def test_a_new_step_forgets_what_was_undone() -> None:
    history = History("a")
    history.push("b", SAY)
    history.undo()
    history.push("c", SAY)
    assert not history.redo()
    history.undo()
    assert history.present == "a"


def test_a_value_equal_to_the_present_is_no_step() -> None:
    history = History((1, 2))
    history.push((1, 2), SAY)
    assert history.undo_label is None
    history.push((3,), SAY)
    history.undo()
    history.push((1, 2), SAY)
    assert history.redo(), "what was undone is still there"


def test_typing_into_one_field_is_one_step() -> None:
    history = History("")
    for text in ("1", "12", "128"):
        history.push(text, SAY, merge=("n1", "size"))
    history.push("128 ", SAY, merge=("n2", "size"))
    assert history.undo()
    assert history.present == "128"
    assert history.undo()
    assert history.present == ""


def test_typing_back_to_where_it_began_leaves_no_step() -> None:
    history = History("3")
    history.push("33", SAY, merge="field")
    history.push("3", SAY, merge="field")
    assert history.undo_label is None
    assert not history.undo()


def test_sealing_and_undoing_end_the_merging() -> None:
    history = History(0)
    history.push(1, SAY, merge="a")
    history.seal()
    history.push(2, SAY, merge="a")
    history.undo()
    assert history.present == 1
    history.redo()
    history.push(3, SAY, merge="a")
    history.undo()
    assert history.present == 2


def test_the_oldest_steps_are_dropped_first() -> None:
    history = History(0, limit=3)
    for value in range(1, 10):
        history.push(value, SAY)
    while history.undo():
        pass
    assert history.present == 6
