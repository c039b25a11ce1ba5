"""What goes into a layer and what comes out, in a box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.analysis.results import Facts
from engine.kinds.shapes import Shape
from gui.controls.drawing import brush, frame
from gui.style import theme


def shapes_text(shapes: Mapping[str, tuple[Shape, ...]]) -> str:
    """All that arrives: `N×64×14×14`, and `2 of N×64` for equal ones."""
    counted = Counter(str(shape) for arrived in shapes.values() for shape in arrived)
    return ", ".join(
        text if number == 1 else f"{number}\u2009·\u2009{text}" for text, number in counted.items()
    )


class ShapesBox(QWidget):
    """`in N×32×14×14 → N×64×14×14 out`, in two lines where one is too narrow; `?` where nothing is known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.arriving, self.leaving = "", ""
        self.has_input, self.has_output = True, True
        self._needed = 0
        """The width of all in one line."""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.theme_changed.connect(self._measure)

    def set_facts(self, facts: Facts | None, has_input: bool, has_output: bool) -> None:
        """Show the shapes of a node."""
        self.has_input, self.has_output = has_input, has_output
        self.arriving = shapes_text(facts.inputs) if facts else ""
        self.leaving = ", ".join(str(shape) for shape in facts.outputs.values()) if facts else ""
        parts = []
        if has_input:
            parts.append(self.tr("in {shape}").format(shape=self.arriving or "?"))
        if has_output:
            parts.append(self.tr("out {shape}").format(shape=self.leaving or "?"))
        self.setAccessibleName(", ".join(parts))
        self._measure()
        self.update()

    def _sides(self) -> list[tuple[str, str]]:
        """The word and the shape of each side that there is."""
        sides = [(self.tr("in"), self.arriving or "?")] if self.has_input else []
        return sides + ([(self.tr("out"), self.leaving or "?")] if self.has_output else [])

    def _measure(self, _: object = None) -> None:
        """Measure the texts, and ask for another place where they need more room or less."""
        small, strong = QFontMetrics(theme.font("hint")), QFontMetrics(theme.font("value"))
        sides, needed = self._sides(), theme.px(22 + 34)
        for word, shape in sides:
            needed += small.horizontalAdvance(word) + strong.horizontalAdvance(shape) + theme.px(9)
        needed = needed if len(sides) == 2 else 0
        if needed != self._needed:
            self._needed = needed
            self.updateGeometry()

    def _one_line(self, width: int) -> bool:
        return self._needed <= width

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return theme.px(38) if self._one_line(width) else theme.px(56)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(200), self.heightForWidth(max(self.width(), theme.px(200))))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        frame(painter, QRectF(self.rect()), 6, worn.window, worn.line)
        sides, left = self._sides(), float(theme.px(11))
        if self._one_line(self.width()):
            middle = self.height() / 2
            for place, (word, shape) in enumerate(sides):
                first = place == 0 and self.has_input
                pieces = [(word, "hint"), (shape, "value")] if first else [(shape, "value"), (word, "hint")]
                if place:
                    left = self._paint_arrow(painter, left, middle)
                for text, role in pieces:
                    left = self._paint_text(painter, left, middle, text, role) + theme.px(9)
            return
        for place, (word, shape) in enumerate(sides):
            middle = self.height() * (0.3 if place == 0 else 0.7)
            self._paint_text(painter, left, middle, word, "hint")
            self._paint_text(painter, left + theme.px(30), middle, shape, "value")

    def _paint_text(self, painter: QPainter, left: float, middle: float, text: str, role: str) -> float:
        worn = theme.current()
        font = theme.font("hint" if role == "hint" else "value")
        painter.setFont(font)
        painter.setPen(worn.text3 if role == "hint" else worn.text1)
        room = self.width() - theme.px(10) - left
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, int(room) + 1)
        painter.drawText(QRectF(left, middle - 12, room + 2, 24), Qt.AlignmentFlag.AlignVCenter, shown)
        return left + QFontMetrics(font).horizontalAdvance(shown)

    def _paint_arrow(self, painter: QPainter, left: float, middle: float) -> float:
        worn = theme.current()
        pen = QPen(worn.text3, 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        end, reach = left + theme.px(19), theme.px(4)
        painter.drawLine(QPointF(left, middle), QPointF(end, middle))
        painter.drawLine(QPointF(end - reach, middle - reach), QPointF(end, middle))
        painter.drawLine(QPointF(end - reach, middle + reach), QPointF(end, middle))
        return end + theme.px(9)
