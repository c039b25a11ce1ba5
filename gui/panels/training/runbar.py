"""The run in one line of the tool bar: epoch, progress, speed, time left, and how it goes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls import Segments
from gui.controls.drawing import brush
from gui.panels.training.standing import Standing, standing
from gui.plots.run_curves import RunCurves
from gui.style import theme
from gui.text.words import duration, figure

if TYPE_CHECKING:
    from engine.project.project import Project
    from gui.document.document import Document
    from gui.document.workspace import Workspace
    from gui.training.trainer import Trainer

REFRESH = 250
"""Milliseconds between two refreshes while training: figures that change more often cannot be read."""
_GAP = 12
_LEAST_BAR = 60
_MOST_BAR = 240


class RunBar(QWidget):
    """Shows the run that goes on, else the last one of the network in front. Narrow, it drops speed,
    then ETA.
    """

    def __init__(self, workspace: Workspace, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._trainer = trainer
        self._speed = 0.0
        self._blocked: Project | None = None
        self.epoch = ("0", "0")
        self.speed = self.eta = ""
        self.standing = Standing("")
        self._shown: object = None
        self.hidden: frozenset[str] = frozenset()
        """What there is no room for now: "speed", "eta"."""
        self.segments = Segments(parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Run"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        self._trainer.state_changed.connect(self.refresh)
        self._trainer.started.connect(self._started)
        self._trainer.finished.connect(self.refresh)
        self._trainer.blocked.connect(self._refuse)
        self._trainer.reports.connect(self._reported)
        workspace.changed.connect(self.refresh)
        workspace.switched.connect(self.refresh)
        theme.theme_changed.connect(self._measure)
        self.refresh()

    # ------------------------------------------------------------------ what is shown

    def _started(self, _: object) -> None:
        self._speed = 0.0
        self.refresh()

    def _refuse(self, document: Document) -> None:
        """Say why it cannot be trained, until an edit makes another project of it."""
        self._blocked = document.project
        self.refresh()

    def _reported(self, _: object) -> None:
        curves = self._trainer.curves
        if curves is not None and curves.last is not None:
            now = curves.last.steps_per_second
            self._speed = now if not self._speed else 0.8 * self._speed + 0.2 * now
        if not self._timer.isActive():
            self._timer.start(REFRESH)

    def refresh(self, _: object = None) -> None:
        """Say how things stand now."""
        running = self._trainer.running
        document = self._workspace.current
        curves = self._trainer.curves if running else self._trainer.last_runs.curves_of(document)
        total = curves.epochs if curves is not None and curves.epochs else document.project.recipe.epochs
        done = curves.epoch if curves is not None else 0.0
        before = self._shown
        self.epoch = (str(int(done + 1e-9)), str(total))
        self.speed = self._speed_words() if self._trainer.state == "running" else ""
        self.eta = self._eta_words(curves) if running and curves is not None else ""
        blocked = self._blocked is document.project
        self.standing = standing(self._trainer, document, curves, blocked)
        self._shown = done, total, self.speed, self.eta, self.standing
        if self._shown == before:
            return
        self.segments.set_progress(done, total)
        self.setToolTip(self.standing.words)
        self.setAccessibleDescription(self.text())
        self._measure()

    def text(self) -> str:
        """What the bar says, in one line."""
        epoch = self.tr("Epoch {done} of {total}").format(done=self.epoch[0], total=self.epoch[1])
        speed = f"{self.tr('Speed')} {self.speed}" if self.speed else ""
        eta = f"{self.tr('ETA')} {self.eta}" if self.eta else ""
        return ", ".join(part for part in (epoch, speed, eta, self.standing.words) if part)

    def _speed_words(self) -> str:
        return self.tr("{speed} steps/s").format(speed=figure(self._speed)) if self._speed else ""

    def _eta_words(self, curves: RunCurves) -> str:
        last, start = curves.last, curves.start
        if last is None or start is None or not last.step or self._trainer.state == "stopping":
            return ""
        return duration((start.steps - last.step) * last.seconds / last.step)

    # ------------------------------------------------------------------ room

    def _pieces(self) -> list[tuple[str, str, str]]:
        """Name, label and value of what stands behind the bar."""
        pieces = [("speed", self.tr("Speed"), self.speed), ("eta", self.tr("ETA"), self.eta)]
        return [piece for piece in pieces if piece[0] not in self.hidden]

    def _measure(self, _: object = None) -> None:
        body, value = QFontMetrics(theme.font("body")), QFontMetrics(theme.font("value"))
        gap = theme.px(_GAP)

        def width(label: str, text: str) -> int:
            return body.horizontalAdvance(label) + theme.px(5) + value.horizontalAdvance(text)

        # room for as many digits as will come, so that nothing jumps while it counts
        digits = "0" * len(self.epoch[1])
        head = width(self.tr("Epoch"), digits) + body.horizontalAdvance(f" / {self.epoch[1]}") + gap
        words = min(theme.px(10) + body.horizontalAdvance(self.standing.words), theme.px(160)) + gap
        room = self.width() - head - words - theme.px(_LEAST_BAR) - gap
        sizes = {
            "eta": width(self.tr("ETA"), "0:00:00" if len(self.eta) > 5 else "00:00") + gap,
            "speed": width(self.tr("Speed"), self._widest_speed()) + gap,
        }
        shown = []
        for name, text in (("eta", self.eta), ("speed", self.speed)):  # what comes last is dropped first
            if text and sizes[name] > room:
                break
            if text:
                shown.append(name)
                room -= sizes[name]
        self.hidden = frozenset(sizes) - set(shown)
        bar = min(theme.px(_MOST_BAR), theme.px(_LEAST_BAR) + max(0, room))
        bar = min(bar, max(theme.px(_LEAST_BAR), self.segments.total() * theme.px(10)))
        height = self.segments.sizeHint().height()
        self.segments.setGeometry(head, (self.height() - height) // 2, bar, height)
        self._sizes = sizes
        self.update()

    def _widest_speed(self) -> str:
        return self.tr("{speed} steps/s").format(speed="00,000")[: max(len(self.speed), 12)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(640), theme.px(theme.BUTTON))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(260), theme.px(theme.BUTTON))

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        metrics = QFontMetrics(theme.font("body"))
        base = round((self.height() + metrics.capHeight()) / 2)
        x = self._write(painter, 0, base, self.tr("Epoch"), "body", "text2") + theme.px(5)
        x = self._write(painter, x, base, self.epoch[0], "value", "text1")
        self._write(painter, x, base, f" / {self.epoch[1]}", "body", "text2")
        x = self.segments.geometry().right() + 1 + theme.px(_GAP)
        for name, label, value in self._pieces():
            after = self._write(painter, x, base, label, "body", "text2") + theme.px(5)
            self._write(painter, after, base, value, "value", "text1")
            x += self._sizes[name]
        side = theme.px(6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(getattr(worn, self.standing.dot))
        painter.drawEllipse(QRectF(x, round((self.height() - side) / 2), side, side))
        left = x + side + theme.px(6)
        words = metrics.elidedText(self.standing.words, Qt.TextElideMode.ElideRight, self.width() - left)
        self._write(painter, left, base, words, "body", "error" if self.standing.dot == "error" else "text1")

    def _write(self, painter: QPainter, x: int, base: int, text: str, role: theme.Role, ink: str) -> int:
        font = theme.font(role)
        painter.setFont(font)
        painter.setPen(getattr(theme.current(), ink))
        painter.drawText(x, base, text)
        return x + QFontMetrics(font).horizontalAdvance(text)
