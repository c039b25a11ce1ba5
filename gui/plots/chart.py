"""A plot with its title and legend above it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QRegion
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from engine.message import Message, Trouble
from gui.background import Worker
from gui.controls import Button, Label
from gui.plots.legend import Legend
from gui.plots.measures import log_by_nature, titled, valued
from gui.plots.plot import Plot
from gui.plots.run_curves import RunCurves
from gui.plots.saving import save_csv, table
from gui.plots.step_reader import rows
from gui.plots.trace import Trace
from gui.style import theme

_CLIPBOARD = 100_000
"""Steps up to which the values of a plot are copied as a table; more would stall whoever pastes them."""


class Chart(QWidget):
    """One quantity of a run: loss, or a metric that is chosen at its title."""

    notice = Signal(object)
    """A `Message` or `Trouble`: something was saved, or could not be."""
    log_changed = Signal(object)

    def __init__(self, name: str = "loss", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.unit = ""
        self.run: RunCurves | None = None
        self.log = log_by_nature(name)
        self.ask_path: Callable[[str, str, str], str] = self._ask_path
        self.plot = Plot(titled(name), self)
        self.plot.set_log(self.log)
        self.legend = Legend(self)
        self._title = Label("", "title", parent=self)
        self._menu = QMenu(self)
        self._menu.triggered.connect(self._chosen)
        self._choice = Button("", look="quiet", menu=self._menu, parent=self)
        self._choice.setToolTip(self.tr("Choose what this plot shows"))
        theme.set_font(self._choice, "title")
        self._choice.hide()
        self._writer = Worker(self)
        self._writer.done.connect(self.notice)
        self._writer.failed.connect(self._not_saved)
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(14), theme.px(6), theme.px(24), theme.px(6))
        head.addWidget(self._title)
        head.addWidget(self._choice)
        head.addStretch(1)
        head.addWidget(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        self.plot.menu_wanted.connect(self._open_menu)
        self._retitle()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(420), theme.px(200))

    # ------------------------------------------------------------------ what is shown

    def offer(self, names: tuple[str, ...]) -> None:
        """Let a person choose among these at the title; with fewer than two there is nothing to choose."""
        if [action.data() for action in self._menu.actions()] == list(names):
            return
        self._menu.clear()
        for name in names:
            self._menu.addAction(titled(name)).setData(name)
        self._retitle()

    def show_run(self, run: RunCurves | None) -> None:
        """Draw this run; call again whenever it has grown."""
        if run is not self.run:
            self.plot.follows_steps = self.plot.follows_values = True
            self.run = run
        traces = [Trace(run, self.name)] if run is not None else []
        shown = [trace for trace in traces if trace.line or trace.points]
        if shown:
            self.legend.show_only(shown[0].line is not None, shown[0].points is not None)
        self.plot.show_traces(shown, (shown[0], self._best_words()) if shown else None)

    def show_name(self, name: str) -> None:
        """Draw another quantity of the run, on the axis that suits it."""
        if name != self.name:
            self.name = name
            self.set_log(log_by_nature(name))
            self.plot.setAccessibleName(titled(name))
            self.plot.follow()
            self._retitle()
            self.show_run(self.run)

    def set_log(self, log: bool) -> None:
        if log != self.log:
            self.log = log
            self.plot.set_log(log)
            self.log_changed.emit(log)

    @property
    def trace(self) -> Trace | None:
        """What is drawn, if anything."""
        return self.plot.traces[0] if self.plot.traces else None

    def _retitle(self) -> None:
        choosing = len(self._menu.actions()) > 1
        self._title.setText(titled(self.name))
        self._choice.setText(titled(self.name))
        self._title.setVisible(not choosing)
        self._choice.setVisible(choosing)

    def _chosen(self, action: object) -> None:
        self.show_name(action.data())  # type: ignore[attr-defined]  # a QAction

    def _best_words(self) -> str:
        """The kept epoch's value; "best" only where no epoch's was better."""
        best = self.run.best if self.run is not None else None
        points = self.run.points.get(self.name) if self.run is not None else None
        if best is None or points is None or self.name not in best.validation:
            return ""
        value = best.validation[self.name]
        words = valued(self.name, value, self.unit)
        epoch = f"{best.epoch:g}" if best.epoch == int(best.epoch) else f"{best.epoch:.1f}"
        values = points.values.values
        top = values.max() if valued(self.name, 1).endswith("%") or self.name.endswith("r2") else values.min()
        if value == top:
            return self.tr("best {value}, epoch {epoch}").format(value=words, epoch=epoch)
        return self.tr("{value} at the best epoch, {epoch}").format(value=words, epoch=epoch)

    # ------------------------------------------------------------------ what can be done

    def menu(self) -> QMenu:
        """What a right click on the plot offers."""
        menu = QMenu(self)
        known = self.trace is not None
        for text, act in (
            (self.tr("Export as PNG…"), self.export_png),
            (self.tr("Export as CSV…"), self.export_csv),
            (self.tr("Copy values"), self.copy_values),
        ):
            menu.addAction(text, act).setEnabled(known)
        menu.addSeparator()
        log = menu.addAction(self.tr("Logarithmic axis"))
        log.setCheckable(True)
        log.setChecked(self.log)
        log.triggered.connect(self.set_log)
        menu.addAction(self.tr("Show everything"), self.plot.follow).setEnabled(known)
        return menu

    def _open_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def picture(self, scale: float = 2.0) -> QImage:
        """The chart as it stands, so many times sharper."""
        image = QImage(self.size() * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(theme.current().panel)
        painter = QPainter(image)
        self.render(painter, QPoint(0, 0), QRegion(), QWidget.RenderFlag.DrawChildren)
        painter.end()
        return image

    def export_png(self) -> None:
        path = self.ask_path(self.tr("Export as PNG"), f"{self._stem()}.png", self.tr("Pictures (*.png)"))
        if path:
            saved = self.picture().save(path, "PNG")
            self.notice.emit(
                Message("{path} is saved.", path=path)
                if saved
                else Trouble("{path} cannot be written. Choose another place.", path=path)
            )

    def export_csv(self) -> None:
        """Write every step with its exact values, beside the window."""
        path = self.ask_path(self.tr("Export as CSV"), f"{self._stem()}.csv", self.tr("Tables (*.csv)"))
        trace = self.trace
        if path and trace is not None:
            self._writer.run(lambda: _saved(trace, Path(path)))

    def copy_values(self) -> None:
        """Put the values on the clipboard: the whole table, or of a very long run the values that are
        read.
        """
        trace = self.trace
        if trace is None:
            return
        if trace.steps <= _CLIPBOARD:
            text = "".join(table(trace, "\t"))
        else:
            step = self.plot.reader.step or trace.steps
            text = "\n".join(f"{row.what}\t{row.value:.9g}" for row in rows(trace, step))
        QGuiApplication.clipboard().setText(text)

    def _stem(self) -> str:
        number = self.run.number if self.run is not None else 0
        return f"run {number} {titled(self.name).lower()}".replace(":", "")

    def _ask_path(self, title: str, name: str, kinds: str) -> str:
        return QFileDialog.getSaveFileName(self, title, name, kinds)[0]

    def _not_saved(self, error: Exception) -> None:
        if not isinstance(error, Trouble):
            raise error
        self.notice.emit(error)


def _saved(trace: Trace, path: Path) -> Message:
    save_csv(trace, path)
    return Message("{path} is saved.", path=str(path))
