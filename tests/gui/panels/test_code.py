"""The source that follows every edit, with the selected layer's lines lit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine import edits
from engine.codegen.emit import emit
from engine.codegen.keras.emit import emit_keras
from engine.exports.keras_proof import Agreement
from engine.kinds import Layer, registry
from engine.message import Message, Trouble
from engine.project.project import Project
from gui.document.workspace import Workspace, empty_project
from gui.panels.code.code import BOTH, KERAS, SMALL, TORCH, CodePanel
from gui.panels.code.code_view import CodeView
from gui.panels.code.highlight import PythonHighlighter, spans
from gui.style import theme
from gui.training.last_runs import RunWeights
from gui.training.trainer import Trainer
from tests.gui.panels.panel_story import breathe, broken, cnn, opened, shown


@pytest.fixture
def work(gui: object) -> Workspace:
    return opened(cnn())


@pytest.fixture
def trainer(work: Workspace) -> Trainer:
    return Trainer(work)


@pytest.fixture
def panel(qtbot: QtBot, work: Workspace, trainer: Trainer) -> CodePanel:
    code = CodePanel(work, trainer)
    qtbot.addWidget(code.corner)
    shown(qtbot, code, 620, 500)
    return code


def line_with(panel: CodePanel, text: str) -> int:
    """The number of the first line with that text."""
    return next(n for n, line in enumerate(panel.torch.view.source().split("\n"), 1) if text in line)


def test_it_shows_exactly_what_is_emitted(panel: CodePanel, work: Workspace) -> None:
    assert panel.text() == emit(work.current.project).text
    assert panel.torch.view.source() == panel.text().rstrip("\n")
    assert (panel.torch.state.text(), panel.torch.sign.level) == ("runs", "success")


def test_it_follows_an_edit_and_undo(qtbot: QtBot, panel: CodePanel, work: Workspace) -> None:
    work.current.do(edits.set_param, "n2", "out_channels", 77, label=Message("Set"))
    breathe(qtbot)
    assert "nn.Conv2d(1, 77, 3, padding=1)" in panel.torch.view.source()
    work.current.undo()
    breathe(qtbot)
    assert panel.torch.view.source() == emit(cnn()).text.rstrip("\n")


def test_an_unfinished_network_shows_what_there_is(qtbot: QtBot, gui: object) -> None:
    work = opened(broken())
    code = CodePanel(work, Trainer(work))
    qtbot.addWidget(code.corner)
    shown(qtbot, code)
    assert "nn.Conv2d" in code.torch.view.source()
    assert (code.torch.state.text(), code.torch.sign.level) == ("unfinished", "warning")


def test_an_empty_network_says_how_to_begin(qtbot: QtBot, gui: object) -> None:
    work = opened(empty_project())
    code = CodePanel(work, Trainer(work))
    qtbot.addWidget(code.corner)
    shown(qtbot, code)
    assert code.empty.isVisible()
    assert not code.torch.copy_button.isEnabled()
    assert not code.save_button.isEnabled()
    work.new(cnn())
    breathe(qtbot)
    assert code.torch.view.isVisible()
    assert code.save_button.isEnabled()


def test_the_selected_layer_is_lit(qtbot: QtBot, panel: CodePanel, work: Workspace) -> None:
    work.current.select(["n2"])
    breathe(qtbot)
    assert panel.torch.source is not None
    assert panel.torch.view.lit == frozenset(panel.torch.source.lines["n2"])
    assert len(panel.torch.view.lit) == 2
    image = panel.torch.view.viewport().grab().toImage()
    place = panel.torch.view.line_place(min(panel.torch.view.lit))
    accent = theme.current().accent_ground
    assert image.pixelColor(image.width() - 4, round(place.y())) == accent
    work.current.select([])
    assert panel.torch.view.lit == frozenset()


def test_what_is_selected_comes_into_sight_with_the_panel(qtbot: QtBot, work: Workspace) -> None:
    work.current.select(["n6"])
    code = CodePanel(work, Trainer(work))
    qtbot.addWidget(code.corner)
    shown(qtbot, code, 620, 130)
    assert {line for line, _, _ in code.torch.view.lines_in_sight()} & code.torch.view.lit


def test_a_click_on_a_line_selects_its_layer(qtbot: QtBot, panel: CodePanel, work: Workspace) -> None:
    place = panel.torch.view.line_place(line_with(panel, "nn.MaxPool2d")).toPoint()
    with qtbot.waitSignal(work.reveal):
        qtbot.mouseClick(panel.torch.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert work.current.selection == frozenset({"n4"})
    before = work.current.selection
    place = panel.torch.view.line_place(1).toPoint()
    qtbot.mouseClick(panel.torch.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert work.current.selection == before  # an import belongs to no layer


def test_enter_on_a_line_selects_its_layer(qtbot: QtBot, panel: CodePanel, work: Workspace) -> None:
    cursor = panel.torch.view.textCursor()
    cursor.setPosition(
        panel.torch.view.document().findBlockByNumber(line_with(panel, "nn.Linear") - 1).position() + 4
    )
    panel.torch.view.setTextCursor(cursor)
    qtbot.keyClick(panel.torch.view, Qt.Key.Key_Return)
    assert work.current.selection == frozenset({"n6"})


def test_dragging_over_text_selects_text_and_no_layer(
    qtbot: QtBot, panel: CodePanel, work: Workspace
) -> None:
    viewport = panel.torch.view.viewport()
    start = panel.torch.view.line_place(line_with(panel, "nn.Conv2d")).toPoint()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(viewport, start + QPoint(90, 0))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(90, 0))
    assert work.current.selection == frozenset()


def test_copy_takes_the_whole_source(qtbot: QtBot, panel: CodePanel, work: Workspace) -> None:
    with qtbot.waitSignal(work.notice):
        qtbot.mouseClick(panel.torch.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == panel.text()


def test_saving_writes_what_is_shown(panel: CodePanel, tmp_path: Path) -> None:
    panel.save_to(tmp_path / "net.py")
    text = (tmp_path / "net.py").read_text("utf-8")
    assert text == panel.text()
    compile(text, "net.py", "exec")


def test_a_failed_save_says_why(qtbot: QtBot, panel: CodePanel, work: Workspace, tmp_path: Path) -> None:
    with qtbot.waitSignal(work.notice) as said:
        panel.save_to(tmp_path / "nowhere" / "net.py")
    assert "nowhere" in str(said.args[0])


def test_find_marks_and_walks(qtbot: QtBot, panel: CodePanel) -> None:
    qtbot.keyClick(panel.torch.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    panel.torch.open_find()
    assert panel.torch.finder.isVisible()
    qtbot.keyClicks(panel.torch.finder, "conv1")
    assert len(panel.torch.view.extraSelections()) == 2
    assert panel.torch.matches.text().startswith("2")
    first = panel.torch.view.textCursor().position()
    qtbot.keyClick(panel.torch.finder, Qt.Key.Key_Return)
    second = panel.torch.view.textCursor().position()
    assert second > first
    qtbot.keyClick(panel.torch.finder, Qt.Key.Key_Return)
    assert panel.torch.view.textCursor().position() == first  # round from the end
    qtbot.keyClick(panel.torch.finder, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert panel.torch.view.textCursor().position() == second
    qtbot.keyClick(panel.torch.finder, Qt.Key.Key_Escape)
    assert not panel.torch.finder.isVisible()
    assert panel.torch.view.extraSelections() == []


def test_a_change_keeps_the_place_and_the_rest(qtbot: QtBot, gui: object) -> None:
    view = CodeView()
    shown(qtbot, view, 400, 200)
    lines = [f"line {n}" for n in range(100)]
    view.set_source("\n".join(lines))
    view.verticalScrollBar().setValue(60)
    lines[10] = "changed"
    view.set_source("\n".join(lines))
    assert view.verticalScrollBar().value() == 60
    assert view.source() == "\n".join(lines)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\nc", "a\nb\nc\nd"),
        ("a\nb\nc", "a"),
        ("a\nb\nc", "c"),
        ("a\nb\nc", "a\nx\ny\nc"),
        ("a\nb\nc", "b\nc"),
        ("a\nb\nc", "a\nc"),
        ("", "a\nb"),
        ("a\nb", ""),
        ("a\na\na", "a\na"),
        ("a", "b"),
        ("a\nb", "x\na\nb"),
    ],
)
def test_any_text_replaces_any_other(qtbot: QtBot, gui: object, old: str, new: str) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    view.set_source(old)
    view.set_source(new)
    assert view.source() == new


def test_only_the_lines_that_changed_are_coloured_anew(
    qtbot: QtBot, gui: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand lines between two changes cost the window a frame."""
    coloured: list[str] = []
    monkeypatch.setattr(PythonHighlighter, "highlightBlock", lambda self, text: coloured.append(text))
    view = CodeView()
    qtbot.addWidget(view)
    lines = [f"x{i} = {i}" for i in range(100)]
    view.set_source("\n".join(lines))
    coloured.clear()
    lines[4], lines[90] = "first = 1", "last = 1"
    lines.insert(50, "more = 1")
    view.set_source("\n".join(lines))
    assert view.source() == "\n".join(lines)
    assert {"first = 1", "more = 1", "last = 1"} <= set(coloured)
    assert len(coloured) <= 9, "the changed lines, and those beside them"


def test_lines_stand_20_px_apart(qtbot: QtBot, panel: CodePanel) -> None:
    one, two = (panel.torch.view.line_place(line).y() for line in (3, 4))
    assert two - one == theme.line_height("code") == 20


def test_tokens_are_told_apart() -> None:
    line = '        self.conv1 = nn.Conv2d(1, 32, 3, padding="same")  # N×32'
    told = {line[at : at + length]: kind for at, length, kind in spans(line)}
    assert told == {
        "Conv2d": "called",
        "1": "number",
        "32": "number",
        "3": "number",
        '"same"': "text",
        "# N×32": "comment",
    }
    told = {kind for _, _, kind in spans("class Net(nn.Module):")}
    assert told == {"keyword", "called"}
    assert spans("        x = self.conv1(x)") == []


def test_hidden_it_writes_nothing(qtbot: QtBot, gui: object) -> None:
    work = opened(cnn())
    code = CodePanel(work, Trainer(work))
    qtbot.addWidget(code)
    qtbot.addWidget(code.corner)
    work.current.do(edits.set_param, "n2", "out_channels", 9, label=Message("Set"))
    breathe(qtbot)
    assert code.torch.source is None


def test_a_large_network_is_written_beside_the_window(
    qtbot: QtBot, panel: CodePanel, work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.panels.code.code.SMALL", 3)
    assert SMALL > 100
    with qtbot.waitSignal(panel.shown_source, timeout=20_000):
        work.current.do(edits.set_param, "n2", "out_channels", 11, label=Message("Set"))
    assert "nn.Conv2d(1, 11, 3, padding=1)" in panel.torch.view.source()
    qtbot.waitUntil(lambda: not panel.worker.busy)


# --------------------------------------------------------------------------- two dialects


def choose(qtbot: QtBot, panel: CodePanel, dialect: str) -> None:
    """Press one of PyTorch, Both and Keras."""
    place = [TORCH, BOTH, KERAS].index(dialect)
    panel.corner.show()
    qtbot.mouseClick(panel.dialects.segments()[place], Qt.MouseButton.LeftButton)
    breathe(qtbot)


def test_both_dialects_stand_side_by_side(qtbot: QtBot, panel: CodePanel, work: Workspace) -> None:
    assert not panel.keras.isVisible()
    assert panel.keras.source is None  # what nobody sees is not written
    choose(qtbot, panel, BOTH)
    assert panel.torch.isVisible()
    assert panel.keras.isVisible()
    assert panel.notes.isVisible()
    for height, beside in ((240, True), (700, False)):  # a low panel keeps its height for the code
        panel.resize(1300, height)
        qtbot.waitUntil(lambda beside=beside: panel.notes.beside is beside, timeout=20_000)
        qtbot.waitUntil(lambda: panel.keras.view.height() > panel.height() / 2, timeout=20_000)
    assert panel.keras.view.source() == emit_keras(work.current.project).text.rstrip("\n")
    assert (panel.keras.state.text(), panel.keras.sign.level) == ("whole", "success")
    choose(qtbot, panel, KERAS)
    assert not panel.torch.isVisible()
    assert panel.text() == emit_keras(work.current.project).text
    choose(qtbot, panel, TORCH)
    assert not panel.notes.isVisible()
    assert panel.text() == emit(work.current.project).text


def test_a_layer_is_lit_in_both_and_clicked_in_either(
    qtbot: QtBot, panel: CodePanel, work: Workspace
) -> None:
    choose(qtbot, panel, BOTH)
    work.current.select(["n2"])
    assert len(panel.torch.view.lit) == 2
    assert len(panel.keras.view.lit) == 1
    lines = panel.keras.view.source().split("\n")
    line = next(n for n, text in enumerate(lines, 1) if "layers.MaxPooling2D" in text)
    place = panel.keras.view.line_place(line).toPoint()
    qtbot.mouseClick(panel.keras.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert work.current.selection == frozenset({"n4"})
    assert panel.torch.view.lit == frozenset(emit(work.current.project).lines["n4"])


def test_what_differs_stands_beneath(qtbot: QtBot, panel: CodePanel, work: Workspace) -> None:
    choose(qtbot, panel, BOTH)
    assert ("success", "Padding", '3×3 with padding 1 at stride 1 is "same" in Keras.') in panel.notes.rows
    assert "Flatten order" in {title for _, title, _ in panel.notes.rows}


def test_a_layer_without_a_keras_form_is_named(qtbot: QtBot, panel: CodePanel, work: Workspace) -> None:
    choose(qtbot, panel, BOTH)
    kind = registry(Layer)["FractionalMaxPool2d"]()
    work.current.do(edits.set_kind, "n4", kind, label=Message("Change"))
    breathe(qtbot)
    level, name, text = panel.notes.rows[0]
    assert (level, name) == ("warning", work.current.project.graph.nodes["n4"].name)
    assert "spread at random" in text
    assert panel.keras.sign.level == "warning"
    assert "NotImplementedError" in panel.keras.view.source()
    work.current.undo()
    breathe(qtbot)
    assert panel.keras.sign.level == "success"


def test_keras_follows_an_edit(qtbot: QtBot, panel: CodePanel, work: Workspace) -> None:
    choose(qtbot, panel, KERAS)
    work.current.do(edits.set_param, "n2", "out_channels", 77, label=Message("Set"))
    breathe(qtbot)
    assert "layers.Conv2D(77, 3" in panel.keras.view.source()


def test_comparing_says_how_far_they_are_apart(
    qtbot: QtBot, panel: CodePanel, work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.exports.keras_proof.agree_aside", lambda project, runs: Agreement(3e-7, 64))
    choose(qtbot, panel, BOTH)
    qtbot.mouseClick(panel.compare_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.keras.state.text() == "equal to 3e-07 with first weights")
    told = "Both ran on 64 samples with first weights; largest difference 3e-07."
    assert panel.notes.rows[-1] == ("success", "Checked", told)
    assert not panel.compare_button.isVisible()
    work.current.do(edits.set_param, "n2", "out_channels", 9, label=Message("Set"))
    breathe(qtbot)
    assert panel.keras.state.text() == "whole"  # another source is not compared yet
    assert panel.compare_button.isVisible()
    work.current.undo()
    breathe(qtbot)
    assert panel.keras.state.text() == "equal to 3e-07 with first weights"


def test_the_weights_of_the_latest_run_are_compared(
    qtbot: QtBot,
    panel: CodePanel,
    work: Workspace,
    trainer: Trainer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def agree(project: Project, runs: Iterable[Path]) -> Agreement:
        (folder,) = runs
        return Agreement(3e-7, 64, int(folder.name))

    kept: list[RunWeights] = []
    monkeypatch.setattr("engine.exports.keras_proof.agree_aside", agree)
    monkeypatch.setattr(trainer.last_runs, "weights_of", lambda document: kept[-1])
    for number in (14, 15):
        (tmp_path / str(number)).mkdir()
        kept.append(RunWeights(tmp_path / str(number), number, 1.0, work.current.project))
        trainer.finished.emit(None)
        choose(qtbot, panel, BOTH)
        qtbot.waitUntil(panel.compare_button.isVisible)
        qtbot.mouseClick(panel.compare_button, Qt.MouseButton.LeftButton)
        told = f"equal to 3e-07 with the weights of run {number}"
        qtbot.waitUntil(lambda told=told: panel.keras.state.text() == told)  # type: ignore[misc]
        assert not panel.compare_button.isVisible()


def test_a_comparison_that_fails_says_why(
    qtbot: QtBot, panel: CodePanel, work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(project: object, runs: object) -> Agreement:
        raise Trouble("Keras is not installed")

    monkeypatch.setattr("engine.exports.keras_proof.agree_aside", fails)
    choose(qtbot, panel, BOTH)
    with qtbot.waitSignal(work.notice) as said:
        qtbot.mouseClick(panel.compare_button, Qt.MouseButton.LeftButton)
    assert str(said.args[0]) == "Keras is not installed"
    assert panel.compare_button.isEnabled()
