"""The strip at the foot: what the network is, what it costs, what it learns from, and that nothing is
lost.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.analysis.memory import footprint
from engine.data.prepare import schema
from engine.data.split import sizes
from engine.message import Trouble
from engine.project.blocks import layers_in_all
from gui.controls.drawing import brush
from gui.deferred import Deferred
from gui.document.workspace import Workspace
from gui.style import icons, theme
from gui.text.kind_help import data_title
from gui.text.words import at_least, bytes_text, exact, filled, short

if TYPE_CHECKING:
    from engine.analysis.results import Analysis, Problem

SEPARATOR = "·"


class StatusBar(QWidget):
    """Facts about the document in front, separated by dots; those on the right give way in a narrow
    window.
    """

    problems_wanted = Signal()
    """The word about problems was clicked."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.left: list[tuple[str, str]] = []
        """Texts with the name of a sign before them ("" for none)."""
        self.right: list[str] = []
        self._saved_at: float | None = None
        self._problems = QRectF()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Status"))
        theme.set_font(self, "hint")
        self.setToolTip(
            self.tr(
                "Peak is the most memory that training takes at once: all copies of the weights, what a step "
                "keeps of the layers' outputs, and the data."
            )
        )
        self._later = Deferred(self.refresh, self)
        workspace.changed.connect(self._later.start)
        workspace.analysed.connect(self._later.start)
        self.refresh()

    def note_autosave(self, when: float) -> None:
        """A snapshot was written."""
        self._saved_at = when
        self.refresh()

    def refresh(self) -> None:
        """Say how things stand now."""
        document = self._workspace.current
        graph, analysis = document.project.graph, document.analysis
        count = len(graph.nodes)
        layers = filled(self.tr("{n} layer{n:|s}"), n=count)
        if graph.blocks:
            every = layers_in_all(graph.nodes.values())
            layers = self.tr("{drawn} drawn, {number} in all").format(drawn=layers, number=exact(every))
        left, right = [(layers, "")], self._data()
        if analysis is not None:
            peak = footprint(analysis).whole
            left += [
                (self._parameters(analysis), ""),
                (self._macs(analysis), ""),
                (self.tr("peak {size}").format(size=bytes_text(peak)), ""),
                self._problem_counts(analysis.problems),
            ]
        if self._saved_at is not None:
            right.append(
                self.tr("autosaved {time}").format(
                    time=time.strftime("%H:%M", time.localtime(self._saved_at))
                )
            )
        if (left, right) != (self.left, self.right):
            self.left, self.right = left, right
            self.setAccessibleDescription(f" {SEPARATOR} ".join([text for text, _ in left] + right))
            self.update()

    def _parameters(self, analysis: Analysis) -> str:
        text = filled(self.tr("{count} parameter{count:|s}"), count=analysis.parameters)
        return at_least(text, analysis.parameters, analysis.sized, self.tr("? parameters"))

    def _macs(self, analysis: Analysis) -> str:
        text = filled(self.tr("{count} multiply-add{count:|s}"), count=short(analysis.macs))
        return at_least(text, analysis.macs, analysis.counted, self.tr("? multiply-adds"))

    def _problem_counts(self, all_problems: Sequence[Problem]) -> tuple[str, str]:
        """Errors and warnings are problems; notes are told apart from them."""
        notes = sum(problem.level == "note" for problem in all_problems)
        problems = len(all_problems) - notes
        texts = []
        if problems:
            texts.append(filled(self.tr("{n} problem{n:|s}"), n=problems))
        if notes:
            texts.append(filled(self.tr("{n} note{n:|s}"), n=notes))
        return ", ".join(texts) or self.tr(
            "no problems"
        ), "warning" if problems else "info" if notes else "check"

    def _data(self) -> list[str]:
        settings = self._workspace.current.project.data
        name = data_title(settings.source)
        try:
            parts = sizes(schema(settings), settings)
        except Trouble:
            return [name]
        numbers = self.tr("{train} train, {validation} validation, {test} test").format(
            train=exact(parts.train), validation=exact(parts.validation), test=exact(parts.test)
        )
        return [
            f"{name}: {numbers}",
            self.tr("seed {seed}").format(seed=self._workspace.current.project.recipe.seed),
        ]

    def sizeHint(self) -> QSize:
        return QSize(theme.px(320), theme.px(theme.STATUS_BAR))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        painter.fillRect(self.rect(), worn.window)
        painter.fillRect(QRectF(0, 0, self.width(), 1), worn.line)
        painter.setFont(theme.font("hint"))
        metrics = QFontMetrics(theme.font("hint"))
        base = (self.height() + metrics.capHeight()) / 2
        gap = theme.px(10)
        x = float(theme.px(14))
        for index, (text, sign) in enumerate(self.left):
            if index:
                painter.setPen(worn.text3)
                painter.drawText(round(x), round(base), SEPARATOR)
                x += metrics.horizontalAdvance(SEPARATOR) + gap
            start = x
            ink = {"check": worn.success, "warning": worn.warning, "info": worn.text2}.get(sign, worn.text2)
            if sign:
                side = theme.px(12)
                icons.paint(
                    painter, sign, ink, QRectF(round(x), round((self.height() - side) / 2), side, side)
                )
                x += side + theme.px(6)
            painter.setPen(ink)
            painter.drawText(round(x), round(base), text)
            x += metrics.horizontalAdvance(text) + gap
            if sign:
                self._problems = QRectF(start, 0, x - start, self.height())
        self._paint_right(x, base)

    def _paint_right(self, free_from: float, base: float) -> None:
        worn = theme.current()
        painter = brush(self)
        painter.setFont(theme.font("hint"))
        metrics = QFontMetrics(theme.font("hint"))
        painter.setPen(worn.text2)
        shown = list(self.right)
        joint = f"   {SEPARATOR}   "
        while shown:
            text = joint.join(shown)
            left = self.width() - theme.px(14) - metrics.horizontalAdvance(text)
            if left > free_from + theme.px(12):
                painter.drawText(round(left), round(base), text)
                return
            shown.pop(0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._problems.contains(event.position()):
            self.problems_wanted.emit()
