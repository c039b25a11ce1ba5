"""The list of problems: sentences, ways out, and all safe repairs at once."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot

from engine import edits
from engine.analysis.check import check
from engine.analysis.results import Problem
from engine.layers.activation import Softmax
from engine.layers.batch_norm import BatchNorm2d
from engine.layers.combine import Add
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.layers.pooling import MaxPool2d
from engine.layers.reshape import Flatten
from engine.message import Message, Refused
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.repairs.repair import Repair
from gui.app import HAND_OVER
from gui.document.workspace import Workspace, empty_project
from gui.panels.problems.problem_rows import ProblemRows
from gui.panels.problems.problems import Problems
from gui.panels.problems.safe_repairs import repair_all
from gui.style import theme
from gui.style.apply import apply
from tests.gui.panels.panel_story import breathe, broken, chain, cnn, kind_of, opened, shown


def panel_of(qtbot: QtBot, work: Workspace, width: int = 1200) -> Problems:
    panel = Problems(work)
    qtbot.addWidget(panel.corner)
    shown(qtbot, panel, width, 220)
    wait_for_repairs(qtbot, panel.rows)
    return panel


def wait_for_repairs(qtbot: QtBot, rows: ProblemRows) -> None:
    qtbot.waitUntil(lambda: len(rows.model().repairs) == len(rows.model().rows), timeout=20_000)


def take_all(qtbot: QtBot, panel: Problems) -> None:
    """Press "Repair all that are safe", and wait until that is done."""
    panel.all_button.click()
    qtbot.waitUntil(lambda: not panel.repairing, timeout=20_000)
    breathe(qtbot)


@pytest.fixture
def work(gui: object) -> Workspace:
    return opened(broken())


@pytest.fixture
def problems(qtbot: QtBot, work: Workspace) -> Problems:
    return panel_of(qtbot, work)


def titles(problems: Problems, row: int = 0) -> list[str]:
    return [str(repair.title) for repair in problems.rows.model().shown_repairs(row)]


def test_a_row_names_the_layer_and_says_what_is_wrong(problems: Problems) -> None:
    (row,) = problems.rows.model().rows
    assert (row.label, row.problem.node) == ("Linear", "n6")
    assert row.text.startswith("expects N×features")
    assert row.text.endswith("receives N×8×4×4.")
    told = problems.rows.model().index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told.startswith("error Linear")
    assert titles(problems)[0] == "Insert Flatten"
    assert "Insert Flatten" in problems.rows.model().index(0).data(Qt.ItemDataRole.AccessibleDescriptionRole)


def test_a_sound_network_says_that_it_can_be_trained(qtbot: QtBot, gui: object) -> None:
    panel = panel_of(qtbot, opened(cnn()))
    assert panel.empty.isVisible()
    assert panel.empty.text.text() == "No problems. The network can be trained."
    assert panel.summary() == ""
    assert not panel.all_button.isVisibleTo(panel.corner)


def test_counts_by_level(qtbot: QtBot, gui: object) -> None:
    project = edits.add(broken(), "n20", BatchNorm2d(), (400, 0))
    project = edits.connect(project, "n2", "out", "n20", "x")
    panel = panel_of(qtbot, opened(project))
    assert panel.summary() == "1 stops training   1 note"


def test_a_click_on_a_repair_makes_it_and_undo_takes_it_back(
    qtbot: QtBot, problems: Problems, work: Workspace
) -> None:
    box = problems.rows.button_rects(0)[0]
    qtbot.mouseClick(problems.rows.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    breathe(qtbot)
    assert work.current.analysis is not None
    assert work.current.analysis.trainable
    assert problems.empty.isVisible()
    assert work.current.history.undo_label == Message("Insert Flatten")
    work.current.undo()
    breathe(qtbot)
    assert work.current.project == broken()
    assert problems.rows.isVisible()


def test_a_click_on_a_row_selects_and_reveals_the_layer(
    qtbot: QtBot, problems: Problems, work: Workspace
) -> None:
    with qtbot.waitSignal(work.reveal) as asked:
        qtbot.mouseClick(problems.rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(240, 20))
    assert asked.args == [frozenset({"n6"})]
    assert work.current.selection == frozenset({"n6"})


def test_keys_choose_a_row_and_a_repair(qtbot: QtBot, problems: Problems, work: Workspace) -> None:
    rows = problems.rows
    rows.setFocus()
    rows.setCurrentIndex(rows.model().index(0))
    second = rows.model().shown_repairs(0)[1]
    qtbot.keyClick(rows, Qt.Key.Key_Right)
    assert rows.chosen == 1
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert work.current.project == second.apply(broken())
    work.current.undo()
    breathe(qtbot)
    wait_for_repairs(qtbot, rows)
    rows.setCurrentIndex(rows.model().index(0))
    qtbot.keyClick(rows, Qt.Key.Key_1)
    assert "Flatten" in {type(node.kind).__name__ for node in work.current.project.graph.nodes.values()}
    work.current.undo()
    breathe(qtbot)
    rows.setCurrentIndex(rows.model().index(0))
    qtbot.keyClick(rows, Qt.Key.Key_Space)
    assert work.current.selection == frozenset({"n6"})


def test_buttons_do_not_overlap_the_sentence_where_it_is_narrow(qtbot: QtBot, work: Workspace) -> None:
    panel = panel_of(qtbot, work, 420)
    boxes = panel.rows.button_rects(0)
    assert len(boxes) == 1
    assert boxes[0].right() < panel.rows.viewport().width()


def test_an_edit_that_changes_no_problem_keeps_the_chosen_row(
    qtbot: QtBot, problems: Problems, work: Workspace
) -> None:
    problems.rows.setCurrentIndex(problems.rows.model().index(0))
    resets: list[int] = []
    problems.rows.model().modelReset.connect(lambda: resets.append(1))
    work.current.do(edits.rename, "n3", "bend", label=Message("Rename"))
    breathe(qtbot)
    assert resets == []
    assert problems.rows.currentIndex().row() == 0


def test_all_safe_repairs_are_one_step(qtbot: QtBot, gui: object) -> None:
    project = chain(
        Input(), Conv2d(out_channels=4), MaxPool2d(kernel_size=9), Linear(out_features=10), Output()
    )
    work = opened(project)
    panel = panel_of(qtbot, work)
    take_all(qtbot, panel)
    assert work.current.analysis is not None
    assert work.current.analysis.trainable  # the fault that showed only then is repaired as well
    work.current.undo()
    assert work.current.project == project


def test_where_no_repair_is_safe_it_says_so(gui: object) -> None:
    with pytest.raises(Refused, match="No repair is safe"):
        repair_all(cnn())


def test_repairing_all_removes_nothing() -> None:
    """Where to remove a layer is what is offered first, one decides oneself."""
    project = chain(Input(), Flatten(), Linear(out_features=10), Softmax(), Output())
    first = propose(check(project).problems[0])[0]
    assert (str(first.title), first.safe) == ("Remove softmax1", False)
    with pytest.raises(Refused, match="No repair is safe"):
        repair_all(project)


def test_repairing_all_brings_no_new_problem() -> None:
    project = edits.add(broken(), "n20", Add(), (400, 0))
    before = {(p.node, p.name) for p in check(project).problems}
    after = {(p.node, p.name) for p in check(repair_all(project)).problems}
    assert after < before


def test_an_empty_network_has_a_problem_without_a_layer(qtbot: QtBot, gui: object) -> None:
    work = opened(empty_project())
    panel = panel_of(qtbot, work)
    (row,) = panel.rows.model().rows
    assert (row.label, row.problem.node) == ("", "")
    assert row.text.startswith("The network is empty")
    qtbot.mouseClick(panel.rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(240, 20))
    assert work.current.selection == frozenset()


def test_repairs_are_not_sought_while_hidden(gui: object, qtbot: QtBot, work: Workspace) -> None:
    panel = Problems(work)
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    work.current.do(edits.set_param, "n2", "out_channels", 3, label=Message("Set"))
    qtbot.wait(5)
    (row,) = panel.rows.model().rows
    assert row.text.endswith("receives N×8×4×4.")  # as it was before the edit
    assert kind_of(work, "n2").out_channels == 3


def test_only_rows_in_sight_are_repaired_until_one_scrolls(qtbot: QtBot, gui: object) -> None:
    project = chain(Input(), Output())
    for place in range(40):
        project = edits.add(project, f"n{place + 10}", BatchNorm2d(), (300, 60 * place))
    work = opened(project)
    panel = Problems(work)
    qtbot.addWidget(panel.corner)
    shown(qtbot, panel, 1200, 220)
    model = panel.rows.model()
    qtbot.waitUntil(lambda: 0 in model.repairs, timeout=20_000)
    qtbot.wait(100)
    assert len(model.repairs) < 12 < len(model.rows)
    panel.rows.scrollToBottom()
    last = len(model.rows) - 1
    qtbot.waitUntil(lambda: last in model.repairs, timeout=20_000)


def test_repairs_are_sought_beside_the_window_however_small_the_network(
    qtbot: QtBot, gui: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def watched(*asked: object) -> tuple[Repair, ...]:
        threads.append(threading.current_thread())
        return propose(*asked)

    for room in ("repair_search", "safe_repairs"):
        monkeypatch.setattr(f"gui.panels.problems.{room}.propose", watched)
    panel = panel_of(qtbot, opened(broken()))
    assert titles(panel)[0] == "Insert Flatten"
    take_all(qtbot, panel)
    assert panel.workspace.current.analysis.trainable
    assert len(threads) == 2
    assert threading.main_thread() not in threads


def test_repairs_of_what_was_edited_meanwhile_are_given_up_and_not_shown(
    qtbot: QtBot, gui: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Problem] = []
    wanted_still: list[bool] = []
    edited = threading.Event()

    def held(problem: Problem, wanted: Callable[[], bool]) -> tuple[Repair, ...]:
        asked.append(problem)
        if len(asked) == 1:
            edited.wait(20)
            wanted_still.append(wanted())
        return propose(problem, wanted)

    monkeypatch.setattr("gui.panels.problems.repair_search.propose", held)
    work = opened(broken())
    panel = Problems(work)
    qtbot.addWidget(panel.corner)
    shown(qtbot, panel, 1200, 220)
    qtbot.waitUntil(lambda: bool(asked))
    told: list[Problem] = []
    panel.rows.model()._search.proposed.connect(lambda problem, repairs: told.append(problem))
    work.current.do(edits.set_param, "n2", "out_channels", 3, label=Message("Set"))
    breathe(qtbot)
    edited.set()
    wait_for_repairs(qtbot, panel.rows)
    assert wanted_still == [False]
    assert [problem.analysis for problem in told] == [work.current.analysis]


@pytest.fixture
def slow(qtbot: QtBot, gui: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Problems]:
    """The panel while all repairs are taken, which goes on until it is let go of."""
    asked, ended = threading.Event(), threading.Event()

    def endless(project: Project, goes_on: Callable[[int, int], bool]) -> Project:
        while goes_on(3, 5):
            asked.set()
            ended.wait(0.005)
        return repair_all(project)

    monkeypatch.setattr("gui.panels.problems.problems.repair_all", endless)
    panel = panel_of(qtbot, opened(broken()))
    panel.all_button.click()
    qtbot.waitUntil(lambda: panel.all_button.text() == "Cancel", timeout=20_000)
    yield panel
    ended.set()


def test_repairing_all_that_takes_long_says_how_far_it_is_and_can_be_cancelled(
    qtbot: QtBot, slow: Problems
) -> None:
    qtbot.waitUntil(lambda: slow.counts.text() == "3 repairs made, 5 problems left")
    assert not slow.hint.isVisibleTo(slow.corner)
    slow.all_button.click()
    assert (slow.all_button.text(), slow.counts.text()) == ("Repair all that are safe", "1 stops training")
    qtbot.waitUntil(lambda: not slow._worker.busy)
    assert slow.workspace.current.project == broken()


def test_all_repairs_of_what_was_edited_meanwhile_are_left(qtbot: QtBot, slow: Problems) -> None:
    document = slow.workspace.current
    with qtbot.waitSignal(slow.workspace.notice) as said:
        document.do(edits.set_param, "n2", "out_channels", 3, label=Message("Set"))
    assert "changed while its repairs were sought" in str(said.args[0])
    assert document.history.undo_label == Message("Set")


@pytest.mark.proof
def test_the_window_goes_on_while_a_hundred_unwired_copies_are_looked_through(
    qtbot: QtBot, gui: object, request: pytest.FixtureRequest
) -> None:
    """Beats of 10 ms come no more than 50 ms late, but for one that the machine may take."""
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(HAND_OVER)
    propose(check(broken()).problems[0])  # imports what is imported but once
    project = chain(Input(), Output())
    for place in range(100):
        project = edits.add(project, f"n{place + 10}", BatchNorm2d(), (300, 60 * place))
    late: list[float] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append(now - last - 0.01)
        last = now

    work = Workspace(project)
    qtbot.waitUntil(lambda: work.current.fresh, timeout=20_000)
    panel = Problems(work)
    qtbot.addWidget(panel.corner)
    shown(qtbot, panel, 1200, 800)
    timer = QTimer(interval=10, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    last = time.perf_counter()
    timer.start()
    rows, model = panel.rows, panel.rows.model()
    for first in range(0, len(model.rows), 15):
        rows.scrollTo(model.index(first), QAbstractItemView.ScrollHint.PositionAtTop)
        qtbot.waitUntil(lambda first=first: first in model.repairs, timeout=20_000)
    take_all(qtbot, panel)
    assert sorted(late)[-2] < 0.05


def test_it_is_painted_in_both_themes(qtbot: QtBot, gui: object, problems: Problems) -> None:
    for choice in ("dark", "light"):
        apply(gui, choice)
        breathe(qtbot)
        image = problems.grab().toImage()
        assert image.pixelColor(image.width() - 3, image.height() - 3) == theme.current().panel
