"""Finds the files that a description of a folder names, however it writes their names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath


class Places:
    """Files of a folder by their paths. A name may be written in another form of Unicode, in letters of
    another size, or with backslashes. What lies outside the folder is never found.
    """

    def __init__(self, root: Path, files: Iterable[str]) -> None:
        self._root = root.as_posix().rstrip("/") + "/"
        self._files = list(files)
        self._exact = frozenset(self._files)
        self._alike: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = {}
        for file in reversed(self._files):  # so that the first of several remains
            self._alike[_alike(file)] = file
        for file in self._files:
            self._by_name.setdefault(_alike(file.rpartition("/")[2]), []).append(file)
        self._found: set[str] = set()

    def find(self, folder: str, name: object) -> tuple[str, str]:
        """The file that is meant by a name in a folder, or "" and a sentence why there is none."""
        text = written(name)
        if not text:
            return "", "Row {row} names no file."
        path = self._path(folder, text)
        if path is None:
            return "", "Row {row} names {name}, which lies outside the folder."
        file = path if path in self._exact else self._alike.get(_alike(path), "")
        if not file:
            return "", "Row {row} names {name}, which is not there."
        self._found.add(file)
        return file, ""

    def find_anywhere(self, folder: str, name: object) -> list[str]:
        """The file that is meant, wherever it lies: those of its name that share the most folders with it."""
        file, _ = self.find(folder, name)
        if file:
            return [file]
        text = written(name)
        steps = [_alike(step) for step in text.split("/")]
        named = self._by_name.get(steps[-1], []) if text else []
        for begin in range(len(steps)):
            ending = "/" + "/".join(steps[begin:])
            fitting = [file for file in named if f"/{_alike(file)}".endswith(ending)]
            if fitting:
                self._found.update(fitting[:1] if len(fitting) == 1 else ())
                return fitting
        return []

    def take(self, file: str) -> None:
        """A file is meant."""
        self._found.add(file)

    def unnamed(self) -> list[str]:
        """The files that were never meant."""
        return [file for file in self._files if file not in self._found]

    def _path(self, folder: str, text: str) -> str | None:
        """A name in a folder as a path from the root, None where it lies outside."""
        steps = folder.split("/") if folder else []
        if PurePosixPath(text).is_absolute() or text[1:2] == ":":
            if not text.startswith(self._root):
                return None
            steps, text = [], text[len(self._root) :]
        for step in text.split("/"):
            if step == ".." and not steps:
                return None
            if step == "..":
                steps.pop()
            elif step not in ("", "."):
                steps.append(step)
        return "/".join(steps)


def written(name: object) -> str:
    """A name as it stands in a table, with slashes."""
    return str(name).strip().replace("\\", "/") if name is not None else ""


def _alike(path: str) -> str:
    return (path if path.isascii() else unicodedata.normalize("NFC", path)).casefold()
