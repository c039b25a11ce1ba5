"""Reads what the data page shows, in a thread, and only while the page is in sight."""

from __future__ import annotations

from attrs import evolve, field, frozen
from PySide6.QtCore import QObject, Signal

from engine.data.findings import DataFinding, findings
from engine.data.overview import Overview, overview
from engine.data.own.file_source import FileSource
from engine.data.settings import DataSettings
from engine.message import Trouble
from gui.background import Worker


@frozen(eq=False)
class DataView:
    """What was read of some data: all there is to see of it, what was noticed, how its files were read."""

    overview: Overview
    findings: tuple[DataFinding, ...] = ()
    facts: dict[str, str] = field(factory=dict)
    size: int = 0
    """Bytes of its files."""


class DataReader(QObject):
    """Gives the newest view that was asked for; the last one is kept."""

    read = Signal(object)
    """A `DataView`."""
    failed = Signal(object)
    """The `Trouble` for which nothing can be seen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view: DataView | None = None
        self.asked: DataSettings | None = None
        self.worker = Worker(self)
        self.worker.done.connect(self._take)
        self.worker.failed.connect(self._raise)

    def ask(self, data: DataSettings) -> None:
        """Read that, unless it is what was read or asked for last."""
        if data == self.asked:
            return
        self.asked = data
        view = self.view
        if view is not None and view.overview.settings.undisturbed == data.undisturbed:
            self.worker.cancel()  # other steps of training change nothing of what was read
            self._take(with_steps_of(view, data))
            return
        self.worker.run(lambda: _view(data))

    def forget(self) -> None:
        """Read anew at the next question: the files are others."""
        self.asked = None

    def _take(self, found: DataView | Trouble) -> None:
        if isinstance(found, DataView):
            self.view = found
            self.read.emit(found)
        else:
            self.failed.emit(found)

    def _raise(self, error: Exception) -> None:
        self.asked = None
        raise error  # not a person's mistake: let the window's own handler tell of it


def with_steps_of(view: DataView, data: DataSettings) -> DataView:
    """The same view of data that goes other steps in training."""
    prepared = view.overview.prepared
    if prepared is not None:
        prepared = evolve(prepared, settings=data)
    return evolve(view, overview=evolve(view.overview, settings=data, prepared=prepared))


def _view(data: DataSettings) -> DataView | Trouble:
    """May run in a thread: it touches no widget."""
    try:
        seen = overview(data)
        source = data.source
        if not isinstance(source, FileSource):
            return DataView(seen, findings(seen))
        size = sum(file.stat().st_size for file in source.files())
        return DataView(seen, findings(seen), dict(source.facts()), size)
    except Trouble as trouble:
        return trouble
    except OSError as error:
        return Trouble("The data cannot be read: {reason}. Put it back.", reason=error.strerror or str(error))
