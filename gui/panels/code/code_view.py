"""Source text to look at: numbered, coloured, the lines of what is selected lit."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextDocumentLayout, QPlainTextEdit, QTextEdit, QWidget

from gui.panels.code.highlight import PythonHighlighter
from gui.panels.code.line_changes import changes
from gui.style import theme, tokens

NUMBERS = 36
"""Width of the column of line numbers, in px at 100 %."""
TOP = 6


class _SpacedLayout(QPlainTextDocumentLayout):
    """Lines at the design's distance, which `QPlainTextEdit` cannot be told otherwise."""

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        rect = super().blockBoundingRect(block)
        if rect.height() > 0:
            rect.setHeight(theme.line_height("code"))
        return rect


class _LineNumbers(QWidget):
    """The column of line numbers; a press on a number is a press on its line."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(theme.px(NUMBERS), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = QPainter(self)
        painter.setFont(self._view.font())
        for line, top, height in self._view.lines_in_sight():
            band = QRectF(0, top, self.width(), height)
            if line in self._view.lit:
                painter.fillRect(band, worn.accent_ground)
                painter.fillRect(QRectF(0, top, 2, height), worn.accent)
            painter.setPen(worn.text2 if line in self._view.lit else worn.text3)
            painter.drawText(
                band.adjusted(0, 0, -theme.px(12), 0),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                str(line),
            )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._view.choose_at(event.position().toPoint())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.wheelEvent(event)


class CodeView(QPlainTextEdit):
    """Read-only source. A new text replaces only the lines that differ, so that nothing jumps."""

    line_chosen = Signal(object)
    """The 1-based number of a line that was clicked, or on which Enter was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        document = QTextDocument(self)
        self._layout = _SpacedLayout(document)
        document.setDocumentLayout(self._layout)
        document.setUndoRedoEnabled(False)
        self.setDocument(document)
        self.setReadOnly(True)
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setProperty("bare", True)
        self.setProperty("ground", "panel")
        theme.set_font(self, "code")
        self._lines = [""]
        self.lit: frozenset[int] = frozenset()
        self._pressed: QPoint | None = None
        self._numbers = _LineNumbers(self)
        self._colours = PythonHighlighter(document)
        self.updateRequest.connect(self._scrolled)
        self.blockCountChanged.connect(self._renumber)
        theme.theme_changed.connect(self._measure)
        self._measure()

    # ------------------------------------------------------------------ what it shows

    def source(self) -> str:
        """The text as it stands."""
        return self.toPlainText()

    def set_source(self, text: str) -> None:
        """Show another text. Selection and scroll position stay where the lines are the same."""
        old, new = self._lines, text.split("\n")
        if old == new:
            return
        self._lines = new
        sight = self.verticalScrollBar().value(), self.horizontalScrollBar().value()
        lines = len(old)
        # one by one, since Qt takes all lines between two changes of one edit for changed; the last first, so
        # that the lines before it keep their numbers
        for start, stop, first, last in reversed(changes(old, new)):
            self._replace(start, stop, new[first:last], lines)
            lines += (last - first) - (stop - start)
        self.verticalScrollBar().setValue(sight[0])
        self.horizontalScrollBar().setValue(sight[1])

    def _replace(self, start: int, stop: int, lines: list[str], total: int) -> None:
        """Put `lines` in the place of the 0-based lines `start` up to `stop` of `total`."""
        document = self.document()
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        text = "\n".join(lines)
        if lines and start < stop:  # the end of the last line stays, so that no other line is touched
            last = document.findBlockByNumber(stop - 1)
            cursor.setPosition(document.findBlockByNumber(start).position())
            cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        elif start == total:
            cursor.movePosition(QTextCursor.MoveOperation.End)
            text = "\n" + text
        else:
            cursor.setPosition(document.findBlockByNumber(start).position())
            if stop < total:
                cursor.setPosition(
                    document.findBlockByNumber(stop).position(), QTextCursor.MoveMode.KeepAnchor
                )
                text = text + "\n" if lines else ""
            else:
                cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
                if not lines and start:
                    cursor.setPosition(document.findBlockByNumber(start).position() - 1)
                    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)
        cursor.endEditBlock()

    def set_lit(self, lines: Iterable[int], follow: bool = False) -> None:
        """Light these 1-based lines. With `follow` the first of them comes into sight where none is."""
        lit = frozenset(lines)
        if lit != self.lit:
            self.lit = lit
            self.viewport().update()
            self._numbers.update()
        if follow and self.lit:
            room = self.viewport().height() // theme.line_height("code")
            first = self.firstVisibleBlock().blockNumber() + 1
            if self.lit.isdisjoint(range(first, first + room + 1)):
                self.verticalScrollBar().setValue(max(0, min(self.lit) - 1 - room // 3))

    def lines_in_sight(self) -> list[tuple[int, float, float]]:
        """The lines on the screen: 1-based number, top in px and height of the band each stands in."""
        height = theme.line_height("code")
        lift = (height - QFontMetrics(self.font()).height()) / 2
        block = self.firstVisibleBlock()
        top = self.contentOffset().y() - lift + self.viewportMargins().top()
        lines: list[tuple[int, float, float]] = []
        while block.isValid() and top < self.viewport().height() + height:
            lines.append((block.blockNumber() + 1, round(top), height))
            block = block.next()
            top += height
        return lines

    # ------------------------------------------------------------------ find

    def find_all(self, text: str) -> int:
        """Mark every place where the text stands, capitals or not. Gives back how many there are."""
        marks: list[QTextEdit.ExtraSelection] = []
        if text:
            background = QTextCharFormat()
            background.setBackground(tokens.faded(theme.current().warning, 0.35))
            cursor = self.document().find(text, 0)
            while not cursor.isNull():
                mark = QTextEdit.ExtraSelection()
                mark.cursor = cursor
                mark.format = background
                marks.append(mark)
                cursor = self.document().find(text, cursor)
        self.setExtraSelections(marks)
        return len(marks)

    def find_next(self, text: str, backward: bool = False) -> bool:
        """Select the next place, from the top again after the last one. False where there is none."""
        flags = QTextDocument.FindFlag.FindBackward if backward else QTextDocument.FindFlag(0)
        if self.find(text, flags):
            return True
        before = self.textCursor()
        move = QTextCursor.MoveOperation.End if backward else QTextCursor.MoveOperation.Start
        self.moveCursor(move)
        if self.find(text, flags):
            return True
        self.setTextCursor(before)
        return False

    # ------------------------------------------------------------------ hands

    def choose_at(self, place: QPoint) -> None:
        """Choose the line at that height, as a click does."""
        for line, top, height in self.lines_in_sight():
            if top <= place.y() < top + height and line <= self.blockCount():
                self.line_chosen.emit(line)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        if (place - self._pressed).manhattanLength() < 4 and not self.textCursor().hasSelection():
            self.choose_at(place + QPoint(0, self.viewportMargins().top()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.line_chosen.emit(self.textCursor().blockNumber() + 1)
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------ paint

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.lit:
            painter = QPainter(self.viewport())
            ground = theme.current().accent_ground
            shift = self.viewportMargins().top()
            for line, top, height in self.lines_in_sight():
                if line in self.lit:
                    painter.fillRect(QRectF(0, top - shift, self.viewport().width(), height), ground)
            painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_numbers()

    def _measure(self) -> None:
        self.setViewportMargins(theme.px(NUMBERS), TOP, 0, 0)
        self.setTabStopDistance(4 * QFontMetrics(theme.font("code")).horizontalAdvance(" "))
        self.document().setDocumentMargin(0)
        self._place_numbers()
        self.viewport().update()

    def _place_numbers(self) -> None:
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.topLeft(), QSize(theme.px(NUMBERS), inside.height())))
        self._numbers.update()

    def _renumber(self, _: int) -> None:
        """There are more lines or fewer: a line that says otherwise keeps its number."""
        self._numbers.update()

    def _scrolled(self, rect: QRect, dy: int) -> None:
        if dy:
            self._numbers.update()
        shown = self.viewport().height() // theme.line_height("code")
        first = self.firstVisibleBlock().blockNumber()
        self._colours.reach(first, first + shown)

    def line_place(self, line: int) -> QPointF:
        """Where a 1-based line in sight has its middle, in px of the viewport."""
        for number, top, height in self.lines_in_sight():
            if number == line:
                return QPointF(theme.px(40), top - self.viewportMargins().top() + height / 2)
        raise ValueError(f"line {line} is not in sight")
