"""What a person prefers, and how the window was left. Kept by Qt in the system's own place, apart from
every project.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from PySide6.QtCore import QObject, QSettings, QStandardPaths, Signal

from engine.files.checked_json import (
    Check,
    Damaged,
    anything,
    boolean,
    either,
    file_path,
    fits,
    items,
    maybe,
    of_text,
    one_of,
    whole,
)

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


_FOLDER = either(one_of(""), file_path())
_PREFERRED: dict[str, Check] = {
    "theme": one_of("system", "dark", "light"),
    "text_size": whole(75, 250),
    "reduced_motion": boolean(),
    "wheel": one_of("zoom", "pan"),
    "show_gallery": boolean(),
    "device": one_of("auto", "cpu", "cuda", "mps"),
    "threads": maybe(whole(1, 256)),
    "runs": _FOLDER,
    "state": _FOLDER,
    "plugins": _FOLDER,
}
_NONE = {"threads"}
"""Of these None means something."""


class _Signals(QObject):
    changed = Signal(object)


_signals = _Signals()
preferences_changed = _signals.changed
"""Emitted with the new `Preferences` after a person changed one."""

_preferences: Preferences | None = None


def store() -> QSettings:
    """Where everything is kept."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, NAME, FOLDER)


def make_private() -> None:
    """Let nobody else read what is kept: it names a person's files."""
    file = Path(store().fileName())
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(0o600)
        file.chmod(0o600)


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
    _damaged.clear()
    _told.clear()


def _read() -> Preferences:
    """What is kept; a value that is not legal (the file can be edited by hand) falls back to its default."""
    file, legal = store(), {}
    for name, check in _PREFERRED.items():
        key = f"preferences/{name}"
        if file.contains(key):
            value = _parsed(key, file.value(key), check)
            if value is not None or name in _NONE:
                legal[name] = value
    return Preferences(**legal)


# ---------------------------------------------------------------------- what is kept


_damaged: dict[str, None] = {}
_told: set[str] = set()


def kept(name: str, check: Check) -> Any:
    """What is kept under a name; None where there is nothing, or not what the check expects."""
    return _parsed(name, store().value(name), check)


def kept_rows(name: str, check: Check) -> list[Any]:
    """Of a list that is kept under a name, those values that are as expected."""
    rows = kept(name, items(anything())) or []
    legal = [row for row in rows if fits(check, row)]
    if len(legal) < len(rows):
        _damaged[name] = None
    return legal


def damaged() -> list[str]:
    """The names of what was read, was not as expected, and fell back to the usual; each is given once."""
    names = [name for name in _damaged if name not in _told]
    _told.update(names)
    return names


def _parsed(name: str, kept: Any, check: Check) -> Any:
    """A value that was kept as JSON; None where it is missing or not as expected."""
    if kept is None:
        return None
    try:
        if not isinstance(kept, str):  # Qt takes apart what a comma parts
            raise Damaged("is no text")
        return of_text(kept, check)
    except Damaged:
        _damaged[name] = None
        return None


def remember(name: str, value: Any) -> None:
    """Keep how a part of the window was left; `value` is plain JSON."""
    store().setValue(f"view/{name}", json.dumps(value))


def remembered(name: str, check: Check) -> Any:
    """How a part of the window was left, or None."""
    return kept(f"view/{name}", check)


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
