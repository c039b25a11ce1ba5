"""A layer dragged in from the palette: a ghost follows the pointer, a wire under it takes the layer in."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QMimeData, QRectF
from PySide6.QtGui import QPainter, QPen

from engine import edits, kinds
from engine.files.checked_json import parse
from engine.kinds import BlockEnd, Layer
from engine.message import Message, Trouble
from engine.project.blocks import Use
from engine.project.graph import Wire
from engine.project.layout import WIDTH, height, width
from engine.store import clipboard
from gui.canvas.edits import changes
from gui.canvas.geometry.snapping import snap
from gui.canvas.painting import ink
from gui.canvas.painting.brief import ICON, ICON_X, RIGHT
from gui.canvas.painting.frame import Frame
from gui.canvas.painting.node_painter import FIRST, ONLY, TEXT_X
from gui.canvas.tools.host import Host
from gui.canvas.tools.pointer import Pointer
from gui.canvas.tools.tool import Tool
from gui.style.kind_icons import paint_kind

MIME = "application/x-layerloom-kind"
BLOCK_MIME = "application/x-layerloom-block"
"""A use of a block, as a piece of a network that holds the definition: any window can read it."""


def carried(data: QMimeData, inside: bool = False) -> Layer | None:
    """The layer that is dragged, given by its class name or as JSON, or None where it is something else.

    Inside a block its ends are layers, too.
    """
    if data.hasFormat(BLOCK_MIME):
        return _block(bytes(data.data(BLOCK_MIME).data()).decode("utf-8", "replace"))
    if not data.hasFormat(MIME):
        return None
    text = bytes(data.data(MIME).data()).decode("utf-8", "replace")
    try:
        raw = parse(text) if text.startswith("{") else {"kind": text}
        end = inside and raw.get("kind") in kinds.registry(BlockEnd)
        return kinds.from_json(raw, BlockEnd if end else Layer)
    except Trouble:
        return None


def _block(text: str) -> Layer | None:
    try:
        nodes = clipboard.from_text(text).nodes.values()
    except Trouble:
        return None
    return next((node.kind for node in nodes if isinstance(node.kind, Use)), None)


class DropTool(Tool):
    """Where the layer would come to stand, or into which wire."""

    def __init__(self, host: Host, kind: Layer) -> None:
        super().__init__(host)
        self.kind = kind
        self._at = (0.0, 0.0)
        self._into: Wire | None = None

    def move(self, pointer: Pointer) -> None:
        x, y = pointer.at
        tall = height(self.kind)
        own = np.array([x - WIDTH / 2, y - tall / 2, WIDTH, tall])  # middles count, so any width will do
        scene, viewport = self.host.scene, self.host.viewport
        self._into = None
        if self.kind.ports() and self.kind.outputs:
            self._into = scene.wire_at(x, y, 16 / viewport.camera.scale)
        near = scene.rects[scene.nodes_in(viewport.box(100))]
        snapped = snap(own, near, 7 / viewport.camera.scale)
        self._at = (round(float(own[0]) + snapped.dx), round(float(own[1]) + snapped.dy))
        self.host.update()

    def release(self, pointer: Pointer) -> None:
        self.move(pointer)
        host, kind = self.host, self.kind
        label = Message("Add {kind}", kind=kind.label())
        id = edits.new_id(host.level.project.graph)
        if self._into is not None:
            done = host.do(changes.insert, kind, self._into, label=label, glide=True)
        else:
            done = host.do(edits.add, id, kind, self._at, label=label)
        if done:
            host.level.select([id])

    def adjust(self, frame: Frame) -> None:
        frame.hovered_wire = self._into
        frame.hovered = None

    def paint(self, painter: QPainter, frame: Frame) -> None:
        draw_ghost(painter, frame, self.kind, self._at)


def draw_ghost(
    painter: QPainter, frame: Frame, kind: Layer, at: tuple[float, float], shape: str = ""
) -> QRectF:
    """A node that is not there yet, dashed. Gives back its rectangle in the view."""
    worn, scale = frame.theme, frame.camera.scale
    wide, tall = width(kind), height(kind)
    left, top = frame.sharp(at[0] - (wide - WIDTH) / 2, at[1])
    rect = QRectF(left, top, frame.length(wide), frame.length(tall))
    pen = QPen(worn.accent, 1)
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    for ground in (worn.canvas, worn.tint(worn.accent, 0.14)):  # words that lie below would show through
        painter.setBrush(ground)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 6 * scale, 6 * scale)
    if scale < 0.45:
        return rect
    painter.save()
    painter.translate(left, top)
    painter.scale(scale, scale)
    icon_top = 9.0 if tall > 40 else (tall - ICON) / 2
    paint_kind(painter, kind, QRectF(ICON_X, icon_top, ICON, ICON))
    baseline = FIRST if tall > 40 else ONLY
    painter.setPen(worn.text1)
    end = wide - RIGHT
    if shape:
        end -= ink.line(shape, "shape").width
        ink.draw(painter, shape, "shape", end, baseline)
    after = TEXT_X + ink.draw(painter, kind.label(), "title", TEXT_X, baseline) + 7
    summary = ink.shortened(kind.summary(), "body", end - after - 8) if tall <= 40 else ""
    if summary:
        painter.setPen(worn.text3)
        ink.draw(painter, summary, "body", after, baseline)
    painter.restore()
    return rect
