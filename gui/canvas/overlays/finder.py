"""The search at the pointer: a layer by name or by what it does, with what would come out of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from engine import edits
from engine.kinds import Layer
from engine.kinds.shapes import Shape
from engine.layers.input_output import Input, Output
from engine.message import Message, Refused, Trouble
from engine.project.graph import Wire
from engine.project.layout import TALL, WIDTH, height
from engine.project.project import Project
from gui.canvas.edits.fitting import Fitting, WireEnd
from gui.canvas.edits.layer_search import Candidate, candidates
from gui.canvas.edits.search_request import SearchRequest
from gui.canvas.geometry.camera import Box
from gui.canvas.geometry.clear_place import clear_place, covers, moved
from gui.canvas.painting.frame import Frame
from gui.canvas.painting.port_painter import spot
from gui.canvas.painting.wire_painter import dashed, loose
from gui.canvas.tools.drop import draw_ghost
from gui.canvas.tools.host import Host
from gui.canvas.tools.pointer import Pointer
from gui.controls import drawing
from gui.document import offers
from gui.style import icons, theme
from gui.style.kind_icons import paint_kind
from gui.text.kind_help import equation, translated
from gui.text.words import words

WIDE, HEAD, ROW, ABOUT, SEEN = 460, 44, 36, 104, 7
FEWEST = 3
"""Rows that are shown in the lowest view."""
WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft


class Finder(QWidget):
    """Enter places and wires what is chosen, Shift+Enter only places it, Esc closes."""

    def __init__(self, host: Host, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._host, self._canvas = host, canvas
        self._pointer: Pointer | None = None
        self.request: SearchRequest | None = None
        self.results: Sequence[Candidate] = ()
        self.chosen = 0
        self._first, self._seen = 0, SEEN
        self.ghost: tuple[Layer, tuple[float, float]] | None = None
        self.field = QLineEdit(self)
        self.field.setFrame(False)
        self.field.setAccessibleName(self.tr("Search layers"))
        self.field.setStyleSheet("QLineEdit { background: transparent; border: none; padding: 0; }")
        self.field.textChanged.connect(self._typed)
        self.field.installEventFilter(self)
        self.setFocusProxy(self.field)  # a click on a line must not give the keyboard to the canvas below
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Add a layer"))
        self.hide()

    # ------------------------------------------------------------------ open and close

    def ask(
        self, pointer: Pointer, end: WireEnd | None = None, wire: Wire | None = None, after: bool = False
    ) -> None:
        """Open at a place: for what could come at an end of a wire, into a wire, or anywhere.

        `after` puts what is chosen below the end's node rather than at the pointer.
        """
        level = self._host.level
        fitting = Fitting(level.project, level.analysis if level.fresh else None)
        self._pointer = pointer
        self.request = SearchRequest(pointer.at, fitting, end, wire, after)
        self.field.blockSignals(True)
        self.field.clear()
        self.field.blockSignals(False)
        self._dress()
        self._typed("")
        self._resettle()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close without adding anything."""
        if self.request is None:
            return
        self._pointer = self.ghost = self.request = None
        had = self.field.hasFocus()
        self.hide()
        if had:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._host.update()

    def accept(self, wired: bool = True) -> None:
        """Add what is chosen; only place it where `wired` is false. Where its wire does not fit, say why and
        what would help, as for a wire that was drawn by hand.
        """
        host, request = self._host, self.request
        if not self.results or request is None:
            return
        if not request.lies_in(host.level.project):
            self.dismiss()
            return
        kind = self.results[self.chosen].kind
        id = edits.new_id(host.level.project.graph)

        def edit(project: Project) -> Project:
            return request.edited(project, kind, wired)

        done = host.do(edit, label=Message("Add {kind}", kind=kind.label()), glide=True)
        self.dismiss()
        if not done:
            return
        host.level.select([id])
        host.viewport.reveal([id])
        wire = request.wire_to(id, kind) if wired else None
        if wire is not None and wire not in host.level.project.graph.wires:
            self._explain(request, wire)

    def _explain(self, request: SearchRequest, wire: Wire) -> None:
        """Open the bubble at the layer that could only be placed."""
        host, viewport = self._host, self._host.viewport
        index, box = host.scene.place_of(wire.target, wire.input, True), host.scene.bounds([wire.target])
        if index is None or box is None:
            return
        if (reason := request.fitting.grown(host.level.project).refusal(wire)) is not None:
            arrived = viewport.camera.showing(box, viewport.width, viewport.height)  # it may be on its way
            x, y = arrived.to_screen(*host.scene.place_xy[index])
            host.refuse(wire, reason, Pointer(x, y, viewport.camera.to_world(x, y)))

    # ------------------------------------------------------------------ typing and choosing

    def _typed(self, text: str) -> None:
        if self.request is not None:
            level = self._host.level
            own = (*offers.ends(level), *offers.blocks(level), *offers.ready_made(level))
            every = candidates(text, self.request.outcome, own, self.request.usual())
            self.results = [one for one in every if not (level.path and isinstance(one.kind, Input | Output))]
        self._first = 0
        self.choose(0)

    def choose(self, index: int, pointed: bool = False) -> None:
        """Make another line the chosen one, and show where it would stand: not below this list, which stands
        aside, unless the line was `pointed` at.
        """
        self.chosen = max(0, min(index, len(self.results) - 1))
        self._first = min(max(self._first, self.chosen - self._seen + 1), self.chosen)
        self.ghost = None
        if self.results and self.request is not None:
            kind = self.results[self.chosen].kind
            spot = self._spot(self.request, kind)
            self.ghost = None if spot is None else (kind, spot)
            self.field.setAccessibleDescription(self._described(self.results[self.chosen]))
        if self.isVisible() and not pointed and self._covers_ghost():
            self._resettle()
        self.update()
        self._host.update()

    def _spot(self, request: SearchRequest, kind: Layer) -> tuple[float, float] | None:
        """Where a layer would stand, or None where it would be refused."""
        project = self._host.level.project
        if not request.lies_in(project):
            return None
        try:
            node = request.edited(project, kind).graph.nodes[edits.new_id(project.graph)]
        except (Refused, Trouble):
            return None
        return node.x, node.y

    def _described(self, candidate: Candidate) -> str:
        outcome = candidate.outcome
        out = words(outcome) if isinstance(outcome, Message) else str(outcome or "")
        return f"{candidate.kind.label()} {out}".strip()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if event.type() == QEvent.Type.FocusOut and self.request is not None:
            self.dismiss()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: self._seen,
            Qt.Key.Key_PageUp: -self._seen,
            Qt.Key.Key_Tab: 1,
            Qt.Key.Key_Backtab: -1,
        }
        if key == Qt.Key.Key_Escape:
            self.dismiss()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        elif key in steps:
            self.choose(self.chosen + steps[Qt.Key(key)])
        else:
            return False
        return True

    # ------------------------------------------------------------------ mouse

    def _at(self, place: QPointF) -> int | None:
        row = int((place.y() - theme.px(HEAD) - theme.px(6)) // theme.px(ROW))
        index = self._first + row
        return index if 0 <= row < self._seen and index < len(self.results) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position())
        if index is not None and index != self.chosen:
            self.choose(index, pointed=True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position())
        if index is not None:
            self.choose(index)
            self.accept(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)

    def wheelEvent(self, event: QWheelEvent) -> None:
        step = -1 if event.angleDelta().y() > 0 else 1
        self._first = max(0, min(self._first + step, len(self.results) - self._seen))
        self.update()
        event.accept()

    # ------------------------------------------------------------------ size and painting

    def _dress(self) -> None:
        worn = theme.current()
        self.field.setFont(theme.font("card"))
        palette = self.field.palette()
        palette.setColor(QPalette.ColorRole.Text, worn.text1)
        self.field.setPalette(palette)

    def _resettle(self) -> None:
        """Open beside what it is about; where there is no room, the view moves."""
        viewport = self._host.viewport
        wide, about = theme.px(WIDE), self._about()
        for self._seen in range(SEEN, FEWEST - 1, -1):  # fewer rows leave room in a low view
            tall = theme.px(HEAD) + self._seen * theme.px(ROW) + theme.px(12) + theme.px(ABOUT)
            shift, (x, y) = clear_place(about, (wide, tall), (viewport.width, viewport.height))
            if not covers([moved(box, shift) for box in about[:2]], (x, y), (wide, tall)):
                break
        if shift != (0.0, 0.0):
            viewport.look_from(viewport.camera.panned(*shift))
        self.setGeometry(round(x), round(y), wide, tall)
        metrics = QFontMetrics(theme.font("hint"))
        context = min(
            metrics.horizontalAdvance(self.request.context() if self.request is not None else "")
            + theme.px(24),
            wide // 2,
        )
        self.field.setGeometry(theme.px(40), theme.px(8), wide - theme.px(40) - context, theme.px(HEAD - 16))

    def _covers_ghost(self) -> bool:
        if self.ghost is None:
            return False
        kind, (x, y) = self.ghost
        seen = self._host.viewport.camera.to_screen
        ghost = QRectF(QPointF(*seen(x, y)), QPointF(*seen(x + WIDTH, y + height(kind))))
        return ghost.intersects(QRectF(self.geometry()))

    def _about(self) -> list[Box]:
        """What must be seen while one chooses: where the first would stand, what it hangs on, and where one
        would stand that ends the wire or does not fit.
        """
        assert self._pointer is not None
        assert self.request is not None
        first = self.ghost[1] if self.ghost is not None else self._pointer.at
        boxes: list[Box] = [(*first, first[0] + WIDTH, first[1] + TALL)]
        end, scene = self.request.source, self._host.scene
        if end is not None and (box := scene.bounds([end.id])) is not None:
            boxes.append(box)
        alike = {(one.fits, bool(one.kind.outputs)): one.kind for one in reversed(self.results)}
        for kind in alike.values():
            spot = self._spot(self.request, kind)
            if spot is not None and spot != first:
                boxes.append((*spot, spot[0] + WIDTH, spot[1] + TALL))
        seen = self._host.viewport.camera.to_screen
        return [(*seen(left, top), *seen(right, bottom)) for left, top, right, bottom in boxes]

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), drawing.brush(self)
        painter.fillRect(self.rect(), worn.canvas)
        drawing.frame(painter, QRectF(self.rect()), theme.CARD_CORNER, worn.tip, worn.line2)
        head, side = theme.px(HEAD), theme.px(16)
        icons.paint(painter, "search", worn.text2, QRectF(theme.px(14), (head - side) / 2, side, side))
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text2)
        right = QRectF(self.width() / 2, 0, self.width() / 2 - theme.px(14), head)
        context = painter.fontMetrics().elidedText(
            (self.request.context() if self.request is not None else ""),
            Qt.TextElideMode.ElideMiddle,
            int(right.width()),
        )
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, context)
        painter.fillRect(QRectF(1, head, self.width() - 2, 1), worn.line2)
        for row in range(min(self._seen, len(self.results) - self._first)):
            self._paint_row(painter, row, self.results[self._first + row], self._first + row == self.chosen)
        if not self.results:
            painter.setPen(worn.text2)
            painter.setFont(theme.font("body"))
            box = QRectF(theme.px(14), head + theme.px(6), self.width() - theme.px(28), theme.px(ROW))
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignVCenter,
                self.tr(
                    "Nothing called that. Backspace, or describe what it does: halve, normalise, remember."
                ),
            )
        self._paint_bar(painter)
        self._paint_about(painter)

    def _paint_row(self, painter: QPainter, row: int, candidate: Candidate, chosen: bool) -> None:
        worn, kind = theme.current(), candidate.kind
        top = theme.px(HEAD) + theme.px(6) + row * theme.px(ROW)
        box = QRectF(theme.px(6), top, self.width() - theme.px(12), theme.px(ROW))
        if chosen:
            drawing.frame(painter, box, 5, worn.accent_ground, worn.accent)
        painter.setOpacity(1.0 if candidate.fits else 0.55)
        side = theme.px(16)
        paint_kind(painter, kind, QRectF(theme.px(18), top + (theme.px(ROW) - side) / 2, side, side))
        baseline = round(top + theme.px(ROW) / 2 + theme.px(4))
        painter.setFont(theme.font("value"))
        self._paint_name(painter, kind.label(), candidate.match.letters, theme.px(44), baseline)
        painter.setOpacity(1.0)
        name_end = theme.px(44) + painter.fontMetrics().horizontalAdvance(kind.label())
        left, right = max(theme.px(184), name_end + theme.px(14)), box.right() - theme.px(12)
        outcome = candidate.outcome
        if isinstance(outcome, Shape):
            text = str(outcome)
            painter.setPen(worn.text1)
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(round(right - width), baseline, text)
            right -= width + theme.px(12)
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text2)
        says = words(outcome) if isinstance(outcome, Message) else kind.summary() or kind.hint
        room = round(right - left)
        painter.drawText(
            left, baseline, painter.fontMetrics().elidedText(says, Qt.TextElideMode.ElideRight, room)
        )

    def _paint_name(
        self, painter: QPainter, name: str, letters: tuple[int, ...], x: float, baseline: int
    ) -> None:
        """The name, the letters that were meant in the accent."""
        worn, metrics = theme.current(), painter.fontMetrics()
        start = 0
        while start < len(name):
            lit, end = start in letters, start
            while end < len(name) and (end in letters) == lit:
                end += 1
            painter.setPen(worn.accent_text if lit else worn.text1)
            painter.drawText(QPointF(x + metrics.horizontalAdvance(name[:start]), baseline), name[start:end])
            start = end

    def _paint_bar(self, painter: QPainter) -> None:
        """How far down the list one is, where it is longer than what is shown."""
        count = len(self.results)
        if count <= self._seen:
            return
        room = self._seen * theme.px(ROW)
        top = theme.px(HEAD) + theme.px(6) + room * self._first / count
        bar = QRectF(self.width() - 5, top, 3, max(16.0, room * self._seen / count))
        drawing.frame(painter, bar, 1.5, theme.current().line2)

    def _paint_about(self, painter: QPainter) -> None:
        worn = theme.current()
        top = self.height() - theme.px(ABOUT)
        painter.fillRect(QRectF(1, top, self.width() - 2, 1), worn.line2)
        left, wide = theme.px(14), self.width() - theme.px(28)
        if self.results and self.request is not None:
            kind = self.results[self.chosen].kind
            lines: tuple[tuple[theme.Role, QColor, str], ...] = (
                ("hint", worn.text2, translated(kind.doc())),
                ("code", worn.text2, equation(kind)),
                ("code", worn.text1, self.request.code(kind)),
            )
            for place, (role, colour, line) in enumerate(lines):
                painter.setFont(theme.font(role))
                painter.setPen(colour)
                shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, wide)
                painter.drawText(left, top + theme.px(22 + 20 * place), shown)
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text2)
        baseline = top + theme.px(88)
        wires = self.request is not None and self.request.source is not None
        hint = self.tr("Enter places and wires it") if wires else self.tr("Enter places it")
        if wires and self.results and not self.results[self.chosen].fits:
            hint = self.tr("Enter places it and says what helps")
        painter.drawText(left, baseline, hint)
        if wires:
            after = left + painter.fontMetrics().horizontalAdvance(hint) + theme.px(24)
            painter.drawText(after, baseline, self.tr("Shift Enter only places"))
        leave = self.tr("Esc")
        painter.drawText(left + wide - painter.fontMetrics().horizontalAdvance(leave), baseline, leave)

    # ------------------------------------------------------------------ on the canvas

    def paint_ghost(self, painter: QPainter, frame: Frame) -> None:
        """The layer where it would stand, and the wire that would lead to it."""
        if self.ghost is None or self.request is None or not self.results:
            return
        kind, at = self.ghost
        outcome = self.results[self.chosen].outcome
        rect = draw_ghost(painter, frame, kind, at, str(outcome) if isinstance(outcome, Shape) else "")
        end = self.request.source
        if end is None or end.id not in frame.scene.row or isinstance(outcome, Message):
            return
        index = frame.scene.place_of(end.id, end.port, end.entry)
        if index is None:
            return
        x, y = spot(frame, index)
        painter.setPen(dashed(frame.theme.accent, 1.5, 4.0, 3.0))
        middle = rect.center().x()
        start, stop = ((middle, rect.bottom()), (x, y)) if end.entry else ((x, y), (middle, rect.top()))
        if abs(start[0] - stop[0]) < 1:
            painter.drawLine(QPointF(*start), QPointF(*stop))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(loose(*start, *stop, frame.camera.scale))
