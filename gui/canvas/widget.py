"""The canvas, where a network is drawn: it takes events and paints frames; its parts do the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from engine.message import Message
from engine.project.graph import Wire
from engine.project.project import Project
from engine.repairs.refusal import Refusal
from gui.canvas import keys, menus
from gui.canvas.animations import Animations
from gui.canvas.block_commands import BlockCommands
from gui.canvas.contents import Contents
from gui.canvas.edit_commands import EditCommands
from gui.canvas.edits.fitting import WireEnd
from gui.canvas.mouse import Mouse
from gui.canvas.overlays.overlays import Overlays
from gui.canvas.painting import ink
from gui.canvas.painting.frame import Frame
from gui.canvas.painting.painter import Painter
from gui.canvas.painting.port_painter import paint_name
from gui.canvas.painting.title import paint_empty, paint_title
from gui.canvas.tools.pointer import Pointer
from gui.canvas.viewport import Viewport
from gui.document.level import Level
from gui.document.workspace import Workspace
from gui.style import theme


class CanvasWidget(QWidget):
    """Shows what is open of the document in front, and is the host of all that works on it."""

    inspect = Signal(object)
    """The id of a layer whose settings are wanted now."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.current: str | None = None
        self._by_keys = False
        """Whether the keyboard was last in use: then the current node has a ring."""
        self._glides = True
        """Whether nodes that a change moves go to their places: not those that a hand has put there."""
        self.animations = Animations(self)
        self.contents = Contents(self.level, self.animations, self)
        self.scene = self.contents.scene
        self.viewport = Viewport(self, self.scene, self.animations, self)
        self.painter = Painter()
        self.mouse = Mouse(self, self.setCursor)
        self.overlays = Overlays(self, self)
        self.edit_commands = EditCommands(
            self, workspace.say, self.overlays, QGuiApplication.clipboard(), self._pointed_at
        )
        self.block_commands = BlockCommands(self, workspace.say, self.overlays, workspace.refused.emit)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 120)
        self.setAccessibleName(self.tr("Canvas"))
        workspace.switched.connect(self._switched)
        workspace.entered.connect(self._entered)
        workspace.changed.connect(self._changed)
        workspace.selected.connect(self._selected)
        workspace.analysed.connect(self.contents.know)
        workspace.analysed.connect(self._describe)
        workspace.state_changed.connect(self.update)
        workspace.reveal.connect(self.viewport.reveal)
        theme.theme_changed.connect(self._theme_changed)
        self.contents.changed.connect(self.update)
        self.viewport.moved.connect(self._moved)
        self._show_level()
        self._describe()

    @property
    def level(self) -> Level:
        """What is open of the document in front: the network, or the inside of a block."""
        return self.workspace.current.level

    # ------------------------------------------------------------------ following the document

    def _switched(self, _: object) -> None:
        self.mouse.cancel()
        self.current = None
        self._show_level()

    def _entered(self, _: object) -> None:
        """A block was opened or left."""
        self.mouse.cancel()
        self.overlays.dismiss()
        self.mouse.forget()
        self.current = None
        self._show_level()
        self._describe()

    def _show_level(self) -> None:
        self.contents.turn_to(self.level)
        self.viewport.turn_to(self.level, self.workspace.current.path)
        self.overlays.zoom_control.show_scale(self.viewport.camera.scale)
        self.update()

    def _changed(self, _: object) -> None:
        if self.level.project.graph is not self.scene.graph:
            self.mouse.cancel()
            self.overlays.bubble.dismiss()
        self.mouse.forget()
        self.contents.follow(glide=self._glides)
        self._describe()
        self.update()

    def _selected(self, _: object) -> None:
        chosen = self.level.selection
        if self.current not in chosen:
            self.current = next(iter(chosen), None)
        self._describe()
        self.update()

    def _describe(self, _: object = None) -> None:
        self.overlays.breadcrumbs.refresh()
        self.setAccessibleDescription(self.contents.description())

    def _theme_changed(self, _: object) -> None:
        ink.forget()
        self.contents.labels.forget()
        self.update()

    def _moved(self) -> None:
        self.update()
        self.overlays.follow_camera()

    # ------------------------------------------------------------------ the host of its parts

    def do(
        self, edit: Callable[..., Project], *args: Any, label: Message, glide: bool = False, **named: Any
    ) -> bool:
        """Make an edit of what is open; `glide` lets nodes that it moves go to their places."""
        self._glides = glide
        try:
            return self.level.do(edit, *args, label=label, **named)
        finally:
            self._glides = True

    def refuse(
        self, wire: Wire, reason: Refusal | Message, pointer: Pointer, instead_of: Wire | None = None
    ) -> None:
        """Say why a wire is not drawn, and what would help."""
        self.overlays.bubble.ask(wire, reason, pointer, instead_of)

    def search(self, pointer: Pointer, end: WireEnd | None = None, wire: Wire | None = None) -> None:
        """Open the search: for what could come at an end of a wire, into a wire, or anywhere."""
        self.mouse.forget()
        self.overlays.finder.ask(pointer, end, wire)

    def dismiss(self) -> None:
        """Close what stands open over the canvas."""
        self.overlays.dismiss()

    def open(self, id: str) -> None:
        """Open a block; of any other layer ask for the settings."""
        if not self.level.enter(id):
            self.inspect.emit(id)

    def _pointed_at(self) -> tuple[float, float]:
        """The place of the canvas under the mouse, or in the middle of the view if the mouse is elsewhere."""
        place = self.mapFromGlobal(QCursor.pos())
        if not self.rect().contains(place) or not self.underMouse():
            return self.viewport.camera.to_world(self.width() / 2, self.height() / 2)
        return self.viewport.camera.to_world(place.x(), place.y())

    # ------------------------------------------------------------------ painting

    def frame(self) -> Frame:
        """What the next frame shows."""
        tool = self.mouse.tool
        frame = self.contents.frame(self.viewport, self.devicePixelRatioF())
        if tool is None and not self.overlays.asking:
            frame.hovered_place, frame.hovered, frame.hovered_wire = self.mouse.hovered
        if self._by_keys and self.hasFocus() and self.current in frame.selection:
            frame.focus = self.current
        if tool is not None:
            tool.adjust(frame)
        self.overlays.bubble.adjust(frame)
        return frame

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, frame, tool = QPainter(self), self.frame(), self.mouse.tool
        self.painter.paint(painter, frame)
        if tool is not None:
            tool.paint(painter, frame)
        self.overlays.paint(painter, frame)
        if frame.hovered_place is not None:
            paint_name(painter, frame, frame.hovered_place)
        if not self.level.path:  # inside a block the way back stands there
            paint_title(painter, frame, self.level.title)
        if not self.scene.ids:
            paint_empty(painter, frame)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        before = event.oldSize()
        self.viewport.resized(event.size().width() - before.width() if before.isValid() else 0)

    def showEvent(self, event: QShowEvent) -> None:
        self.mouse.forget_click()
        self.viewport.place()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.FontChange):
            self.contents.labels.forget()
            self.update()
        super().changeEvent(event)

    # ------------------------------------------------------------------ mouse and touch

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._by_keys = False
        self.mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mouse.double_click(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.mouse.forget()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.mouse.wheel(event)

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            place = event.position()
            self.viewport.zoom_at(1 + event.value(), place.x(), place.y())
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and keys.is_search(event):
            self.keyPressEvent(event)  # before Qt takes Tab to move the focus
            return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.mouse.drag_enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.mouse.drag_move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.mouse.cancel()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.mouse.drop(event):
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.mouse.tool is None:
            by_keys = event.reason() == QContextMenuEvent.Reason.Keyboard
            place = menus.place_by_keys(self) if by_keys else event.pos()
            menus.build(self, self.mouse.pointer(QPointF(place)), self).popup(self.mapToGlobal(place))

    # ------------------------------------------------------------------ keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            keys.escape(self)
        elif event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.mouse.hold_space(True)
        elif keys.press(self, event):
            self._by_keys = True
            self.update()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.mouse.hold_space(False)
        else:
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_keys = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._by_keys = self._by_keys or by_keys
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.mouse.space = False
        self.update()
