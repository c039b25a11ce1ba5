"""What a network says of one sample: probabilities as bars, numbers in their own units, the truth
beside them.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.drawing import brush
from gui.style import icons, theme
from gui.text.words import MINUS, figure, percent

MOST = 12
"""Classes that are listed; of more, the likeliest."""


@frozen(eq=False)
class Answer:
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


class AnswerView(QWidget):
    """Paints one `Answer`. A headline, then a row for each class or value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answer: Answer | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(theme.px(240))
        self.setMaximumWidth(theme.px(720))

    def show_answer(self, answer: Answer, titled: bool = False) -> None:
        """Show an answer; `titled` where there are several Outputs to tell apart."""
        self.answer = answer
        self._titled = titled
        self.setAccessibleName(self.headline())
        self.setAccessibleDescription(self.text())
        self.updateGeometry()
        self.update()

    # ------------------------------------------------------------------ in words

    def headline(self) -> str:
        """The answer in a few words: `says 3, sure to 99.9 %`."""
        answer = self.answer
        if answer is None:
            return ""
        if answer.probabilities is not None:
            best = int(answer.probabilities.argmax())
            words = self.tr("says {name}, sure to {share}").format(
                name=answer.class_name(best), share=percent(float(answer.probabilities[best]))
            )
        else:
            words = self.tr("foretells {value}").format(value=self._value(answer.value))
        return f"{answer.name}: {words}" if self._titled else words

    def rows(self) -> list[tuple[str, str]]:
        """Every row: what it is, and its exact value."""
        answer = self.answer
        if answer is None:
            return []
        if answer.probabilities is not None:
            return [(answer.class_name(i), f"{answer.probabilities[i]:.3f}") for i in answer.shown()]
        rows = [(self.tr("network"), self._value(answer.value))]
        if answer.truth is not None:
            rows.append((self.tr("truth"), self._value(answer.truth)))
        if answer.persistence is not None:
            rows.append((self.tr("persistence"), self._value(answer.persistence)))
        return rows

    def text(self) -> str:
        """Headline and rows, one a line."""
        return "\n".join([self.headline(), *("\t".join(row) for row in self.rows())])

    def judgement(self) -> tuple[str, str]:
        """Right or wrong, in words, and the token of its ink."""
        answer = self.answer
        if answer is None or answer.truth is None:
            return "", "text2"
        if answer.probabilities is not None:
            truth = int(answer.truth)
            if int(answer.probabilities.argmax()) == truth:
                return self.tr("right"), "success"
            return self.tr("wrong, it is {name}").format(name=answer.class_name(truth)), "error"
        assert answer.value is not None
        off = answer.value - answer.truth
        words = self.tr("off by {value}").format(value=self._value(off, signed=True))
        if answer.persistence is not None:
            other = self._value(answer.persistence - answer.truth, signed=True)
            words = self.tr("{off}, persistence by {other}").format(off=words, other=other)
        return words, "text2"

    def _value(self, value: float | None, signed: bool = False) -> str:
        if value is None:
            return ""
        text = figure(value, 4)
        text = f"+{text}" if signed and value > 0 and not text.startswith(MINUS) else text
        unit = self.answer.unit if self.answer is not None else ""
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
        if self.answer is None:
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
        if self.answer.probabilities is not None:
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
        """A row for each class: its name, a bar as long as its share, the share, and a tick at the truth."""
        answer = self.answer
        assert answer is not None
        assert answer.probabilities is not None
        metrics = QFontMetrics(theme.font("value"))
        classes = answer.shown()
        names = [answer.class_name(index) for index in classes]
        # the longest name and the figures take their room first; the bars have what is left between them
        label = min(max(metrics.horizontalAdvance(name) for name in names), theme.px(120))
        figures = metrics.horizontalAdvance("0.000")
        tick = theme.px(20) if answer.truth is not None else 0
        start, end = label + theme.px(10), self.width() - figures - tick - theme.px(10)
        height, top = self._row(), float(self._head())
        for index, name in zip(classes, names, strict=True):
            row = QRectF(0, top, self.width(), height)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, label)
            self._paint_class(painter, index, shown, row)
            bar = QRectF(start, row.center().y() - 3, max(1, end - start), 6)
            self._paint_bar(painter, bar, float(answer.probabilities[index]), self._bar_colour(index))
            self._paint_share(painter, index, QRectF(end, top, figures + theme.px(10), height))
            top += height

    def _stands_out(self, index: int) -> bool:
        """Whether a class is the likeliest or the true one."""
        answer = self.answer
        assert answer is not None
        assert answer.probabilities is not None
        return index == int(answer.probabilities.argmax()) or self._is_true(index)

    def _is_true(self, index: int) -> bool:
        answer = self.answer
        return answer is not None and answer.truth is not None and index == int(answer.truth)

    def _bar_colour(self, index: int) -> QColor:
        """The true class in green, the likeliest in blue or, where the truth is known, in orange."""
        colours = theme.current()
        if self._is_true(index):
            return colours.success
        if not self._stands_out(index):
            return colours.text3
        assert self.answer is not None
        return colours.series[0 if self.answer.truth is None else 1]

    def _paint_class(self, painter: QPainter, index: int, name: str, row: QRectF) -> None:
        """The name of a class at the left of its row; where it is the true one, a tick at the right."""
        colours, strong = theme.current(), self._stands_out(index)
        painter.setFont(theme.font("value" if strong else "body"))
        painter.setPen(colours.text1 if strong else colours.text2)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, name)
        if self._is_true(index):
            side = theme.px(14)
            place = QRectF(row.right() - side, row.center().y() - side / 2, side, side)
            icons.paint(painter, "check", colours.success, place)

    def _paint_bar(self, painter: QPainter, track: QRectF, share: float, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().track)
        painter.drawRoundedRect(track, 2, 2)
        painter.setBrush(colour)
        painter.drawRoundedRect(
            QRectF(track.left(), track.top(), track.width() * share, track.height()), 2, 2
        )

    def _paint_share(self, painter: QPainter, index: int, rect: QRectF) -> None:
        assert self.answer is not None
        assert self.answer.probabilities is not None
        colours = theme.current()
        painter.setPen(colours.text1 if self._stands_out(index) else colours.text2)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(rect, flags, f"{self.answer.probabilities[index]:.3f}")

    def _paint_dots(self, painter: QPainter) -> None:
        """Values on one axis: dots, since it does not start at zero."""
        answer, colours = self.answer, theme.current()
        assert answer is not None
        inks = (colours.series[1], colours.success, colours.text3)
        known = zip((answer.value, answer.truth, answer.persistence), inks, strict=True)
        points = [(value, ink) for value, ink in known if value is not None]
        values = [value for value, _ in points]
        low, high = min(values), max(values)
        low, high = (low - 1, high + 1) if high - low < 1e-12 else (low, high)
        # names and figures take their room first; the axes have what is left between them
        metrics = QFontMetrics(theme.font("body"))
        label = max(metrics.horizontalAdvance(name) for name, _ in self.rows()) + theme.px(12)
        figures = max(QFontMetrics(theme.font("value")).horizontalAdvance(text) for _, text in self.rows())
        start, end = label + theme.px(6), self.width() - figures - theme.px(18)
        top, height = self._head(), theme.px(22)
        vertical = Qt.AlignmentFlag.AlignVCenter
        for (name, text), (value, ink) in zip(self.rows(), points, strict=True):
            line = QRectF(0, top, self.width(), height)
            painter.setFont(theme.font("body"))
            painter.setPen(colours.text2)
            painter.drawText(line, vertical | Qt.AlignmentFlag.AlignLeft, name)
            painter.setFont(theme.font("value"))
            painter.setPen(colours.text1)
            painter.drawText(line, vertical | Qt.AlignmentFlag.AlignRight, text)
            painter.setPen(QPen(colours.line, 1))
            middle = round(line.center().y()) + 0.5
            painter.drawLine(QPointF(start, middle), QPointF(end, middle))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(QPointF(start + (value - low) / (high - low) * (end - start), middle), 4, 4)
            top += height
