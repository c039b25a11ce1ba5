"""The window as a whole: pages, tabs, files, questions, panels and commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QPlainTextEdit
from pytestqt.qtbot import QtBot

from engine import edits
from engine.analysis.memory import footprint
from engine.layers.dense import Linear
from engine.layers.reshape import Flatten
from engine.message import Message
from engine.project.project import Project
from engine.store import project_file
from engine.templates import template
from engine.training.curves import Curves
from gui import settings
from gui.canvas import bindings, remembered_view
from gui.canvas.geometry.camera import Camera
from gui.commands.search import CommandSearch
from gui.commands.table import ACTIONS
from gui.controls import question
from gui.controls.badge import KeyBadge, keys_text
from gui.document.document import Document
from gui.document.workspace import empty_project
from gui.files.files import file_name
from gui.files.recovery import Rescued
from gui.style.apply import apply
from gui.text.words import bytes_text
from gui.training.trainer import Trainer
from gui.window.window import Window
from tests.gui.panels.panel_story import cnn

LABEL = Message("Edit")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answers to the questions that come, first to last; each question is noted in `asked`."""
    given: list[str] = []

    def ask(parent: object, title: str, text: str, choices: tuple[question.Reply, ...]) -> str:
        asked.append((title, text, [choice.id for choice in choices]))
        answer = given.pop(0)
        assert answer in [choice.id for choice in choices]
        return answer

    asked.clear()
    monkeypatch.setattr(question, "ask", ask)
    return given


asked: list[tuple[str, str, list[str]]] = []


@pytest.fixture
def window(gui: object, qtbot: QtBot, answers: list[str]) -> Window:
    """A window on the gallery that checks nothing by itself and is never asked to save at the end."""
    made = Window(held=True)
    qtbot.addWidget(made, before_close_func=give_up)
    made.resize(1400, 900)
    return made


def give_up(window: Window) -> None:
    """Close everything without a question."""
    for document in window.session.workspace.documents:
        window.session.workspace.close(document)


def some_project(title: str = "Net") -> Project:
    return edits.set_title(edits.add(empty_project(), "n1", Linear()), title)


def changed(window: Window, title: str = "Net") -> Document:
    window.start(some_project(title))
    document = window.session.workspace.current
    document.do(edits.rename, "n1", "changed", label=LABEL)
    return document


def close(window: Window) -> bool:
    """Whether the window lets itself be closed."""
    event = QCloseEvent()
    window.closeEvent(event)
    return event.isAccepted()


class StillRun:
    """A run that goes on until it is stopped."""

    number = 1
    unsaved = False

    def __init__(self) -> None:
        self.active = False
        self.curves = Curves()
        self.stopped = 0

    def start(self) -> None:
        self.active = True

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def stop(self) -> None:
        self.stopped += 1
        self.active = False

    def poll(self) -> list[object]:
        return []


def train(window: Window) -> StillRun:
    run = StillRun()
    window.session.trainer = Trainer(window.session.workspace, make=lambda document: run)
    assert window.session.trainer.train(window.session.workspace.current)
    return run


# ---------------------------------------------------------------------- pages and titles


def test_it_begins_with_the_gallery_and_opens_a_template(window: Window) -> None:
    assert not window.editing
    window.gallery.chosen.emit("digits-mlp")
    assert window.editing
    assert window.session.workspace.current.title == "Digits MLP"
    assert len(window.session.workspace.documents) == 1
    assert window.windowTitle() == "Digits MLP[*] – Layerloom"


def test_the_title_names_the_network_and_its_file(window: Window, tmp_path: Path) -> None:
    document = changed(window, "First")
    assert window.windowTitle() == "First[*] – Layerloom"
    window.session.files.save_to(document, tmp_path / "mine [*].loom")
    assert window.windowTitle() == "First[*] – mine [*][*].loom – Layerloom"
    assert not window.isWindowModified()


def test_a_changed_document_shows_it_in_title_and_tab(window: Window) -> None:
    document = changed(window)
    assert window.isWindowModified()
    tab = window.editor.tabs.index(document.key)
    assert window.editor.tabs.accessibleTabName(tab) == "Net, changed"
    document.undo()
    assert not window.isWindowModified()
    assert window.editor.tabs.accessibleTabName(tab) == "Net"


def test_renaming_the_network_renames_its_tab(window: Window) -> None:
    document = changed(window)
    document.do(edits.set_title, "A & B", label=LABEL)
    assert window.editor.tabs.tabText(window.editor.tabs.index(document.key)) == "A && B"


def test_tabs_switch_close_and_step(window: Window) -> None:
    window.start(some_project("One"))
    window.start(some_project("Two"))
    tabs, work = window.editor.tabs, window.session.workspace
    assert tabs.count() == 2
    tabs.setCurrentIndex(0)
    assert work.current.title == "One"
    window.session.commands["next_tab"].trigger()
    assert work.current.title == "Two"
    tabs.closing.emit(work.current.key)
    assert tabs.count() == 1
    tabs.closing.emit(work.current.key)
    assert not window.editing
    assert not asked


# ---------------------------------------------------------------------- files


def test_save_as_asks_for_a_place_and_adds_the_ending(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = changed(window, "Digits CNN")
    offered: list[str] = []

    def dialog(parent: object, title: str, start: str, kinds: str) -> tuple[str, str]:
        offered.append(start)
        return str(tmp_path / "mine"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", dialog)
    assert window.session.files.save(document)
    assert offered[0].endswith("digits-cnn.loom")
    assert document.path == tmp_path / "mine.loom"
    assert window.recent.entries()[0].title == "Digits CNN"
    document.do(edits.rename, "n1", "again", label=LABEL)
    window.session.commands["save"].trigger()
    assert len(offered) == 1
    assert project_file.load(tmp_path / "mine.loom") == document.project


def test_a_failed_save_says_so_and_keeps_the_work(window: Window, tmp_path: Path, answers: list[str]) -> None:
    document = changed(window)
    answers.append("")
    assert not window.session.files.save_to(document, tmp_path / "nowhere" / "net.loom")
    assert "not saved" in asked[0][0]
    assert document.dirty
    assert document.path is None


@pytest.mark.parametrize(
    ("answer", "saved", "theirs"),
    [("", False, True), ("overwrite", True, False), ("reload", True, True)],
)
def test_a_file_changed_by_another_program_is_noticed_before_it_is_overwritten(
    window: Window, tmp_path: Path, answers: list[str], answer: str, saved: bool, theirs: bool
) -> None:
    document, path = changed(window), tmp_path / "net.loom"
    window.session.files.save_to(document, path)
    path.write_text(path.read_text("utf-8").replace('"changed"', '"theirs"'), "utf-8")
    document.do(edits.rename, "n1", "mine", label=LABEL)
    answers.append(answer)
    assert window.session.files.save(document) is saved
    assert asked[0][2] == ["", "overwrite", "reload", "save_as"]
    assert ('"theirs"' in path.read_text("utf-8")) is theirs
    if answer == "reload":
        assert document.project.graph.nodes["n1"].name == "theirs"
        document.undo()
    assert document.project.graph.nodes["n1"].name == "mine"


def test_what_was_rescued_does_not_hide_that_a_setting_was_damaged(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who leaves the one unanswered reads the other all the same, and it stays when the first is answered."""
    rescued = Rescued(Path("a.loom"), "Net", None, None, 0.0)
    monkeypatch.setattr(window.outside.recovery, "rescued", (rescued,))
    monkeypatch.setattr(settings, "damaged", lambda: ["view/sizes"])
    window.offer_recovery()
    banner = window.gallery.banner
    first, second = banner.text.text().split("\n")
    assert first.startswith("Layerloom ended without saving. Rescued: Net")
    assert second.startswith("Damaged in ")
    assert "sizes" in second
    assert banner.accessibleName() == banner.text.text()
    banner._close.click()
    assert banner.text.text() == second
    assert not banner.isHidden()
    banner._close.click()
    assert banner.isHidden()


def test_a_change_on_disk_is_said_once_in_a_banner(window: Window, tmp_path: Path) -> None:
    document, path = changed(window), tmp_path / "net.loom"
    window.session.files.save_to(document, path)
    path.write_text(path.read_text("utf-8").replace('"changed"', '"theirs"'), "utf-8")
    window.outside.check_disk()
    banner = window.editor.banner
    assert not banner.isHidden()
    banner.buttons[0].click()
    assert banner.isHidden()
    assert document.project.graph.nodes["n1"].name == "theirs"
    window.outside.check_disk()
    assert banner.isHidden()


def test_a_change_on_disk_is_said_at_the_tab_of_that_file_alone(window: Window, tmp_path: Path) -> None:
    first, path = changed(window, "First"), tmp_path / "first.loom"
    window.session.files.save_to(first, path)
    second = changed(window, "Second")
    path.write_text(path.read_text("utf-8").replace('"changed"', '"theirs"'), "utf-8")
    banner = window.editor.banner
    window.outside.check_disk()
    assert banner.isHidden(), "the file in front is as it was"
    window.editor.tabs.setCurrentIndex(window.editor.tabs.index(first.key))
    assert banner.accessibleName() == "first.loom was changed by another program."
    assert not banner.isHidden()
    window.editor.tabs.setCurrentIndex(window.editor.tabs.index(second.key))
    assert banner.isHidden()
    window.editor.tabs.setCurrentIndex(window.editor.tabs.index(first.key))
    assert not banner.isHidden(), "it waits for its answer"
    window.session.commands["reload"].trigger()
    assert banner.isHidden(), "what it told is no longer so"


def test_a_broken_file_is_said_and_nothing_opens(window: Window, tmp_path: Path, answers: list[str]) -> None:
    path = tmp_path / "broken.loom"
    path.write_text("{", "utf-8")
    answers.append("")
    assert window.session.files.open(path) is None
    assert asked[0][0] == "broken.loom cannot be opened"
    assert not window.editing


def test_a_file_dropped_on_the_window_opens(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "net.loom"
    project_file.save(some_project("Dropped"), path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)), QUrl.fromLocalFile(str(tmp_path / "other.txt"))])
    none = Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    window.dropEvent(event)
    assert [document.title for document in window.session.workspace.documents] == ["Dropped"]
    assert window.editing


def test_reopen_brings_back_what_was_closed(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "net.loom"
    project_file.save(some_project("Back"), path)
    window.session.files.open(path)
    window.session.close_document(window.session.workspace.current)
    assert not window.editing
    window.session.commands["reopen"].trigger()
    assert window.session.workspace.current.title == "Back"
    assert window.editing


def test_a_new_network_is_trained_where_the_person_prefers(window: Window) -> None:
    settings.prefer(device="cpu", threads=2)
    window.start(some_project())
    recipe = window.session.workspace.current.project.recipe
    assert (recipe.device, recipe.threads) == ("cpu", 2)
    assert not window.session.workspace.current.dirty


def test_titles_become_names_of_files() -> None:
    assert file_name("Digits CNN") == "digits-cnn"
    assert file_name("数字") == "数字"
    assert file_name("…") == "network"


# ---------------------------------------------------------------------- closing


def test_closing_asks_once_about_everything(window: Window, answers: list[str]) -> None:
    changed(window, "One")
    changed(window, "Two")
    answers.append("")
    assert not close(window)
    assert len(asked) == 1
    assert asked[0][0] == "2 networks have changes that are not saved"
    assert "One, Two" in asked[0][1]
    answers.append("discard")
    assert close(window)


def test_closing_saves_all(window: Window, answers: list[str], tmp_path: Path) -> None:
    for title in ("One", "Two"):
        document = changed(window, title)
        window.session.files.save_to(document, tmp_path / f"{title}.loom")
        document.do(edits.rename, "n1", "late", label=LABEL)
    answers.append("save")
    assert close(window)
    for title in ("One", "Two"):
        assert project_file.load(tmp_path / f"{title}.loom").graph.nodes["n1"].name == "late"


def test_a_save_that_fails_while_closing_keeps_the_window(
    window: Window, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(window)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    answers.append("save")
    assert not close(window)
    assert window.session.workspace.current.dirty


def test_closing_while_training_asks_once_and_waits_for_the_run(window: Window, answers: list[str]) -> None:
    document = changed(window)
    run = train(window)
    answers.append("")
    assert not close(window)
    assert run.stopped == 0
    answers.append("discard")
    assert close(window)
    assert len(asked) == 2
    assert "training stops" in asked[1][1]
    assert run.stopped == 1
    assert window.session.running_trainer() is None
    assert document.dirty


def test_a_network_that_was_changed_while_it_trains_may_take_its_own_place(
    window: Window, answers: list[str]
) -> None:
    document = changed(window)
    run = train(window)
    act = window.session.commands["train"]
    window.session.refresh_commands()
    assert not act.isEnabled()
    document.do(edits.set_title, "Another", label=Message("Rename"))
    window.session.refresh_commands()
    assert act.isEnabled()
    answers.append("")
    act.trigger()
    assert run.stopped == 0
    answers.append("stop")
    act.trigger()
    assert run.stopped == 1


def test_closing_a_saved_network_while_it_trains_offers_to_stop(window: Window, answers: list[str]) -> None:
    window.start(some_project())
    run = train(window)
    answers.append("stop")
    window.session.close_document(window.session.workspace.current)
    assert asked[0][2] == ["", "stop"]
    assert run.stopped == 1
    assert not window.editing


def test_what_is_clean_closes_without_a_question(window: Window) -> None:
    window.start(some_project())
    assert close(window)
    assert not asked


# ---------------------------------------------------------------------- panels


def test_panels_move_close_and_come_back_as_they_were(window: Window, qtbot: QtBot) -> None:
    window.start(some_project())
    docks = window.editor.docks
    assert docks.areas["bottom"].ids() == ["training", "code", "problems", "runs", "try"]
    docks.move_panel("code", "right")
    docks.close_panel("try")
    state = docks.state()
    assert docks.side_of("code") == "right"
    assert docks.is_current("code")
    assert docks.side_of("try") is None
    docks.reset()
    assert docks.side_of("code") == "bottom"
    assert docks.restore(state)
    assert docks.side_of("code") == "right"
    assert docks.side_of("try") is None
    docks.show_panel("try")
    assert docks.areas["bottom"].ids() == ["training", "problems", "runs", "try"]


@pytest.mark.parametrize("nonsense", [None, 7, {}, {"areas": 3}, {"areas": {}, "sizes": [], "current": {}}])
def test_a_broken_layout_is_passed_over(window: Window, nonsense: object) -> None:
    window.start(some_project())
    docks = window.editor.docks
    before = docks.state()["areas"]
    assert not docks.restore(nonsense)
    assert docks.state()["areas"] == before


@pytest.mark.parametrize(("width", "height", "text"), [(800, 470, 1.0), (1600, 940, 2.0), (1600, 940, 1.0)])
def test_the_canvas_keeps_its_share_of_a_small_screen_and_beside_large_text(
    window: Window, qtbot: QtBot, gui: QApplication, width: int, height: int, text: float
) -> None:
    apply(gui, "dark", text)
    window.resize(width, height)
    window.start(some_project())
    window.show()
    qtbot.waitExposed(window)
    docks, canvas = window.editor.docks, window.editor.canvas
    assert canvas.width() >= 0.45 * docks.width()
    assert canvas.height() >= 0.5 * docks.height()
    if text == 1 and width == 1600:
        assert docks.state()["sizes"] == [232, 312, 240]
        window.resize(1000, 700)
        assert canvas.width() >= 0.45 * docks.width()


def test_a_side_that_somebody_drew_keeps_its_size(window: Window, qtbot: QtBot) -> None:
    window.start(some_project())
    window.show()
    qtbot.waitExposed(window)
    docks = window.editor.docks
    handle = docks.splits.across.handle(1)
    at = handle.rect().center()
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(handle, at + QPoint(60, 0))
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=at + QPoint(60, 0))
    drawn = docks.state()["sizes"][0]
    assert drawn > 232
    window.resize(1200, 800)
    assert docks.state()["sizes"][0] == drawn
    state = docks.state()
    docks.reset()
    assert docks.restore(state)
    assert docks.state()["sizes"][0] == drawn


def test_an_empty_side_is_out_of_sight(window: Window) -> None:
    window.start(some_project())
    docks = window.editor.docks
    for id in ("layers", "blocks", "data"):
        docks.close_panel(id)
    assert docks.areas["left"].isHidden()
    docks.show_panel("data")
    assert not docks.areas["left"].isHidden()
    assert docks.areas["left"].ids() == ["data"]


def test_only_the_canvas(window: Window) -> None:
    window.start(some_project())
    window.session.commands["panels"].trigger()
    assert all(area.isHidden() for area in window.editor.docks.areas.values())
    window.editor.docks.reveal("problems")
    assert not window.editor.docks.areas["bottom"].isHidden()
    assert window.editor.docks.is_current("problems")


def test_a_panel_that_imports_much_is_made_after_the_first_paint(window: Window, qtbot: QtBot) -> None:
    window.start(some_project())
    assert window.editor.docks.existing_panel("training") is None
    window.show()
    qtbot.waitUntil(lambda: window.editor.docks.existing_panel("training") is not None, timeout=20_000)
    assert window.tool_bar.run_bar is not None
    window.editor.docks.show_panel("problems")
    window.session.trainer.started.emit(None)
    assert window.editor.docks.is_current("training")


# ---------------------------------------------------------------------- commands


def test_every_action_has_a_place_in_a_menu() -> None:
    from gui.commands.menus import LAYOUT

    placed = {item for _, items in LAYOUT for item in items.split()}
    assert {action.id for action in ACTIONS} <= placed


def test_no_two_actions_have_the_same_keys() -> None:
    keys = [QKeySequence(key).toString() for action in ACTIONS for key in (*action.keys, *action.canvas_keys)]
    assert len(keys) == len(set(keys))
    assert all(keys)


def test_the_sheet_of_shortcuts_shows_every_key(window: Window, qtbot: QtBot) -> None:
    from gui.commands.help import ShortcutSheet

    sheet = ShortcutSheet(window.session)
    qtbot.addWidget(sheet)
    shown = {badge.text() for badge in sheet.findChildren(KeyBadge)}
    bound = {*bindings.BY_KEYS, *(key for action in ACTIONS for key in action.keys)}
    assert {"K", "Shift+F", "F", "+", "-", "Ctrl+S"} <= bound
    assert {keys_text(key) for key in bound} == shown


def test_every_key_of_the_canvas_is_that_of_an_action() -> None:
    """So that what a key does is found in the menus and by the command search as well."""
    told = {key: action.id for action in ACTIONS for key in (*action.keys, *action.canvas_keys)}
    assert bindings.BY_KEYS.keys() <= told.keys()
    declared = [one for one in vars(bindings).values() if isinstance(one, bindings.Binding)]
    assert {key for binding in declared for key in binding.every_key} == bindings.BY_KEYS.keys()


def test_undo_is_offered_while_there_is_something_to_undo(window: Window) -> None:
    document = changed(window)
    assert window.session.commands["undo"].isEnabled()
    window.session.commands["undo"].trigger()
    assert not window.session.commands["undo"].isEnabled()
    assert window.session.commands["redo"].isEnabled()
    assert document.project.graph.nodes["n1"].name == "linear1"


def test_train_pause_and_stop_follow_the_run(window: Window) -> None:
    window.start(some_project())
    commands = window.session.commands
    assert [commands[id].isEnabled() for id in ("train", "pause", "stop")] == [True, False, False]
    run = train(window)
    window.session.refresh_commands()
    assert [commands[id].isEnabled() for id in ("train", "pause", "stop")] == [False, True, True]
    commands["pause"].trigger()
    assert window.session.trainer.paused
    assert (commands["pause"].text(), commands["pause"].shown_icon) == ("Go on", "play")
    assert window.tool_bar.pause.text() in ("Go on", "")
    commands["pause"].trigger()
    assert not window.session.trainer.paused
    assert (commands["pause"].text(), commands["pause"].shown_icon) == ("Pause", "pause")
    commands["stop"].trigger()
    assert run.stopped == 1


def test_the_command_search_finds_and_does(window: Window, qtbot: QtBot) -> None:
    window.start(some_project())
    search = CommandSearch(window.session)
    qtbot.keyClicks(search.field, "only canv")
    assert search.list.item(0).text() == "Only the canvas"
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    assert window.editor.docks.bare


def test_the_command_search_puts_what_cannot_be_done_last(window: Window, qtbot: QtBot) -> None:
    window.start(some_project())
    search = CommandSearch(window.session)
    qtbot.addWidget(search)
    enabled = [bool(search.list.item(i).flags()) for i in range(search.list.count())]
    assert enabled == sorted(enabled, reverse=True)
    assert not all(enabled)
    search.search("xyzzy")
    assert search.list.count() == 0
    assert not search.nothing.isHidden()


def test_a_narrow_window_shortens_the_search_to_an_icon(window: Window, qtbot: QtBot) -> None:
    window.start(some_project())
    window.show()
    qtbot.waitExposed(window)
    assert not window.tool_bar.search.short
    window.resize(820, 700)
    qtbot.waitUntil(lambda: window.tool_bar.search.short, timeout=20_000)
    window.resize(1400, 900)
    qtbot.waitUntil(lambda: not window.tool_bar.search.short, timeout=20_000)


def test_the_device_is_an_edit_that_undo_takes_back(window: Window) -> None:
    window.start(some_project())
    menu = window.tool_bar._device_menu
    menu.refill()
    cpu = next(act for act in menu.actions() if act.data() == ("device", "cpu"))
    cpu.trigger()
    assert window.session.workspace.current.project.recipe.device == "cpu"
    window.session.workspace.current.undo()
    assert window.session.workspace.current.project.recipe.device == "auto"


# ---------------------------------------------------------------------- words


def test_a_refused_edit_is_said_at_the_foot_of_the_canvas(window: Window) -> None:
    document = changed(window)
    document.do(edits.rename, "n1", "", label=LABEL)
    assert window.editor.toast.text.text() == "A layer needs a name."


def test_the_status_bar_says_what_the_network_is(window: Window, qtbot: QtBot) -> None:
    import torch  # noqa: F401  (a check at once needs it)

    window.start(template("digits-mlp").project())
    window.session.workspace.checker.release()
    document = window.session.workspace.current
    qtbot.waitUntil(lambda: document.fresh, timeout=20_000)
    qtbot.waitUntil(lambda: "parameters" in window.editor.status.accessibleDescription())
    told = window.editor.status.accessibleDescription()
    assert told.startswith("6 layers · 4,810 parameters · ")
    assert document.analysis is not None
    assert f"peak {bytes_text(footprint(document.analysis).whole)}" in told
    assert "no problems" in told
    assert "Digits" in told
    assert "1,257 train, 270 validation, 270 test" in told
    assert "autosaved" not in told
    document.do(edits.add, "loose", Linear(), label=LABEL)
    qtbot.waitUntil(lambda: document.fresh)
    qtbot.waitUntil(lambda: "1 problem ·" in window.editor.status.accessibleDescription())  # an unwired layer
    input = next(iter(document.project.graph.nodes))
    document.do(edits.remove, ["loose"], label=LABEL)
    document.do(edits.add, "side", Flatten(), label=LABEL)
    document.do(edits.connect, input, "out", "side", "x", label=LABEL)
    qtbot.waitUntil(lambda: document.fresh)
    qtbot.waitUntil(lambda: "1 note ·" in window.editor.status.accessibleDescription())
    assert not window.editor.docks.areas["bottom"].strip._tabs["problems"].badge, "a note is no problem"
    document.do(edits.remove, list(document.project.graph.nodes)[1:2], label=LABEL)
    window.session.autosave.flush()
    qtbot.waitUntil(lambda: "autosaved" in window.editor.status.accessibleDescription(), timeout=20_000)
    told = window.editor.status.accessibleDescription()
    assert "problem" in told
    assert " · ? parameters · ? multiply-adds · " in told or told.count(" · at least ") == 2
    assert window.editor.docks.areas["bottom"].strip.accessibleName()


@pytest.mark.parametrize("how", ["written", "replaced", "deleted", "moved"])
def test_what_another_program_does_to_an_open_file_is_said_at_once(
    window: Window, qtbot: QtBot, tmp_path: Path, how: str
) -> None:
    file, other = tmp_path / "net.loom", tmp_path / "other.loom"
    project_file.save(template("digits-mlp").project(), file)
    project_file.save(template("digits-cnn").project(), other)
    window.show()
    window.open(file)
    document, banner = window.session.workspace.current, window.editor.banner
    assert document.path == file
    QApplication.processEvents()
    assert not banner.isVisible()
    match how:
        case "written":
            file.write_bytes(other.read_bytes())
        case "replaced":
            other.replace(file)
        case "deleted":
            file.unlink()
        case "moved":
            file.rename(tmp_path / "elsewhere.loom")
    qtbot.waitUntil(banner.isVisible)
    if how in {"written", "replaced"}:
        assert banner.accessibleName() == "net.loom was changed by another program."
        assert not document.dirty
        return
    assert banner.accessibleName().startswith("net.loom was deleted or moved by another program.")
    assert document.dirty, "what is open is all that there is"
    window.session.files.save(document)
    assert project_file.load(file) == document.project
    qtbot.waitUntil(lambda: not banner.isVisible())
    assert not document.dirty


def test_a_network_of_blocks_has_as_many_layers_as_its_card_says(window: Window, qtbot: QtBot) -> None:
    famous = template("googlenet")
    window.start(famous.project())
    drawn = len(window.session.workspace.current.project.graph.nodes)
    said = f"{drawn} layers drawn, {famous.facts['layers']} in all"
    qtbot.waitUntil(lambda: window.editor.status.accessibleDescription().startswith(said))


def test_a_file_is_shown_as_it_was_left(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "net.loom"
    project_file.save(template("digits-cnn").project(), file)
    window.show()
    window.open(file)
    canvas, docks = window.editor.canvas, window.editor.docks
    first = canvas.viewport.camera
    left = Camera(first.x + 30, first.y + 110, 0.75)
    canvas.viewport.look_from(left)
    docks.show_panel("problems")
    window.session.close_document(window.session.workspace.current)
    docks.show_panel("code")
    window.open(file)
    assert canvas.viewport.camera.scale == 0.75
    assert canvas.viewport.camera.x == pytest.approx(left.x, abs=1)
    assert canvas.viewport.camera.y == pytest.approx(left.y, abs=1)
    assert docks.is_current("problems")
    docks.show_panel("code")
    window.start(some_project())
    window.open(file)
    assert docks.is_current("code"), "what is open already changes nothing"
    canvas.viewport.look_from(Camera(90_000, 90_000, 1.0))
    window.session.close_document(window.session.workspace.current)
    window.open(file)
    assert canvas.viewport.camera == first, "a view from which nothing can be seen is not taken up"
    assert project_file.load(file) == template("digits-cnn").project(), "the project knows nothing of it"


@pytest.mark.parametrize("nonsense", [3, {"a": 1}, {"a": [0, 0, 0, ""]}, {"a": ["", 0, 1, ""]}])
def test_what_is_kept_of_files_may_be_nonsense(gui: object, nonsense: object) -> None:
    settings.remember("files", nonsense)
    assert remembered_view.view(Path("a")) is None
    remembered_view.keep(Path("b"), Camera(0, 0, 1), 100, "code")
    assert remembered_view.view(Path("b")) == (50, 0, 1, "code", "network")


def test_only_so_many_files_are_remembered(gui: object) -> None:
    for number in range(remembered_view.MOST + 2):
        remembered_view.keep(Path(str(number)), Camera(), 100, "")
    assert remembered_view.view(Path("1")) is None
    assert remembered_view.view(Path("2")) is not None


def test_the_tab_of_the_runs_counts_them(window: Window, qtbot: QtBot, own_folders: Path) -> None:
    settings.prefer(runs=str(own_folders / "runs"))
    for number in (1, 2):
        folder = own_folders / "runs" / f"000{number}-net"
        folder.mkdir(parents=True)
        (folder / "run.json").write_text("{}")
    window.start(some_project())
    window._count_runs()
    strip = window.editor.docks.areas["bottom"].strip
    qtbot.waitUntil(lambda: strip._tabs["runs"].badge == "2", timeout=20_000)


def test_a_run_that_is_not_saved_stands_in_a_banner(window: Window, qtbot: QtBot) -> None:
    window.start(some_project())
    train(window)
    tried: list[bool] = []
    trainer = window.session.trainer
    trainer.unsaved.save = lambda: tried.append(True)
    window._start_work()
    trainer.unsaved.waiting.emit(trainer.info)
    banner = window.editor.banner
    assert not banner.isHidden()
    assert banner.accessibleName().startswith("The run of Net is not saved.")
    qtbot.mouseClick(banner.buttons[0], Qt.MouseButton.LeftButton)
    assert tried == [True]
    assert banner.isHidden()
    trainer.stop()


def test_train_leads_to_the_problems_of_a_network_that_cannot_be_trained(gui: object, qtbot: QtBot) -> None:
    import torch  # noqa: F401  (a check at once needs it)

    window = Window()
    qtbot.addWidget(window, before_close_func=give_up)
    window.start(edits.dissolve(cnn(), ["n5"]))
    document = window.session.workspace.current
    assert document.fresh
    window._start_work()
    camera, docks = window.editor.canvas.viewport.camera, window.editor.docks
    docks.show_panel("code")
    window.session.commands["train"].trigger()
    assert docks.areas["bottom"].current() == "problems"
    assert not window.session.trainer.running
    assert (document.selection, window.editor.canvas.viewport.camera) == (frozenset(), camera)
    bar = window.tool_bar.run_bar
    assert bar is not None
    rows = docks.panel("problems").rows
    qtbot.waitUntil(lambda: bool(rows.model().shown_repairs(0)))
    assert bar.toolTip().startswith("cannot train: linear1 expects N×features, but receives ")
    document.undo()
    document.do(edits.rename, "n6", "head", label=LABEL)
    assert bar.toolTip() == "ready", "what was said is of the network as it was"


def test_train_asks_where_another_network_trains(window: Window, answers: list[str]) -> None:
    window.start(some_project())
    run = train(window)
    window.session.trainer.ask = lambda title, text, choices: asked.append((title, text, [])) or ""
    window.start(some_project("Another"))
    command = window.session.commands["train"]
    assert command.isEnabled()
    command.trigger()
    assert [title for title, _, _ in asked] == ["Net is training"]
    assert run.stopped == 0
    window.session.workspace.step(1)
    assert not command.isEnabled(), "what trains is not trained a second time"


def test_dialogs_open(window: Window, qtbot: QtBot) -> None:
    from gui.commands.help import About, ShortcutSheet

    about, sheet = About(window), ShortcutSheet(window.session)
    for dialog in (about, sheet):
        qtbot.addWidget(dialog)
        dialog.grab()
    told = [child.text() for child in sheet.findChildren(type(sheet.findChild(_label())))]
    assert "Train" in told


def _label() -> type:
    from gui.controls import Label

    return Label


def test_a_question_is_answered_by_its_buttons(gui: object, qtbot: QtBot) -> None:
    choices = (question.Reply("", "Cancel"), question.Reply("save", "Save", primary=True))
    asking = question.Question("Title", "Reason", choices)
    qtbot.addWidget(asking)
    asking.buttons["save"].click()
    assert asking.answer == "save"
    assert asking.buttons["save"].isDefault()


def test_the_inspector_comes_forward_when_a_layer_is_selected(window: Window, qtbot: QtBot) -> None:
    window.start(some_project())
    window.show()
    docks, work = window.editor.docks, window.session.workspace
    docks.show_panel("recipe")
    work.current.select(["n1"])
    assert docks.is_current("inspector")
    docks.show_panel("recipe")
    work.current.select([])
    work.current.select(["n1"])
    assert docks.is_current("inspector"), "also where it was selected before"
    docks.show_panel("recipe")
    work.current.do(edits.rename, "n1", "stem", label=LABEL)
    assert docks.is_current("recipe"), "an edit selects nothing"
    first = work.current
    window.start(some_project("Another"))
    work.switch(first)
    assert docks.is_current("recipe"), "nor does another network that comes to the front"
    docks.close_panel("inspector")
    work.current.select([])
    work.current.select(["n1"])
    assert docks.side_of("inspector") is None, "what a person closed stays closed"
    docks.show_panel("inspector")
    docks.move_panel("inspector", "bottom")
    docks.show_panel("code")
    docks.release()
    work.current.select([])
    code = docks.panel("code").findChild(QPlainTextEdit)
    code.setFocus()
    work.current.select(["n1"])
    assert docks.is_current("code"), "it does not cover what the hand is on"


def test_the_size_of_the_window_and_its_panels_come_back(window: Window, qtbot: QtBot) -> None:
    window.start(some_project())
    window.editor.docks.move_panel("code", "right")
    assert close(window)
    again = Window(held=True)
    qtbot.addWidget(again, before_close_func=give_up)
    again.start(some_project())
    assert again.editor.docks.side_of("code") == "right"


def test_a_network_without_a_name_is_called_as_its_first_file(window: Window, tmp_path: Path) -> None:
    window.new()
    document = window.session.workspace.current
    document.do(edits.add, "n1", Linear(), label=LABEL)
    assert window.session.files.save_to(document, tmp_path / "wine.loom")
    assert (document.title, project_file.load(tmp_path / "wine.loom").graph.name) == ("wine", "wine")
    assert window.session.files.save_to(document, tmp_path / "other.loom")
    assert document.title == "wine"
