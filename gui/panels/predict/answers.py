"""What a network says of one sample: probabilities as bars, numbers in their own units, the truth
beside them.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.drawing import brush
from gui.style import icons, theme
from gui.text.words import MINUS, figure, percent

MOST = 12
"""Classes that are listed; of more, the likeliest."""


@frozen(eq=False)
class Said:
    """One Output's answer, ready to be shown. `truth` is a class number or a value, None where nobody knows
    it.

    `persistence` is the answer of a forecast that nothing changes, for a series.
    """

    name: str
    classes: tuple[str, ...] = ()
    probabilities: np.ndarray | None = None
    value: float | None = None
    unit: str = ""
    truth: float | None = None
    persistence: float | None = None

    def class_name(self, index: int) -> str:
        """The name of a class, its number where it has none."""
        return self.classes[index] if index < len(self.classes) else str(index)

    def shown(self) -> list[int]:
        """The classes to list: all of them in their order, or of many the likeliest first."""
        assert self.probabilities is not None
        if len(self.probabilities) <= MOST:
            return list(range(len(self.probabilities)))
        return np.argsort(-self.probabilities, kind="stable")[:MOST].tolist()


class Answer(QWidget):
    """Paints one `Said`. A headline, then a row for each class or value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said: Said | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(theme.px(240))
        self.setMaximumWidth(theme.px(720))

    def tell(self, said: Said, titled: bool = False) -> None:
        """Show an answer; `titled` where there are several Outputs to tell apart."""
        self.said = said
        self._titled = titled
        self.setAccessibleName(self.headline())
        self.setAccessibleDescription(self.text())
        self.updateGeometry()
        self.update()

    # ------------------------------------------------------------------ in words

    def headline(self) -> str:
        """The answer in a few words: `says 3, sure to 99.9 %`."""
        said = self.said
        if said is None:
            return ""
        if said.probabilities is not None:
            best = int(said.probabilities.argmax())
            words = self.tr("says {name}, sure to {share}").format(
                name=said.class_name(best), share=percent(float(said.probabilities[best]))
            )
        else:
            words = self.tr("foretells {value}").format(value=self._value(said.value))
        return f"{said.name}: {words}" if self._titled else words

    def rows(self) -> list[tuple[str, str]]:
        """Every row: what it is, and its exact value."""
        said = self.said
        if said is None:
            return []
        if said.probabilities is not None:
            return [(said.class_name(i), f"{said.probabilities[i]:.3f}") for i in said.shown()]
        rows = [(self.tr("network"), self._value(said.value))]
        if said.truth is not None:
            rows.append((self.tr("truth"), self._value(said.truth)))
        if said.persistence is not None:
            rows.append((self.tr("persistence"), self._value(said.persistence)))
        return rows

    def text(self) -> str:
        """Headline and rows, one a line."""
        return "\n".join([self.headline(), *("\t".join(row) for row in self.rows())])

    def judgement(self) -> tuple[str, str]:
        """Right or wrong, in words, and the token of its ink."""
        said = self.said
        if said is None or said.truth is None:
            return "", "text2"
        if said.probabilities is not None:
            truth = int(said.truth)
            if int(said.probabilities.argmax()) == truth:
                return self.tr("right"), "success"
            return self.tr("wrong, it is {name}").format(name=said.class_name(truth)), "error"
        assert said.value is not None
        off = said.value - said.truth
        words = self.tr("off by {value}").format(value=self._value(off, signed=True))
        if said.persistence is not None:
            other = self._value(said.persistence - said.truth, signed=True)
            words = self.tr("{off}, persistence by {other}").format(off=words, other=other)
        return words, "text2"

    def _value(self, value: float | None, signed: bool = False) -> str:
        if value is None:
            return ""
        text = figure(value, 4)
        text = f"+{text}" if signed and value > 0 and not text.startswith(MINUS) else text
        unit = self.said.unit if self.said is not None else ""
        return f"{text} {unit}" if unit else text

    # ------------------------------------------------------------------ painting

    def _row(self) -> int:
        rows = max(1, len(self.rows()))
        room = (self.height() - self._head()) // rows
        return max(theme.px(14), min(theme.px(20), room))

    def _head(self) -> int:
        return theme.px(24)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(360), self._head() + theme.px(15) * max(3, len(self.rows())))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(240), self._head() + theme.px(14) * max(2, len(self.rows())))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.said is None:
            return
        painter = brush(self)
        worn = theme.current()
        painter.setFont(theme.font("title"))
        painter.setPen(worn.text1)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        head = QRectF(0, 0, self.width(), self._head() - theme.px(4))
        painter.drawText(head, flags, self.headline())
        left = QFontMetrics(theme.font("title")).horizontalAdvance(self.headline()) + theme.px(12)
        self._paint_judgement(painter, head.adjusted(left, 0, 0, 0))
        if self.said.probabilities is not None:
            self._paint_bars(painter)
        else:
            self._paint_dots(painter)

    def _paint_judgement(self, painter: QPainter, rect: QRectF) -> None:
        words, ink = self.judgement()
        if not words:
            return
        colour = getattr(theme.current(), ink)
        sign = {"success": "check", "error": "close"}.get(ink)
        if sign:
            side = theme.px(14)
            icons.paint(painter, sign, colour, QRectF(rect.left(), rect.center().y() - side / 2, side, side))
            rect = rect.adjusted(side + theme.px(4), 0, 0, 0)
        painter.setFont(theme.font("body"))
        painter.setPen(colour)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _paint_bars(self, painter: QPainter) -> None:
        said, worn = self.said, theme.current()
        assert said is not None
        assert said.probabilities is not None
        metrics = QFontMetrics(theme.font("value"))
        names = [said.class_name(i) for i in said.shown()]
        label = min(max(metrics.horizontalAdvance(name) for name in names), theme.px(120))
        figures = metrics.horizontalAdvance("0.000")
        mark = theme.px(20) if said.truth is not None else 0
        start, end = label + theme.px(10), self.width() - figures - mark - theme.px(10)
        best = int(said.probabilities.argmax())
        height, top = self._row(), self._head()
        for index, name in zip(said.shown(), names, strict=True):
            true = said.truth is not None and index == int(said.truth)
            share, middle = float(said.probabilities[index]), top + height / 2
            strong = index == best or true
            painter.setFont(theme.font("value" if strong else "body"))
            painter.setPen(worn.text1 if strong else worn.text2)
            name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, label)
            painter.drawText(QRectF(0, top, label, height), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(worn.track)
            bar = QRectF(start, middle - 3, max(1, end - start), 6)
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(bar.width() * share)
            painter.setBrush(
                worn.success
                if true
                else worn.series[1]
                if index == best and said.truth is not None
                else worn.series[0]
                if index == best
                else worn.text3
            )
            painter.drawRoundedRect(bar, 2, 2)
            painter.setPen(worn.text1 if strong else worn.text2)
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(end, top, figures + theme.px(10), height), right, f"{share:.3f}")
            if true:
                side = theme.px(14)
                place = QRectF(self.width() - side, middle - side / 2, side, side)
                icons.paint(painter, "check", worn.success, place)
            top += height

    def _paint_dots(self, painter: QPainter) -> None:
        """Values on one axis: dots, since it does not start at zero."""
        said, worn = self.said, theme.current()
        assert said is not None
        known = [(said.value, worn.series[1]), (said.truth, worn.success), (said.persistence, worn.text3)]
        values = [value for value, _ in known if value is not None]
        low, high = min(values), max(values)
        low, high = (low - 1, high + 1) if high - low < 1e-12 else (low, high)
        colours = [colour for value, colour in known if value is not None]
        metrics = QFontMetrics(theme.font("body"))
        label = max(metrics.horizontalAdvance(name) for name, _ in self.rows()) + theme.px(12)
        figures = max(QFontMetrics(theme.font("value")).horizontalAdvance(text) for _, text in self.rows())
        start, end = label + theme.px(6), self.width() - figures - theme.px(18)
        top, height = self._head(), theme.px(22)
        for (name, text), value, colour in zip(self.rows(), values, colours, strict=True):
            line = QRectF(0, top, self.width(), height)
            painter.setFont(theme.font("body"))
            painter.setPen(worn.text2)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            painter.setFont(theme.font("value"))
            painter.setPen(worn.text1)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
            painter.setPen(QPen(worn.line, 1))
            middle = round(line.center().y()) + 0.5
            painter.drawLine(QPointF(start, middle), QPointF(end, middle))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(start + (value - low) / (high - low) * (end - start), middle), 4, 4)
            top += height
