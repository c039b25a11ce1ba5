"""What every source that reads a person's own files has: where they are, and by what they are known again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.data.fingerprint import fingerprint
from engine.data.own.permission import require_allowed
from engine.data.reading.column_notes import ColumnNote
from engine.data.records import Records
from engine.data.schema import Schema
from engine.data.source import Source
from engine.kinds import param, registry, settings
from engine.kinds.types import FilePath
from engine.message import Trouble

Progress = Callable[[int, int], None]
"""Told how many bytes, or files, are done, and of how many."""


class DataMissing(Trouble):
    """The files of some data are not where they were."""


class DataChanged(Trouble):
    """The files of some data are no longer those that were opened."""


@settings
class FileSource(Source):
    """A person's own files. What was found in them when they were opened stays with the project: so shapes
    are known without reading, and other data is never taken for them.
    """

    path: str = param("", type=FilePath(), doc="Where the data is")
    samples: int = param(0, lo=0, doc="How many samples were found", hidden=True)
    own_validation: int = param(0, lo=0, doc="How many of them the files set aside to validate", hidden=True)
    own_test: int = param(0, lo=0, doc="How many of them the files set aside to test", hidden=True)
    fingerprint: str = param("", doc="By what the files are known again: sizes and contents", hidden=True)

    @property
    def late(self) -> bool:
        """Whether single samples can be read out of the files when they are wanted."""
        return True

    @property
    def place(self) -> Path:
        """Where the data is. Raises `Trouble` where nothing was chosen, or it may not be read."""
        if not self.path:
            raise Trouble("No data is chosen yet: open a file or a folder.")
        place = Path(self.path)
        require_allowed(place)
        return place

    def files(self) -> Sequence[Path]:
        """The files that it is made of, in a fixed order."""
        return (self.place,)

    def read(self, progress: Progress | None = None) -> Records:
        """All samples as they stand in the files. Raises `Trouble`."""
        raise NotImplementedError(type(self).__name__)  # every source reads its own

    def notes(self) -> Mapping[str, tuple[ColumnNote, ...]]:
        """What a person should know of the columns that have something of the sort. Reads the data."""
        return {}

    def facts(self) -> Mapping[str, str]:
        """How it was read, as far as that was found by itself: each setting with what it came to."""
        return {}

    def schema(self) -> Schema:
        """Raises `Trouble`: what a network gets of it is told by the columns of the data settings."""
        raise Trouble("{path} has not been looked at: open it again.", path=self.path or self.label())

    def require_present(self) -> None:
        """Raise `Trouble` where the files are missing, or are no longer those that were opened."""
        if not self.place.exists():
            raise DataMissing(
                "The data is missing: expected {path}. Put it back, or say where it is now with Locate…",
                path=self.path,
            )
        if self.fingerprint and fingerprint(self.files()) != self.fingerprint:
            raise DataChanged(
                "The data has changed since it was opened: {path}. Read it anew, or put the former files "
                "back.",
                path=self.path,
            )


def sets() -> Mapping[str, type[Source]]:
    """The sources by name that bring their data themselves, so that there is nothing to choose."""
    return {name: kind for name, kind in registry(Source).items() if not issubclass(kind, FileSource)}
