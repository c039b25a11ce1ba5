"""Where the program keeps a person's things."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """Where the user's data is kept: LAYERLOOM_DATA if it is set, else what the system provides for it."""
    chosen = os.environ.get("LAYERLOOM_DATA")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "Layerloom"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Layerloom"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "layerloom"


def runs_folder() -> Path:
    """Where runs are kept unless somebody says otherwise."""
    return data_folder() / "runs"


def sets_folder() -> Path:
    """Where data sets are kept that were fetched from a network, and can be fetched again."""
    if os.environ.get("LAYERLOOM_DATA"):
        return data_folder() / "sets"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(local) / "Layerloom" / "sets"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "Layerloom" / "sets"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "layerloom" / "sets"
