"""The mouse on the canvas: what lies under it, which gesture begins there, and what the wheel does."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QInputDevice,
    QMouseEvent,
    QWheelEvent,
)

from engine.project.graph import Wire
from gui import settings
from gui.canvas.edits.fitting import WireEnd
from gui.canvas.geometry.places import TOUCH
from gui.canvas.painting.frame import PORTS
from gui.canvas.tools.cut import CutTool
from gui.canvas.tools.drop import DropTool, carried
from gui.canvas.tools.host import Host
from gui.canvas.tools.move import MoveTool
from gui.canvas.tools.pan import PanTool
from gui.canvas.tools.pointer import Pointer
from gui.canvas.tools.select import BoxTool, combined
from gui.canvas.tools.tool import Tool
from gui.canvas.tools.wire import WireTool, end_at, nearest_end

WIRE_REACH = 6.0
GRIP = 6.0
"""How near a port must be, in canvas px, to be taken before a wire that ends there."""
SEEN, AROUND = 3.0, 8.0
"""The same in px of the view, which count where ports are seen small: what is seen of one, and from how far
it can be taken where neither wire nor node is.
"""
END_REACH = 26.0
"""How near its end, in px of the view, a wire must be taken to be led elsewhere."""
WHEEL_STEP = 1.0015
"""By how much a turn of the wheel zooms, for each of its eighths of a degree."""


class Under(NamedTuple):
    """What lies at a place: a port's place, a node, or a wire. At most one is given."""

    place: int | None = None
    node: str | None = None
    wire: Wire | None = None


NOTHING = Under()


class Mouse:
    """Hands each press to the tool that it begins. At most one is at work."""

    def __init__(self, host: Host, set_cursor: Callable[[Qt.CursorShape], None]) -> None:
        self._host, self._set_cursor = host, set_cursor
        self.tool: Tool | None = None
        self.hovered = NOTHING
        self.space = False
        """Whether the space bar is held, so that a drag moves the view."""
        self._pressed: tuple[Pointer, str] | None = None
        self._knife = False
        self._clicked = False

    # ------------------------------------------------------------------ tools

    def begin(self, tool: Tool) -> None:
        """Let a gesture begin; one that is at work is given up."""
        self.cancel()
        self.tool = tool
        self._point_with(tool.cursor)
        self._host.update()

    def cancel(self) -> None:
        """Give up the gesture that is at work."""
        tool, self.tool, self._pressed = self.tool, None, None
        if tool is not None:
            tool.cancel()
            self._point_with(Qt.CursorShape.ArrowCursor)
            self._host.update()

    def escape(self) -> bool:
        """Give up a gesture, or lay the knife down. False where there was neither."""
        if self.tool is not None or self._pressed is not None:
            self.cancel()
        elif self._knife:
            self._knife = False
            self._point_with(Qt.CursorShape.ArrowCursor)
        else:
            return False
        return True

    def take_knife(self) -> None:
        """The next drag cuts wires."""
        self._knife = True
        self._point_with(Qt.CursorShape.CrossCursor)

    def hold_space(self, held: bool) -> None:
        """The space bar was pressed or let go."""
        self.space = held
        self._point_with(Qt.CursorShape.ArrowCursor)

    def _point_with(self, shape: Qt.CursorShape) -> None:
        if shape is Qt.CursorShape.ArrowCursor and self.space:
            shape = Qt.CursorShape.OpenHandCursor
        self._set_cursor(shape)

    # ------------------------------------------------------------------ where it is

    def pointer(self, place: QPointF, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Pointer:
        """A place of the view with the keys held."""
        return Pointer.seen(self._host.viewport.camera, place, held)

    def under(self, pointer: Pointer) -> Under:
        """What lies under the pointer.

        Ports come first, but a wire between neighbours is shorter than its ports reach: off the nodes, what
        is on a wire and not on the very port belongs to the wire.
        """
        scene, scale = self._host.scene, self._host.viewport.camera.scale
        id = scene.node_at(*pointer.at)
        wire = scene.wire_at(*pointer.at, WIRE_REACH / scale) if id is None else None
        if scale >= PORTS:
            if wire is not None:
                reach = max(GRIP, SEEN / scale)
            else:
                reach = TOUCH if id is not None else max(TOUCH, AROUND / scale)
            index = scene.place_at(*pointer.at, reach)
            if index is not None:
                return Under(place=index)
        return Under(node=id, wire=wire)

    def forget(self) -> None:
        """The mouse is elsewhere, or what was under it may be gone."""
        self.hovered = NOTHING

    def forget_click(self) -> None:
        """A click that brings the canvas into sight is no first half of a double click on it."""
        self._clicked = False

    def _hover_at(self, pointer: Pointer) -> None:
        viewport = self._host.viewport
        inside = 0 <= int(pointer.x) < viewport.width and 0 <= int(pointer.y) < viewport.height
        under = self.under(pointer) if inside else NOTHING
        if under != self.hovered:
            self.hovered = under
            crossed = under.place is not None or self._knife
            self._point_with(Qt.CursorShape.CrossCursor if crossed else Qt.CursorShape.ArrowCursor)
            self._host.update()

    # ------------------------------------------------------------------ buttons

    def press(self, event: QMouseEvent) -> None:
        """A button was pressed."""
        self._clicked = True
        pointer = self.pointer(event.position(), event.modifiers())
        self._host.dismiss()
        button = Qt.MouseButton
        if event.button() == button.MiddleButton or (event.button() == button.LeftButton and self.space):
            self.begin(PanTool(self._host, pointer))
        elif event.button() == button.LeftButton:
            self._press(pointer)

    def _press(self, pointer: Pointer) -> None:
        if self._knife or (pointer.ctrl and pointer.shift):
            self._knife = False
            self.begin(CutTool(self._host, pointer))
            return
        index, id, wire = self.under(pointer)
        if index is not None:
            self._take_port(index, pointer)
        elif id is not None:
            self._take_node(id, pointer)
        elif wire is not None:
            self._take_wire(wire, pointer)
        else:
            self.begin(BoxTool(self._host, pointer))

    def _take_port(self, index: int, pointer: Pointer) -> None:
        scene = self._host.scene
        end = end_at(scene, index)
        if end.entry and scene.wired[index]:
            row = int(scene.wire_places[:, 1].tolist().index(index))
            wire = scene.wires[row]
            self.begin(WireTool(self._host, pointer, WireEnd(wire.source, wire.output, False), wire))
        else:
            self.begin(WireTool(self._host, pointer, end))

    def _take_node(self, id: str, pointer: Pointer) -> None:
        level = self._host.level
        self._host.current = id
        if pointer.shift or pointer.ctrl:
            level.select(combined(level.selection, frozenset({id}), pointer), level.wire_selection)
        elif id not in level.selection:
            level.select({id})
        self._pressed = (pointer, id) if id in level.selection else None

    def _take_wire(self, wire: Wire, pointer: Pointer) -> None:
        level = self._host.level
        if pointer.shift or pointer.ctrl:
            wires = level.wire_selection
            level.select(
                level.selection, wires - {wire} if wire in wires and pointer.ctrl else wires | {wire}
            )
            return
        level.select((), {wire})
        stays, gap = nearest_end(self._host.scene, wire, pointer.at)
        if gap * self._host.viewport.camera.scale <= END_REACH:
            self.begin(WireTool(self._host, pointer, stays, wire))

    def move(self, event: QMouseEvent) -> None:
        """The mouse moved, with or without a button."""
        pointer = self.pointer(event.position(), event.modifiers())
        if self._pressed is not None and pointer.far_from(self._pressed[0]):
            start, id = self._pressed
            self.begin(MoveTool(self._host, start, id))
        if self.tool is not None:
            self.tool.move(pointer)
        elif not event.buttons():
            self._hover_at(pointer)

    def release(self, event: QMouseEvent) -> None:
        """A button was let go."""
        pointer = self.pointer(event.position(), event.modifiers())
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        tool, pressed = self.tool, self._pressed
        self.tool, self._pressed = None, None
        if tool is not None:
            tool.release(pointer)
            self._point_with(Qt.CursorShape.ArrowCursor)
        elif pressed is not None and not (pointer.shift or pointer.ctrl):
            self._host.level.select({pressed[1]})
        self._hover_at(pointer)
        self._host.update()

    def double_click(self, event: QMouseEvent) -> None:
        """The second press of two: open what is there, or search for what could be there."""
        if event.button() != Qt.MouseButton.LeftButton or not self._clicked:
            return
        pointer = self.pointer(event.position(), event.modifiers())
        index, id, wire = self.under(pointer)
        if index is not None:
            self._host.search(pointer, end_at(self._host.scene, index))
        elif id is not None:
            self._take_node(id, pointer)
            self._pressed = None
            self._host.open(id)
        else:
            self._host.search(pointer, wire=wire)

    # ------------------------------------------------------------------ the wheel

    def wheel(self, event: QWheelEvent) -> None:
        """The wheel was turned, or two fingers moved: zoom, or move the view."""
        place, viewport = event.position(), self._host.viewport
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turn = event.angleDelta().y() or event.pixelDelta().y()
            viewport.zoom_at(WHEEL_STEP**turn, place.x(), place.y())
        elif _scrolls(event):
            delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
            dx, dy = delta.x(), delta.y()
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not dx:
                dx, dy = dy, 0
            viewport.pan(dx, dy)
        else:
            viewport.zoom_at(WHEEL_STEP ** event.angleDelta().y(), place.x(), place.y())
        if self.tool is not None:
            self.tool.move(self.pointer(place, event.modifiers()))
        event.accept()

    # ------------------------------------------------------------------ dragged in

    def drag_enter(self, event: QDragEnterEvent) -> None:
        """Something is dragged over the canvas: a layer is taken, anything else is left alone."""
        kind = carried(event.mimeData(), bool(self._host.level.path))
        if kind is None:
            event.ignore()
            return
        self._host.dismiss()
        self.begin(DropTool(self._host, kind))
        event.acceptProposedAction()

    def drag_move(self, event: QDragMoveEvent) -> None:
        """What is dragged moved."""
        if isinstance(self.tool, DropTool):
            self.tool.move(self.pointer(event.position(), event.modifiers()))
            event.acceptProposedAction()

    def drop(self, event: QDropEvent) -> bool:
        """What is dragged was let go. False where it is no layer."""
        tool, self.tool = self.tool, None
        if not isinstance(tool, DropTool):
            return False
        tool.release(self.pointer(event.position(), event.modifiers()))
        event.acceptProposedAction()
        self._host.update()
        return True


def _scrolls(event: QWheelEvent) -> bool:
    """Whether a turn of the wheel moves the view: fingers on a touchpad do, a wheel if so preferred."""
    touchpad = event.deviceType() == QInputDevice.DeviceType.TouchPad
    phased = event.phase() != Qt.ScrollPhase.NoScrollPhase
    pixels = not event.pixelDelta().isNull()
    sideways = event.angleDelta().y() == 0 and event.angleDelta().x() != 0
    return touchpad or (phased and pixels) or sideways or settings.preferences().wheel == "pan"
