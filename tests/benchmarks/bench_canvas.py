"""What a frame of the canvas costs: panning, zooming and dragging in a network of 5,000 layers.

Counted is the processor time of the interface thread for one whole frame: the event, the geometry and the
painting of 1600×1000 px. The goal is one frame at 60 Hz.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

FRAME = 16.0
"""Milliseconds."""
NODES, DRAGGED = 5000, 500
SEED = 4


def network(count: int) -> Any:
    """Ranks of one to eight layers, each fed from the rank above, a third with a skip from further up."""
    from engine import kinds
    from engine.data.settings import DataSettings
    from engine.kinds import Layer
    from engine.project.graph import Graph, Node, Wire
    from engine.project.layout import height
    from engine.project.project import Project
    from engine.project.recipe import Recipe

    chance = random.Random(SEED)
    known = kinds.registry(Layer)
    plain = [
        known["Conv2d"](out_channels=64, padding=1),
        known["BatchNorm2d"](),
        known["ReLU"](),
        known["AvgPool2d"](kernel_size=3, stride=1, padding=1),
        known["Dropout"](),
    ]
    nodes: dict[str, Node] = {}
    wires: list[Wire] = []
    ranks: list[list[str]] = []
    top = 0.0
    while len(nodes) < count:
        rank = []
        wide = chance.randint(1, 8) if ranks else 1
        for column in range(min(wide, count - len(nodes))):
            id = f"n{len(nodes)}"
            joins = len(ranks) > 6 and chance.random() < 0.35
            kind = known["Add"]() if joins else chance.choice(plain) if len(ranks) > 1 else plain[0]
            kind = kind if ranks else known["Input"]()
            nodes[id] = Node(id, kind, f"{kind.stem}{len(nodes)}", 276.0 * column, top)
            rank.append(id)
            if ranks:
                port = kind.ports()[0].name
                above = ranks[-1][min(column, len(ranks[-1]) - 1)]
                wires.append(Wire(above, "out", id, port))
                if joins:
                    wires.append(Wire(chance.choice(ranks[-chance.randint(2, 6)]), "out", id, port))
        ranks.append(rank)
        top += max(height(nodes[id].kind) for id in rank) + 34
    return Project(Graph("Large", nodes, tuple(wires)), DataSettings(), Recipe())


def workspace_of(project: Any) -> Any:
    """A workspace that holds the project with everything known about it, and checks nothing more."""
    from engine.analysis.check import check
    from gui.document.workspace import Workspace

    workspace = Workspace(held=True)
    workspace.new(project)
    workspace.current.take_analysis(project, check(project))
    return workspace


def measured(canvas: Any, step: Callable[[int], None], frames: int = 60, warm: int = 6) -> float:
    """The 95th percentile, in ms of this thread's processor time, of a step and the painting after it."""
    from PySide6.QtGui import QImage

    image = QImage(canvas.width(), canvas.height(), QImage.Format.Format_RGB32)
    times = []
    for i in range(frames + warm):
        began = time.thread_time()
        step(i)
        canvas.render(image)
        times.append((time.thread_time() - began) * 1000)
    return statistics.quantiles(times[warm:], n=20)[-1]


def rows() -> list[dict[str, Any]]:
    """The rows of the table: 95th percentile against one frame."""
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    from gui.style.apply import apply

    assert isinstance(app, QApplication)
    apply(app, "dark")
    from gui.canvas.widget import CanvasWidget

    canvas = CanvasWidget(workspace_of(network(NODES)))
    canvas.animations.motion = False
    canvas.resize(1600, 1000)
    canvas.show()
    found = []
    for name, scale in (("100 %", 1.0), ("40 %", 0.4), ("all of it", 0.0)):
        _look_at(canvas, scale)
        found.append((f"canvas, pan 5,000 layers at {name}", measured(canvas, _panning(canvas))))
    _look_at(canvas, 1.0)
    found.append(("canvas, zoom from 100 % to everything and back", measured(canvas, _zooming(canvas))))
    for name, scale in (("100 %", 1.0), ("40 %", 0.4)):
        _look_at(canvas, scale)
        step, finish = _dragging(canvas)
        found.append((f"canvas, drag {DRAGGED} of 5,000 layers at {name}", measured(canvas, step)))
        finish()
    return [
        {"row": name, "ours": ms, "reference": FRAME, "ratio": ms / FRAME, "goal": "≤ 1", "met": ms <= FRAME}
        for name, ms in found
    ]


def _look_at(canvas: Any, scale: float) -> None:
    canvas.viewport.fit()
    if scale:
        canvas.viewport.look_from(canvas.viewport.camera.at_scale(scale, 800, 500))


def _panning(canvas: Any) -> Callable[[int], None]:
    def step(i: int) -> None:
        canvas.viewport.look_from(canvas.viewport.camera.panned(-7.3, -13.1 if i % 30 < 15 else 13.1))

    return step


def _zooming(canvas: Any) -> Callable[[int], None]:
    def step(i: int) -> None:
        canvas.viewport.look_from(canvas.viewport.camera.zoomed(1 / 1.12 if i % 54 < 27 else 1.12, 800, 500))

    return step


def _dragging(canvas: Any) -> tuple[Callable[[int], None], Callable[[], None]]:
    """Real mouse events: 500 layers around the middle of the view are selected and follow the pointer."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    scene = canvas.scene
    middle = canvas.viewport.camera.to_world(800, 500)
    order = sorted(range(len(scene.ids)), key=lambda row: abs(scene.rects[row, 1] - middle[1]))
    chosen = [scene.ids[row] for row in order[:DRAGGED]]
    canvas.level.select(chosen)
    x, y, _, _ = scene.rects[scene.row[chosen[0]]].tolist()
    left, top = canvas.viewport.camera.to_screen(x + 60, y + 10)
    start = QPoint(round(left), round(top))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)

    def step(i: int) -> None:
        QTest.mouseMove(canvas, start + QPoint(6 + 3 * (i % 40), 5 + 2 * (i % 25)))

    def finish() -> None:
        from PySide6.QtWidgets import QApplication

        canvas.mouse.cancel()
        QApplication.processEvents()

    return step, finish


if __name__ == "__main__":
    for row in rows():
        print(f"{row['row']:<50} {row['ours']:6.1f} ms  {'met' if row['met'] else 'NOT MET'}")
