"""The canvas: wheel, keys and what is dragged in, and what opens over it. The mouse is in `gestures`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QInputDevice,
    QKeyEvent,
    QNativeGestureEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from engine.message import Message
from engine.project.graph import Wire
from engine.project.project import Project
from gui import settings
from gui.canvas import keys, menus
from gui.canvas.edits.fitting import End
from gui.canvas.mouse import Gestures
from gui.canvas.overlays.breadcrumbs import Crumbs
from gui.canvas.overlays.bubble import Bubble
from gui.canvas.overlays.finder import Finder
from gui.canvas.overlays.rename import Rename, TakeName
from gui.canvas.overlays.zoom import ZoomControl
from gui.canvas.painting.frame import Frame
from gui.canvas.painting.port_painter import paint_name
from gui.canvas.tools.drop import DropTool, carried
from gui.canvas.tools.tool import Pointer
from gui.text.words import filled

if TYPE_CHECKING:
    from engine.repairs.refusal import Refusal
    from gui.document.workspace import Workspace

WHEEL_STEP = 1.0015


class Canvas(Gestures):
    """Where a network is drawn."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(workspace, parent)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Canvas"))
        self.bubble = Bubble(self)
        self.finder = Finder(self)
        self.renaming = Rename(self)
        self.zoom_control = ZoomControl(self)
        self.crumbs = Crumbs(self)
        self._describe()

    # ------------------------------------------------------------------ following the document

    def _switched(self, document: object) -> None:
        self._drop_gesture()
        self.current = None
        super()._switched(document)  # type: ignore[arg-type]  # the workspace sends documents

    def _entered(self, level: object) -> None:
        self._drop_gesture()
        self.dismiss()
        self._hover = (None, None, None)
        self.current = None
        super()._entered(level)
        self._describe()

    def _show_level(self) -> None:
        super()._show_level()
        if hasattr(self, "zoom_control"):  # each level has a camera of its own
            self.zoom_control.show_scale(self.camera.scale)

    def _changed(self, project: Project) -> None:
        graph = self.document.project.graph
        if self.tool is not None and graph is not self.scene.graph:
            self._drop_gesture()
        if graph is not self.scene.graph:
            self.bubble.dismiss()
        self._hover = (None, None, None)
        super()._changed(project)
        self._describe()

    def _selected(self, ids: object) -> None:
        if self.current not in self.document.selection:
            self.current = next(iter(self.document.selection), None)
        self._describe()
        super()._selected(ids)

    def _describe(self) -> None:
        graph, chosen = self.document.project.graph, self.document.selection
        names = [graph.nodes[id].name for id in graph.nodes if id in chosen]
        self.crumbs.refresh()
        text = self.tr("Network {title}, {number} layer{number:|s}.")
        if self.document.path:
            text = self.tr("Inside the block {title}, {number} layer{number:|s}.")
        text = filled(text, title=self.document.title, number=len(graph.nodes))
        if names:
            text += " " + self.tr("Selected: {names}.").format(names=", ".join(names[:5]))
        self.setAccessibleDescription(text)

    def _camera_moved(self) -> None:
        super()._camera_moved()
        if hasattr(self, "zoom_control"):
            self.zoom_control.show_scale(self.camera.scale)
            self.finder.follow()
            self.renaming.follow()

    # ------------------------------------------------------------------ wheel and touch

    def wheelEvent(self, event: QWheelEvent) -> None:
        place = event.position()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turn = event.angleDelta().y() or event.pixelDelta().y()
            self.look_from(self.camera.zoomed(WHEEL_STEP**turn, place.x(), place.y()))
        elif self._scrolls(event):
            delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
            dx, dy = delta.x(), delta.y()
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not dx:
                dx, dy = dy, 0
            self.look_from(self.camera.panned(dx, dy))
        else:
            self.look_from(self.camera.zoomed(WHEEL_STEP ** event.angleDelta().y(), place.x(), place.y()))
        if self.tool is not None:
            self.tool.move(self.pointer(place, event.modifiers()))
        event.accept()

    def _scrolls(self, event: QWheelEvent) -> bool:
        """Whether a turn of the wheel moves the view: fingers on a touchpad do, a wheel if so preferred."""
        touchpad = event.deviceType() == QInputDevice.DeviceType.TouchPad
        phased = event.phase() != Qt.ScrollPhase.NoScrollPhase
        pixels = not event.pixelDelta().isNull()
        sideways = event.angleDelta().y() == 0 and event.angleDelta().x() != 0
        return touchpad or (phased and pixels) or sideways or settings.preferences().wheel == "pan"

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            place = event.position()
            self.look_from(self.camera.zoomed(1 + event.value(), place.x(), place.y()))
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and keys.is_search(event):
            self.keyPressEvent(event)  # before Qt takes Tab to move the focus
            return True
        return super().event(event)

    # ------------------------------------------------------------------ keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._escape()
            return
        if self.tool is not None and self.tool.key(event):
            return
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space = True
                self._point_with(Qt.CursorShape.ArrowCursor)
            return
        if keys.press(self, event):
            self._by_keys = True
            self.update()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._point_with(Qt.CursorShape.ArrowCursor)
        else:
            super().keyReleaseEvent(event)

    def _escape(self) -> None:
        if self.tool is not None or self._pressed is not None:
            self._drop_gesture()
        elif self._knife:
            self._knife = False
            self._point_with(Qt.CursorShape.ArrowCursor)
        elif self.document.selection or self.document.wire_selection:
            self.document.select(())
        else:
            self.go_up()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_keys = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._by_keys = self._by_keys or by_keys
        self.update()

    # ------------------------------------------------------------------ dragged in

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        kind = carried(event.mimeData(), bool(self.document.path))
        if kind is None:
            event.ignore()
            return
        self.dismiss()
        self.begin(DropTool(self, kind))
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if isinstance(self.tool, DropTool):
            self.tool.move(self.pointer(event.position(), event.modifiers()))
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_gesture()

    def dropEvent(self, event: QDropEvent) -> None:
        tool, self.tool = self.tool, None
        if isinstance(tool, DropTool):
            tool.release(self.pointer(event.position(), event.modifiers()))
            event.acceptProposedAction()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.update()

    # ------------------------------------------------------------------ what opens over the canvas

    def dismiss(self) -> None:
        self.bubble.dismiss()
        self.finder.dismiss()
        self.renaming.finish()

    def refuse(
        self, wire: Wire, reason: Refusal | Message, pointer: Pointer, instead_of: Wire | None = None
    ) -> None:
        """Say why a wire is not drawn, and what would help."""
        self.bubble.ask(wire, reason, pointer, instead_of)

    def search(self, pointer: Pointer, end: End | None = None, wire: Wire | None = None) -> None:
        self._hover = (None, None, None)
        self.finder.ask(pointer, end, wire)

    def open_search(self) -> None:
        """Open the search at the pointer, for what could follow the selected layer."""
        x, y = self.camera.to_screen(*self.pointed_at())
        pointer = self.pointer(QPointF(x, y), Qt.KeyboardModifier.NoModifier)
        chosen = self._chosen()
        end = None
        if len(chosen) == 1:
            outputs = self.document.project.graph.nodes[chosen[0]].kind.outputs
            end = End(chosen[0], outputs[0], False) if outputs else None
        self.finder.ask(pointer, end, after=end is not None)

    def rename(self, id: str | None = None) -> None:
        """Type a new name for a layer, the selected one unless another is named."""
        chosen = self._chosen()
        id = id or (self.current if self.current in chosen else next(iter(chosen), None))
        if id is not None:
            self.renaming.ask(id)

    def ask_name(self, title: str, text: str, ids: list[str], take: TakeName) -> None:
        self.renaming.ask_name(title, text, ids, take)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.tool is not None:
            return
        place = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self._place_of_current() or self.rect().center()
        menus.show(
            self, self.pointer(QPointF(place), Qt.KeyboardModifier.NoModifier), self.mapToGlobal(place)
        )

    def _place_of_current(self) -> QPoint | None:
        if self.current is None or self.current not in self.scene.row:
            return None
        x, y, width, height = self.scene.rects[self.scene.row[self.current]].tolist()
        left, top = self.camera.to_screen(x + width / 2, y + height / 2)
        return QPoint(int(left), int(top))

    # ------------------------------------------------------------------ painting

    def frame(self) -> Frame:
        frame = super().frame()
        if self.tool is None and not self.bubble.isVisible() and not self.finder.isVisible():
            frame.hovered_place, frame.hovered, frame.hovered_wire = self._hover
        if self._by_keys and self.hasFocus() and self.current in self.document.selection:
            frame.focus = self.current
        if self.tool is not None:
            self.tool.adjust(frame)
        self.bubble.adjust(frame)
        return frame

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        if self.tool is not None:
            self.tool.paint(painter, frame)
        self.bubble.paint_wire(painter, frame)
        self.finder.paint_ghost(painter, frame)
        if frame.hovered_place is not None:
            paint_name(painter, frame, frame.hovered_place)
