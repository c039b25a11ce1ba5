"""What opens over the window: menus, the command search, dialogs and questions."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from gui import settings
from gui.commands.help import About, ShortcutSheet
from gui.commands.layer_search import LayerSearch
from gui.commands.menus import main_menu
from gui.commands.search import CommandSearch
from gui.controls.question import Question, Reply
from gui.dialogs.export import ExportDialog
from gui.dialogs.settings import SettingsDialog
from tests.screens.stage import Stage


def over(stage: Stage, dialog: QDialog) -> Iterator[object]:
    """A dialog in the middle of the window."""
    dialog.show()
    window = stage.window
    middle = window.mapToGlobal(window.rect().center())
    dialog.move(middle - QPoint(dialog.width() // 2, dialog.height() // 2))
    stage.settle()
    yield (window, dialog)
    dialog.close()
    dialog.deleteLater()


def menu_main(stage: Stage) -> Iterator[object]:
    """The menu behind the button at the left, and its first part."""
    stage.open("digits-cnn")
    menu = main_menu(stage.window.session)
    menu.popup(stage.window.mapToGlobal(QPoint(8, 44)))
    part = menu.actions()[1].menu()
    assert isinstance(part, QWidget)
    part.popup(menu.mapToGlobal(QPoint(menu.width(), 24)))  # type: ignore[attr-defined]  # a menu
    stage.settle()
    yield (stage.window, menu, part)
    part.close()
    menu.close()


def command_search(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn", "n2")
    search = CommandSearch(stage.window.session)
    search.popup()
    QTest.keyClicks(search.field, "un")
    yield (stage.window, search)
    search.close()


def layer_search(stage: Stage) -> Iterator[object]:
    stage.open("digits-squeezenet")
    search = LayerSearch(stage.window.session)
    search.popup()
    QTest.keyClicks(search.field, "kernel 1")
    yield (stage.window, search)
    search.close()


def settings_dialog(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    yield from over(stage, SettingsDialog(stage.window.session.plugins, stage.window))


def shortcuts(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    yield from over(stage, ShortcutSheet(stage.window.session))


def about(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    yield from over(stage, About(stage.window))


def question(stage: Stage) -> Iterator[object]:
    """What is asked before something is lost."""
    stage.open("digits-cnn")
    choices = (
        Reply("", "Cancel"),
        Reply("discard", "Close without saving"),
        Reply("save", "Save", primary=True),
    )
    text = "Since it was saved, it was changed. A snapshot of it is kept in the state folder."
    yield from over(stage, Question("Digits CNN has changes that are not saved", text, choices, stage.window))


def export_empty(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    session = stage.window.session
    dialog = ExportDialog(session.workspace, session.trainer, stage.window)
    dialog.show()
    stage.until(dialog.empty.isVisible, "the shelf")
    yield from over(stage, dialog)


def export(stage: Stage) -> Iterator[object]:
    """An export that is done, with its proof."""
    assert stage.trained is not None
    stage.look(stage.trained)
    settings.remember("export_folder", str(stage.folder))
    session = stage.window.session
    dialog = ExportDialog(session.workspace, session.trainer, stage.window)
    dialog.show()
    stage.until(lambda: dialog.runs, "the shelf")
    dialog.go.click()
    stage.until(lambda: dialog.proof is not None, "the proof")
    stage.settle()
    yield from over(stage, dialog)


BEFORE = {
    "menu-main": menu_main,
    "command-search": command_search,
    "layer-search": layer_search,
    "settings": settings_dialog,
    "shortcuts": shortcuts,
    "about": about,
    "question": question,
    "export-empty": export_empty,
}
AFTER = {"export": export}
