"""Draws wires: straight where ports are aligned, bends in the gaps, plain lines where there are many."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from engine.analysis.problems import ILLEGAL_SETTING, UNKNOWN_KIND, UNWIRED
from gui.canvas.geometry import routes
from gui.canvas.geometry.scene import Scene
from gui.canvas.geometry.traces import downstream
from gui.canvas.painting import ink
from gui.canvas.painting.frame import Detail, Frame
from gui.canvas.painting.shape_buffers import lines

MANY = 260
"""From so many bent wires in view on, wires are plain lines without smoothing."""
SOME = 90
"""Up to so many bends in one colour, they are drawn as wide as they should be."""
LIT = 3000
"""Up to so many layers the whole path through the one pointed at is lit: finding it takes a millisecond."""
OF_NO_WIRE = {UNWIRED.name, UNKNOWN_KIND.name, ILLEGAL_SETTING.name}
"""Problems that no wire into the layer is to blame for."""
_X, _Y = [0, 3, 7], [1, 2, 4, 5, 6, 8]


class Tone(IntEnum):
    """How a wire looks, from the last to be noticed to the first."""

    REST = 0
    UNKNOWN = 1
    PATH = 2
    ACCENT = 3
    WRONG = 4
    HOVER = 5
    CUT = 6
    HIDDEN = 7


class WirePainter:
    """Keeps the tones of all wires until something that decides them changes."""

    def __init__(self) -> None:
        self._batch = lines()
        self._known: tuple[object, ...] = ()
        self._facts = np.zeros(0, int)
        self._key: tuple[object, ...] = ()
        self._tones = np.zeros(0, int)

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """All wires in view."""
        scene, camera = frame.scene, frame.camera
        if not len(scene.wires):
            return
        tones = self._toned(frame)
        seen = scene.wires_in(camera.view(frame.width, frame.height, 8))
        if not len(seen):
            return
        ratio = frame.ratio
        paths = np.empty((len(seen), 9))
        ways = scene.routes[seen]
        paths[:, _X] = (np.floor((ways[:, _X] - camera.x) * (camera.scale * ratio)) + 0.5) / ratio
        paths[:, _Y] = (np.floor((ways[:, _Y] - camera.y) * (camera.scale * ratio)) + 0.5) / ratio
        bent = np.abs(ways[:, 0] - ways[:, 3]) + np.abs(ways[:, 3] - ways[:, 7]) >= routes.ALIGNED
        plain = frame.detail is Detail.FAR or int(bent.sum()) > MANY
        seen_tones = tones[seen]
        for tone in np.unique(seen_tones).tolist():
            if tone == Tone.HIDDEN:
                continue
            chosen = seen_tones == tone
            painter.setPen(pen(frame, Tone(tone)))
            if plain:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
                self._lines(painter, paths[chosen], bent[chosen])
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            else:
                self._curves(painter, paths[chosen], bent[chosen])

    def _curves(self, painter: QPainter, paths: np.ndarray, bent: np.ndarray) -> None:
        """Smooth wires.

        Qt strokes lines of 1 px many times faster than wider ones, so a bend is drawn as two of them side by
        side (3 ms against 14 for 70 wires), and only what is straight with the pen itself.
        """
        stroke = painter.pen()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if stroke.style() is not Qt.PenStyle.SolidLine:
            painter.drawPath(path(paths))
            return
        curved = paths[bent]
        parts = (
            paths[~bent][:, [0, 1, 0, 8]],
            curved[:, [0, 1, 0, 2]],
            curved[:, [3, 4, 3, 5]],
            curved[:, [7, 6, 7, 8]],
        )
        straight = np.concatenate(parts)
        straight = straight[straight[:, 1] != straight[:, 3]]
        if len(straight):
            self._batch.numbers(len(straight))[:] = straight
            painter.drawLines(self._batch.shapes(len(straight)))
        if not len(curved):
            return
        aside = (stroke.widthF() - 1) / 2 if len(curved) <= SOME else 0.0
        painter.setPen(QPen(stroke.color(), 1))
        for leans, chosen in ((1, curved[:, 0] <= curved[:, 7]), (-1, curved[:, 0] > curved[:, 7])):
            if not chosen.any():
                continue
            bends = bends_path(curved[chosen])
            for side in (-1, 1) if aside > 0 else (0,):
                painter.translate(side * aside * leans, -side * aside)
                painter.drawPath(bends)
                painter.translate(-side * aside * leans, side * aside)

    def _lines(self, painter: QPainter, paths: np.ndarray, bent: np.ndarray) -> None:
        long = paths[bent]
        laned = long[long[:, 5] - long[:, 4] > 1]
        single = long[long[:, 5] - long[:, 4] <= 1]
        straight = paths[~bent]
        parts = [
            straight[:, [0, 1, 0, 8]],
            single[:, [0, 1, 7, 8]],
            laned[:, [0, 1, 3, 4]],
            laned[:, [3, 4, 3, 5]],
            laned[:, [3, 5, 7, 8]],
        ]
        count = sum(map(len, parts))
        np.concatenate(parts, out=self._batch.numbers(count))
        painter.drawLines(self._batch.shapes(count))

    # ------------------------------------------------------------------ tones

    def _toned(self, frame: Frame) -> np.ndarray:
        known = (frame.scene.wires, frame.labels.version)
        if _differs(known, self._known):
            self._known, self._key = known, ()
            self._facts = _known_tones(frame)
        key = (
            frame.selection,
            frame.wire_selection,
            frame.hovered,
            frame.hovered_wire,
            frame.hidden,
            frame.cut,
        )
        if _differs(key, self._key):
            self._key = key
            self._tones = _tones(frame, self._facts)
        return self._tones


def _differs(one: tuple[object, ...], two: tuple[object, ...]) -> bool:
    return len(one) != len(two) or any(a is not b for a, b in zip(one, two, strict=True))


def _known_tones(frame: Frame) -> np.ndarray:
    """How wires look by what is known about them alone."""
    scene, labels = frame.scene, frame.labels
    tones = np.zeros(len(scene.wires), int)
    for id, facts in [(id, facts) for id, facts in labels.nodes.items() if not facts.known]:
        for wire in scene.graph.outgoing(id):  # what is known of a layer is what leaves all of its outputs
            place = scene.wire_index.get(wire)
            if place is not None and wire.output not in facts.outputs:
                tones[place] = Tone.UNKNOWN
    for id, problem in labels.problems.items():
        if id in scene.row and problem.name not in OF_NO_WIRE:
            for wire in scene.graph.incoming(id):
                place = scene.wire_index.get(wire)
                if place is not None and problem.port in ("", wire.input) and tones[place] != Tone.UNKNOWN:
                    tones[place] = Tone.WRONG
    return tones


def _tones(frame: Frame, facts: np.ndarray) -> np.ndarray:
    """How wires look now, with what is selected and pointed at."""
    scene, tones = frame.scene, facts.copy()
    _light_path(tones, scene, frame.hovered)
    _touch(tones, scene, frame.selection, Tone.ACCENT)
    for wires, tone in (
        (frame.wire_selection, Tone.ACCENT),
        ({frame.hovered_wire} if frame.hovered_wire else set(), Tone.HOVER),
        (frame.cut, Tone.CUT),
        (frame.hidden, Tone.HIDDEN),
    ):
        for wire in wires:
            index = scene.wire_index.get(wire)
            if index is not None and not (tone is Tone.HOVER and tones[index] == Tone.ACCENT):
                tones[index] = tone
    return tones


def _light_path(tones: np.ndarray, scene: Scene, id: str | None) -> None:
    """The wires that lead to the node pointed at, and those that come from it; of a large network only its
    own.
    """
    if id is None or id not in scene.row:
        return
    whole = len(scene.ids) <= LIT
    before, behind = ({id}, {id}) if not whole else (scene.graph.upstream(id), downstream(scene.graph, id))
    leads, comes = np.zeros(len(scene.ids), bool), np.zeros(len(scene.ids), bool)
    leads[[scene.row[one] for one in before | {id}]] = True
    comes[[scene.row[one] for one in behind]] = True
    lit = leads[scene.wire_rows[:, 1]] | comes[scene.wire_rows[:, 0]]
    tones[lit & (tones == Tone.REST)] = Tone.PATH


def _touch(tones: np.ndarray, scene: Scene, ids: Iterable[str], tone: Tone) -> None:
    rows = [scene.row[id] for id in ids if id in scene.row]
    if not rows:
        return
    chosen = np.zeros(len(scene.ids), bool)
    chosen[rows] = True
    touched = chosen[scene.wire_rows].any(axis=1)
    tones[touched & (tones != Tone.WRONG)] = tone


def pen(frame: Frame, tone: Tone) -> QPen:
    """The stroke of a wire."""
    worn = frame.theme
    thin = frame.detail is not Detail.NEAR
    width = 1.0 if thin else worn.wire_width
    strong = 1.0 if frame.detail is Detail.FAR else 1.5 if thin else 2.0
    if tone is Tone.UNKNOWN:
        return dashed(worn.wire, 1.0, 2.2, 3.0)
    if tone is Tone.WRONG:
        return dashed(worn.error, strong, 2.0, 2.5)
    if tone is Tone.CUT:
        return dashed(worn.error, strong, 4.0, 3.0)
    colour: QColor = {
        Tone.REST: worn.wire,
        Tone.PATH: worn.text2,
        Tone.ACCENT: worn.accent,
        Tone.HOVER: worn.text1,
    }[tone]
    return QPen(colour, width if tone is Tone.REST else strong)


def dashed(colour: QColor, width: float, dash: float, gap: float) -> QPen:
    """A broken stroke; lengths are in px."""
    pen = QPen(colour, width)
    pen.setDashPattern([dash / width, gap / width])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def path(paths: np.ndarray) -> QPainterPath:
    """Wires as one path in the view: bends joined by straight lanes."""
    path = QPainterPath()
    for route in paths.tolist():
        path.moveTo(route[0], route[1])
        for x0, y0, x1, y1 in routes.bends(tuple(route)):
            path.lineTo(x0, y0)
            pull = routes.pull(x1 - x0, y1 - y0)
            path.cubicTo(x0, y0 + pull, x1, y1 - pull, x1, y1)
        path.lineTo(route[7], route[8])
    return path


def bends_path(paths: np.ndarray) -> QPainterPath:
    """Only the bent parts of wires."""
    path = QPainterPath()
    for route in paths.tolist():
        for x0, y0, x1, y1 in routes.bends(tuple(route)):
            pull = routes.pull(x1 - x0, y1 - y0)
            path.moveTo(x0, y0)
            path.cubicTo(x0, y0 + pull, x1, y1 - pull, x1, y1)
    return path


def loose(x0: float, y0: float, x1: float, y1: float, scale: float) -> QPainterPath:
    """A wire in the hand, between two places of the view."""
    path = QPainterPath(QPointF(x0, y0))
    pull = min(max(abs(y1 - y0) * 0.5, 24 * scale), 160 * scale)
    path.cubicTo(x0, y0 + pull, x1, y1 - pull, x1, y1)
    return path


def badge(painter: QPainter, frame: Frame, place: tuple[float, float], text: str) -> None:
    """What flows along a wire, in a small box with its middle at a place of the view."""
    worn = frame.theme
    width = ink.line(text, "shape").width + 14
    x, y = place
    rect = QRectF(round(x - width / 2), round(y - 10), round(width), 20)
    ink.rounded(painter, rect, 5, worn.tip, worn.line2)
    painter.setPen(worn.text1)
    ink.draw(painter, text, "shape", rect.left() + 7, rect.top() + 14)
