"""The projects a person had open lately, newest first, with what their last run reached."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QObject, Signal

from engine.files.checked_json import file_path, number, row, text
from gui.settings import kept_rows, store

if TYPE_CHECKING:
    from gui.training.run_info import RunInfo

MOST = 20
LATEST = 3e10  # seconds since 1970, some nine hundred years: later ones no system puts into words
_ROW = row(file_path(), text(), number(0, LATEST), text())


class RecentProject(NamedTuple):
    """One project: its file, its title when it was last seen, when that was, and its last result in words."""

    path: str
    title: str
    seen: float
    result: str = ""

    @property
    def there(self) -> bool:
        """Whether the file still exists."""
        return Path(self.path).is_file()

    def place(self) -> str:
        """The path as a person writes it: `~/networks/digits-cnn.loom`."""
        home, path = Path.home(), Path(self.path)
        return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)

    def when(self, now: float | None = None) -> str:
        """When it was seen last, in words."""
        return when(self.seen, now)


def when(seconds: float, now: float | None = None) -> str:
    """`today 09:41`, `yesterday`, `18 Nov`, `18 Nov 2024`."""
    moment, today = datetime.fromtimestamp(seconds), datetime.fromtimestamp(now or time.time())
    days = (today.date() - moment.date()).days
    if days == 0:
        return QCoreApplication.translate("recent", "today {time}").format(time=f"{moment:%H:%M}")
    if days == 1:
        return QCoreApplication.translate("recent", "yesterday")
    return QLocale().toString(
        QDate(moment.year, moment.month, moment.day), "d MMM" if moment.year == today.year else "d MMM yyyy"
    )


def result_text(info: RunInfo) -> str | None:
    """What a finished run reached on the data it had never seen: `97.9 %`, `RMSE 14.8`. None where it
    kept nothing.
    """
    # the gallery, which lists the projects, is painted before the engine is there
    from engine.training.reports import Finished
    from gui.plots.measures import titled, valued

    end = info.curves.end
    if not isinstance(end, Finished):
        return None
    reached = end.metrics.get("test", {})
    for name in ("accuracy", "mae", "rmse"):
        if name in reached:
            value = valued(name, reached[name])
            return value if name == "accuracy" else f"{titled(name)} {value}"
    return None


class Recent(QObject):
    """The list, kept between sessions and shared by all windows."""

    changed = Signal()

    def entries(self) -> tuple[RecentProject, ...]:
        """Newest first."""
        return tuple(RecentProject(*row) for row in kept_rows("recent", _ROW))

    def note(self, path: Path, title: str, result: str | None = None) -> None:
        """A project was opened, saved or trained: it comes first. Without a result the former one stays."""
        key = str(path)
        entries = self.entries()
        former = next((entry for entry in entries if entry.path == key), None)
        reached = result if result is not None else (former.result if former else "")
        self._write([RecentProject(key, title, time.time(), reached), *(e for e in entries if e.path != key)])

    def drop(self, path: str) -> None:
        """Take a project off the list; its file stays."""
        self._write([entry for entry in self.entries() if entry.path != path])

    def clear(self) -> None:
        """Empty the list; all files stay."""
        self._write([])

    def _write(self, entries: list[RecentProject]) -> None:
        qsettings = store()
        rows = [[e.path, e.title, e.seen, e.result] for e in entries[:MOST]]
        qsettings.setValue("recent", json.dumps(rows))
        qsettings.sync()
        self.changed.emit()
