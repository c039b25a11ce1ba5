"""Plug-ins in the window: projects follow them, the palette lists them, problems are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from engine import edits, kinds
from engine.kinds import Layer, Unknown
from engine.message import Message
from engine.plugins import loading
from gui import settings
from gui.canvas.edits.layer_search import candidates, entries
from gui.dialogs.settings import SettingsDialog
from gui.document.workspace import Workspace
from gui.panels.palette.palette import Palette
from gui.plugins import PluginLoader, plugins_folder
from gui.window.window import Window

TWICE = """
from engine.api import expression
from engine.api import Layer, declare, param
from engine.api import port

@declare(family="activation", search="own double")
class Twice(Layer):
    '''Doubles what arrives.'''
    times: float = param(2.0, doc="How much")
    x = port("N *", doc="anything")

    def torch(self, x):
        return expression(f"{{x}} * {self.times!r}")
"""


@pytest.fixture
def folder(own_folders: Path) -> Iterator[Path]:
    """The usual folder of plug-ins, in the test's own place. Afterwards none is loaded."""
    own = loading.default_folder()
    own.mkdir(parents=True)
    yield own
    loading.load(own / "none")
    loading._loaded = None


@pytest.fixture
def window(gui: object) -> Iterator[Window]:
    """A window, gone for good afterwards: one that lives on would follow the preferences of other tests."""
    made = Window(held=True)
    yield made
    settings.preferences_changed.disconnect(made._prefer)
    made.close()
    delete(made)


def load(qtbot: QtBot, workspace: Workspace, own: PluginLoader) -> loading.Plugins:
    with qtbot.waitSignal(workspace.kinds_changed, timeout=20_000) as told:
        own.load()
    assert told.args
    found: loading.Plugins = told.args[0]
    return found


def test_a_file_that_changed_meanwhile_is_read_when_the_program_is_in_front_again(
    gui: object, folder: Path, qtbot: QtBot
) -> None:
    work = Workspace(held=True)
    own = PluginLoader(work)
    path = folder / "mine.py"
    path.write_text(TWICE)
    load(qtbot, work, own)
    path.write_text(TWICE.replace("Twice", "Thrice"))
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    with qtbot.waitSignal(work.kinds_changed, timeout=20_000):
        application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    assert "Thrice" in kinds.registry(Layer)
    assert "Twice" not in kinds.registry(Layer)


def test_an_open_project_follows_the_plugins(gui: object, folder: Path, qtbot: QtBot) -> None:
    work = Workspace(held=True)
    own = PluginLoader(work)
    path = folder / "mine.py"
    path.write_text(TWICE)
    load(qtbot, work, own)
    document = work.current
    document.do(edits.add, "a", kinds.registry(Layer)["Twice"](times=3.0), label=Message("Add"))
    document.do(edits.rename, "a", "thrice", label=Message("Rename"))
    assert "Twice" in [type(kind).__name__ for kind, _ in entries()]
    path.unlink()
    load(qtbot, work, own)
    lost = document.project.graph.nodes["a"].kind
    assert isinstance(lost, Unknown)
    assert "Twice" not in [type(kind).__name__ for kind, _ in entries()]
    assert str(lost.reason) == "from plug-in mine, not found"
    path.write_text(TWICE + "# again\n")
    load(qtbot, work, own)
    kind = document.project.graph.nodes["a"].kind
    assert kind == kinds.registry(Layer)["Twice"](times=3.0)
    document.undo()
    assert document.project.graph.nodes["a"].kind == kind
    assert document.dirty
    document.undo()
    assert not document.dirty


def test_a_saved_project_stays_saved(gui: object, folder: Path, qtbot: QtBot, tmp_path: Path) -> None:
    work = Workspace(held=True)
    own = PluginLoader(work)
    (folder / "mine.py").write_text(TWICE)
    load(qtbot, work, own)
    work.current.do(edits.add, "a", kinds.registry(Layer)["Twice"](), label=Message("Add"))
    work.current.save(tmp_path / "p.loom")
    (folder / "mine.py").unlink()
    load(qtbot, work, own)
    assert not work.current.dirty
    assert work.current.project.graph.nodes["a"].kind.json()["plugin"] == "mine"


def test_palette_and_search_list_them(gui: object, folder: Path, qtbot: QtBot) -> None:
    work = Workspace(held=True)
    own = PluginLoader(work)
    palette = Palette(work)
    qtbot.addWidget(palette)
    before = len(palette.model.kinds)
    assert palette.foot.isHidden()
    (folder / "mine.py").write_text(TWICE)
    (folder / "bad.py").write_text("1 / 0\n")
    load(qtbot, work, own)
    assert len(palette.model.kinds) == before + 1
    assert palette.model.search("Twice")
    assert not palette.foot.isHidden()
    assert "bad.py, line 1: ZeroDivisionError" in palette.foot.text()
    first = candidates("Twice", lambda kind: None)[0]
    assert type(first.kind).__name__ == "Twice"
    for path in folder.iterdir():
        path.unlink()
    load(qtbot, work, own)
    assert len(palette.model.kinds) == before
    assert palette.foot.isHidden()


def test_a_new_problem_is_said_once(gui: object, folder: Path, qtbot: QtBot) -> None:
    work = Workspace(held=True)
    own = PluginLoader(work)
    said: list[object] = []
    work.notice.connect(said.append)
    (folder / "bad.py").write_text("def f(:\n")
    load(qtbot, work, own)
    load(qtbot, work, own)
    assert [str(one) for one in said] == ["Plug-in bad.py, line 1: not Python: invalid syntax"]


def test_the_settings_show_and_read_them(window: Window, folder: Path, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = SettingsDialog(window.session.plugins, window)
    qtbot.addWidget(dialog)
    shown = dialog.plugin_list
    assert shown.files.text() == "Not read yet"
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.py").write_text(TWICE)
    (other / "bad.py").write_text("raise ValueError('so')\n")
    with qtbot.waitSignal(window.session.workspace.kinds_changed, timeout=20_000):
        dialog.plugins.use(str(other))
    assert "mine: Twice" in shown.files.text()
    assert shown.faults.text() == "bad.py, line 1: ValueError: so"
    (other / "worse.py").write_text("raise ValueError('" + "so it is " * 20 + "')\n")
    dialog.show()
    with qtbot.waitSignal(window.session.workspace.kinds_changed, timeout=20_000):
        shown.again.click()
    qtbot.waitUntil(lambda: shown.faults.height() >= shown.faults.heightForWidth(shown.faults.width()))
    assert len(shown.faults.text()) > 100
    with qtbot.waitSignal(window.session.workspace.kinds_changed, timeout=20_000):
        dialog.plugins.reset()
    assert "No plug-ins yet" in shown.files.text()
    assert shown.faults.isHidden()


def test_the_environment_goes_before_the_setting(
    gui: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.prefer(plugins=str(tmp_path / "chosen"))
    assert plugins_folder() == tmp_path / "chosen"
    monkeypatch.setenv(loading.FOLDER, str(tmp_path / "said"))
    assert plugins_folder() == tmp_path / "said"
    settings.prefer(plugins="")
