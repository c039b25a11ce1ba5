"""What a person prefers, and how the window was left. Kept by Qt in the system's own place, apart from
every project.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal, NamedTuple

from PySide6.QtCore import QObject, QSettings, QStandardPaths, Signal

NAME = "Layerloom"
FOLDER = "layerloom"


class Preferences(NamedTuple):
    """What the settings dialog offers. Empty folders and None stand for the usual choice."""

    theme: Literal["system", "dark", "light"] = "system"
    text_size: int = 100
    """Percent, on top of what the system asks for."""
    reduced_motion: bool = False
    wheel: Literal["zoom", "pan"] = "zoom"
    show_gallery: bool = True
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where new networks are trained."""
    threads: int | None = None
    """Processor threads of new networks; None chooses by the network's cost."""
    runs: str = ""
    state: str = ""
    plugins: str = ""


_CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("system", "dark", "light"),
    "wheel": ("zoom", "pan"),
    "device": ("auto", "cpu", "cuda", "mps"),
}


class _Signals(QObject):
    changed = Signal(object)


_signals = _Signals()
preferences_changed = _signals.changed
"""Emitted with the new `Preferences` after a person changed one."""

_preferences: Preferences | None = None


def store() -> QSettings:
    """Where everything is kept."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, NAME, FOLDER)


def preferences() -> Preferences:
    """What the person prefers now."""
    global _preferences
    if _preferences is None:
        _preferences = _read()
    return _preferences


def prefer(**changes: Any) -> Preferences:
    """Change preferences, keep them, and tell everybody."""
    global _preferences
    new = preferences()._replace(**changes)
    if new != _preferences:
        _preferences = new
        file = store()
        for name in changes:
            file.setValue(f"preferences/{name}", json.dumps(getattr(new, name)))
        file.sync()
        preferences_changed.emit(new)
    return new


def forget() -> None:
    """Read the preferences anew at the next question."""
    global _preferences
    _preferences = None


def _read() -> Preferences:
    """What is kept; a value that is not legal (the file can be edited by hand) falls back to its default."""
    file, legal = store(), {}
    for name, usual in Preferences._field_defaults.items():
        value = parsed(file.value(f"preferences/{name}"))
        if _legal(name, value, usual):
            legal[name] = value
    return Preferences(**legal)


def _legal(name: str, value: Any, default: Any) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    if name == "threads":
        return value is None or (type(value) is int and 1 <= value <= 256)
    if name == "text_size":
        return type(value) is int and 75 <= value <= 250
    return type(value) is type(default)


# ---------------------------------------------------------------------- view state


def parsed(text: Any) -> Any:
    """A value that was kept as JSON; None where it is missing or broken."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def remember(name: str, value: Any) -> None:
    """Keep how a part of the window was left; `value` is plain JSON."""
    store().setValue(f"view/{name}", json.dumps(value))


def remembered(name: str) -> Any:
    """How a part of the window was left, or None."""
    return parsed(store().value(f"view/{name}"))


# ---------------------------------------------------------------------- folders


def state_folder() -> Path:
    """Where snapshots, locks and the log are kept."""
    chosen = preferences().state
    return Path(chosen) if chosen else usual_state_folder()


def usual_state_folder() -> Path:
    """The system's place for a program's state."""
    if place := os.environ.get("XDG_STATE_HOME"):
        return Path(place) / FOLDER
    root = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericStateLocation)
    return Path(root) / FOLDER


def runs_folder() -> Path:
    """Where runs are kept."""
    chosen = preferences().runs
    return Path(chosen) if chosen else usual_runs_folder()


def usual_runs_folder() -> Path:
    """The engine's own place for runs, so that the terminal finds them too."""
    from engine.files.folders import runs_folder

    return runs_folder()
