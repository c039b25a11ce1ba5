"""What every test of the window needs: no screen, the design's theme, and folders of its own."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from engine.data.own import permission
from engine.plugins import trial
from engine.plugins.trial import Effects
from gui import settings
from gui.garbage import collect
from gui.style.apply import apply

FOLDERS = {
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
    "LOCALAPPDATA": "local",
    "APPDATA": "roaming",
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, state and data land in the test's own folder, never in the person's."""
    for name, folder in FOLDERS.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    QStandardPaths.setTestModeEnabled(False)
    for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(form, QSettings.Scope.UserScope, str(tmp_path / "config"))
    settings.forget()
    return tmp_path


@pytest.fixture(autouse=True)
def _no_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plug-ins of tests do no harm: no process of their own tries them first."""
    monkeypatch.setattr(trial, "tried", lambda path, content: Effects())


@pytest.fixture(autouse=True)
def garbage() -> Iterator[None]:
    """Cycles are collected between tests, on this thread, as the program collects them on its own."""
    gc.disable()
    yield
    permission.set_gate(None)
    collect()


@pytest.fixture(scope="session")
def dressed(qapp: QApplication) -> QApplication:
    """The application, in the dark theme."""
    apply(qapp, "dark")
    return qapp


@pytest.fixture
def gui(dressed: QApplication) -> Iterator[QApplication]:
    """The application in the dark theme; a test may change theme and text scale, which are put back.

    The pointer is nowhere: where the test before left it, what is shown below it would be lit.
    """
    apply(dressed, "dark")
    QCursor.setPos(-1000, -1000)
    yield dressed
    apply(dressed, "dark")
