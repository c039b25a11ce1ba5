"""Where a project's data is, as its file says it: seen from the folder of that file, so that both can move
together.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath

from engine.data.own.file_source import FileSource
from engine.data.settings import DataSettings


def data_seen_from(data: DataSettings, folder: Path) -> DataSettings:
    """The same data with a path as it is seen from a folder, `/` between its parts; the path itself where
    there is none, as to another drive.
    """
    if not isinstance(data.source, FileSource) or not os.path.isabs(data.source.path):
        return data
    try:
        seen = PurePath(os.path.relpath(data.source.path, folder)).as_posix()
    except ValueError:  # on another drive
        return data
    return _at(data, seen)


def data_found_from(data: DataSettings, folder: Path) -> DataSettings:
    """The same data with the whole path of what is seen from a folder."""
    if not isinstance(data.source, FileSource) or not data.source.path:
        return data
    return _at(data, os.path.normpath(folder / data.source.path))


def _at(data: DataSettings, path: str) -> DataSettings:
    return data.with_setting("source", data.source.with_setting("path", path))
