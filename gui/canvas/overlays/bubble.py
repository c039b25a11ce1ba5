"""Why a wire was refused, at the pointer, with up to three ways out and what each of them costs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine import edits
from engine.message import Message
from engine.project.graph import Wire
from engine.project.project import Project
from engine.repairs.refusal import REFUSED, Refusal
from engine.repairs.repair import Repair
from gui.background import Worker
from gui.canvas.edits import changes
from gui.canvas.painting.frame import Frame, Mark
from gui.canvas.painting.port_painter import spot, stamp
from gui.canvas.tools.host import Host
from gui.canvas.tools.pointer import Pointer
from gui.canvas.tools.wire import draw_loose, draw_refused_node
from gui.controls import drawing
from gui.style import icons, theme
from gui.text.words import begun, filled, signed, words

WIDE = 438
AWAY = 12
ROW, FOOT, PAD = 50, 38, 14
MOST = 3


class Bubble(QWidget):
    """Opens below right of the pointer. 1 to 3 or Enter make a repair, Esc lets go of the wire."""

    offered = Signal()
    """The ways out are known, and shown."""

    def __init__(self, host: Host, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._host, self._canvas = host, canvas
        self._wire: Wire | None = None
        self._instead_of: Wire | None = None
        self._sentence, self._reason = "", ""
        self._pointer = Pointer(0, 0, (0, 0))
        self.repairs: tuple[Repair, ...] = ()
        self.chosen = 0
        self.seeking = False
        """Whether ways out are still sought, beside the window."""
        self._taken: int | None = None
        self._worker = Worker(self)
        self._worker.done.connect(self._offer)
        self._worker.failed.connect(self._failed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    # ------------------------------------------------------------------ open and close

    def ask(self, wire: Wire, reason: Refusal | Message, pointer: Pointer, instead_of: Wire | None) -> None:
        """Open for a wire that is refused. `instead_of` is the wire whose end was in the hand."""
        self._wire, self._instead_of, self._pointer = wire, instead_of, pointer
        self.repairs, self.chosen, self._taken = (), 0, None
        self._worker.cancel()
        self.seeking = isinstance(reason, Refusal)
        if isinstance(reason, Message):
            self._sentence, self._reason = begun(reason), ""
        else:
            node = self._host.level.project.graph.nodes[wire.target]
            problem = reason.problem
            own = problem.name == REFUSED.name
            self._sentence = (
                begun(problem.message) if own else f"{node.kind.label()} {words(problem.message)}"
            )
            self._reason = words(problem.why)
            self._worker.run(lambda: reason.repairs[:MOST])
        self._resettle()
        self.setAccessibleName(self._sentence)
        self.setAccessibleDescription(self._reason)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        self._host.update()

    def _offer(self, repairs: tuple[Repair, ...]) -> None:
        """Show the ways out, which are known now. One that was pressed before is made."""
        self.repairs, self.seeking = repairs, False
        self._resettle()
        titles = [f"{i + 1}: {words(repair.title)}" for i, repair in enumerate(self.repairs)]
        self.setAccessibleDescription(" ".join([self._reason, *titles]))
        self.update()
        if self._taken is not None:
            self.apply(self._taken)
        self.offered.emit()

    def _failed(self, error: Exception) -> None:
        self._offer(())
        raise error  # nothing a person did: the window's own handler tells of it

    def dismiss(self) -> None:
        """Let go of the wire."""
        if self._wire is None:
            return
        self._wire, self.seeking = None, False
        self._worker.cancel()
        had = self.hasFocus()
        self.hide()
        if had:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._host.update()

    def apply(self, index: int) -> None:
        """Make one of the repairs, once it is known. It draws the wire, too, and is one step of undo."""
        if self.seeking:
            self._taken = index
        if not 0 <= index < len(self.repairs):
            return
        repair, instead_of = self.repairs[index], self._instead_of
        self.dismiss()

        def mend(project: Project) -> Project:
            bare = edits.disconnect(project, [instead_of]) if instead_of is not None else project
            return changes.with_room(bare, repair.apply(bare))

        self._host.do(mend, label=repair.title, glide=True)

    # ------------------------------------------------------------------ size

    def _resettle(self) -> None:
        wide = theme.px(WIDE)
        text = wide - theme.px(38 + 20)
        title = QFontMetrics(theme.font("title")).boundingRect(QRect(0, 0, text, 1000), WRAP, self._sentence)
        why = QFontMetrics(theme.font("body")).boundingRect(QRect(0, 0, text, 1000), WRAP, self._reason)
        pad = theme.px(PAD)
        self._title = QRect(theme.px(38), pad, text, title.height())
        self._why = QRect(
            theme.px(38), self._title.bottom() + theme.px(4), text, why.height() if self._reason else 0
        )
        self._rows_top = self._why.bottom() + theme.px(10)
        rows = len(self.repairs) * theme.px(ROW)
        tall = self._rows_top + rows + (theme.px(8) if rows else 0) + theme.px(FOOT)
        self.setGeometry(*self._corner(self._pointer, wide, tall), wide, tall)

    def _corner(self, pointer: Pointer, wide: int, tall: int) -> tuple[int, int]:
        """Where it opens: below right of the pointer; where there is no room below, beside the layer that
        refuses, so that the wire stays in sight; else above.
        """
        viewport = self._host.viewport
        x, y = round(pointer.x) + AWAY, round(pointer.y) + AWAY
        lowest, rightmost = viewport.height - tall - 8, viewport.width - wide - 8
        if y > lowest:
            scene, target = self._host.scene, self._wire.target if self._wire is not None else ""
            left, top, width, _ = (
                scene.rects[scene.row[target]].tolist() if target in scene.row else (*pointer.at, 0, 0)
            )
            before, behind = (
                round(viewport.camera.to_screen(edge, top)[0]) + gap
                for edge, gap in ((left, -AWAY - wide), (left + width, AWAY))
            )
            beside = next((place for place in (behind, before) if 8 <= place <= rightmost), None)
            if beside is not None and lowest >= 8:
                return beside, lowest
            y = max(8, round(pointer.y) - AWAY - tall)
        return max(8, min(x, rightmost)), y

    def _row(self, index: int) -> QRectF:
        side = theme.px(8)
        return QRectF(
            side, self._rows_top + index * theme.px(ROW), self.width() - 2 * side, theme.px(ROW - 2)
        )

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), drawing.brush(self)
        painter.fillRect(self.rect(), worn.canvas)
        drawing.frame(painter, QRectF(self.rect()), theme.CARD_CORNER, worn.tip, worn.line2)
        side = theme.px(16)
        icons.paint(painter, "error", worn.error, QRectF(theme.px(14), self._title.top(), side, side))
        painter.setFont(theme.font("title"))
        painter.setPen(worn.text1)
        painter.drawText(self._title, WRAP, self._sentence)
        painter.setFont(theme.font("body"))
        painter.setPen(worn.text2)
        painter.drawText(self._why, WRAP, self._reason)
        for index, repair in enumerate(self.repairs):
            self._paint_row(painter, index, repair)
        foot = self.height() - theme.px(FOOT)
        painter.fillRect(QRectF(1, foot, self.width() - 2, 1), worn.line2)
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text2)
        box = QRectF(theme.px(14), foot, self.width() - theme.px(28), theme.px(FOOT))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self._foot())

    def _foot(self) -> str:
        if self.seeking:
            return self.tr("Looking for ways out. Esc lets go of the wire.")
        if not self.repairs:
            return self.tr("Esc lets go of the wire.")
        if len(self.repairs) == 1:
            return self.tr("1 or Enter applies, one undo takes it back. Esc lets go of the wire.")
        return self.tr(
            "1 to {number} or Enter applies, one undo takes it back. Esc lets go of the wire."
        ).format(number=len(self.repairs))

    def _paint_row(self, painter: QPainter, index: int, repair: Repair) -> None:
        worn, row = theme.current(), self._row(index)
        chosen = index == self.chosen
        if chosen:
            drawing.frame(painter, row, 5, worn.accent_ground, worn.accent)
        key = QRectF(row.left() + theme.px(12), row.center().y() - theme.px(9), theme.px(18), theme.px(18))
        drawing.frame(painter, key, 4, worn.field, worn.line2)
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text1)
        painter.drawText(key, Qt.AlignmentFlag.AlignCenter, str(index + 1))
        left, right = row.left() + theme.px(42), row.right() - theme.px(12)
        first, second = row.top() + theme.px(20), row.top() + theme.px(37)
        painter.setFont(theme.font("value"))
        cost = ""
        if repair.parameters_delta is not None:
            cost = filled(self.tr("{number} parameter{number:|s}"), number=signed(repair.parameters_delta))
        width = painter.fontMetrics().horizontalAdvance(cost)
        painter.setPen(worn.text1 if chosen else worn.text2)
        painter.drawText(round(right - width), round(first), cost)
        painter.setPen(worn.text1)
        elide = Qt.TextElideMode.ElideRight
        room = round(right - left - width - 12)
        painter.drawText(
            round(left), round(first), painter.fontMetrics().elidedText(words(repair.title), elide, room)
        )
        painter.setFont(theme.font("body"))
        enter = self.tr("Enter") if chosen else ""
        painter.setPen(worn.accent_text)
        width = painter.fontMetrics().horizontalAdvance(enter)
        painter.drawText(round(right - width), round(second), enter)
        painter.setPen(worn.text2)
        shapes = repair.shapes.replace(" → ", self.tr(" to "))
        room = round(right - left - width - 12)
        painter.drawText(round(left), round(second), painter.fontMetrics().elidedText(shapes, elide, room))

    # ------------------------------------------------------------------ on the canvas

    def adjust(self, frame: Frame) -> None:
        """Show the port that refuses."""
        index = self._target()
        if index is not None:
            frame.wiring = True
            frame.marks = {**frame.marks, index: Mark.REFUSED}

    def paint_wire(self, painter: QPainter, frame: Frame) -> None:
        """The wire that is refused, from end to end."""
        index = self._target()
        if self._wire is None or index is None:
            return
        start = frame.scene.place_of(self._wire.source, self._wire.output, False)
        if start is None:
            return
        draw_refused_node(painter, frame, self._wire.target)
        draw_loose(painter, frame, spot(frame, start), spot(frame, index), refused=True)
        stamp(painter, frame, "REFUSED", *spot(frame, index))

    def _target(self) -> int | None:
        wire, scene = self._wire, self._host.scene
        if wire is None or wire.target not in scene.row or wire.source not in scene.row:
            return None
        return scene.place_of(wire.target, wire.input, True)

    # ------------------------------------------------------------------ keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.dismiss()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply(self.chosen)
        elif Qt.Key.Key_1 <= key < Qt.Key.Key_1 + MOST:
            self.apply(key - Qt.Key.Key_1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._walk(1 if key == Qt.Key.Key_Down else -1)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab walks through the ways out: going elsewhere would let go of the wire unasked."""
        self._walk(1 if forwards else -1)
        return True

    def _walk(self, step: int) -> None:
        if self.repairs:
            self.chosen = (self.chosen + step) % len(self.repairs)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._at(event)
        if index is not None and index != self.chosen:
            self.chosen = index
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self._at(event)
        if index is not None:
            self.apply(index)

    def _at(self, event: QMouseEvent) -> int | None:
        return next(
            (index for index in range(len(self.repairs)) if self._row(index).contains(event.position())), None
        )

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.dismiss()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # keys are for the bubble while it is open
            return True
        return super().event(event)


WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
