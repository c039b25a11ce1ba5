"""Saves a run whose own place takes nothing any more wherever it is taken."""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from engine.message import Trouble
from engine.runs.shelf import slug

if TYPE_CHECKING:
    from engine.runs.protocol import Training


def save_elsewhere(run: Training, title: str) -> Path | None:
    """Save it in the current folder, else in the system's folder for what is temporary; where it lies now, or
    None. Nobody can guess the name and so be there first.
    """
    name = f"{slug(title)}-run-{run.number}-{uuid.uuid4().hex}"
    for folder in (os.getcwd, tempfile.gettempdir):
        try:
            return run.save(Path(folder(), name))
        except (Trouble, OSError):  # the next one may take it
            continue
    return None
