"""The geometry of what is drawn, in numpy: what is in view, what lies under the pointer. Without Qt.

Nodes, places (ends of ports) and wires are rows of arrays; `ids` and `row` lead from one to the other. What a
drag or an animation displaces for the moment is kept apart from where things stand in the document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, compress, count, repeat

import numpy as np

from engine.kinds import Unknown
from engine.project.graph import Graph, Node, Wire
from engine.project.layout import WIDTH
from gui.canvas.geometry import places as at
from gui.canvas.geometry import routes
from gui.canvas.geometry.camera import Box
from gui.canvas.geometry.places import Ends, NodeForm, PortPlace
from gui.canvas.geometry.traces import Lanes, corners, crosses, distance, meet, surroundings, trace

Rows = np.ndarray


class Scene:
    """Derived from a graph by `show`, which reuses what did not change."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.ids: list[str] = []
        self.row: dict[str, int] = {}
        self.rects = np.zeros((0, 4))
        """x, y, width and height of each node."""
        self.places: list[PortPlace] = []
        self.place_xy = np.zeros((0, 2))
        self.place_row = np.zeros(0, int)
        self.first_place = [0]
        """For each node the index of its first place, and one more for the end."""
        self.wires: tuple[Wire, ...] = ()
        self.wire_rows = np.zeros((0, 2), int)
        self.wire_places = np.zeros((0, 2), int)
        self.routes = np.zeros((0, 9))
        self.boxes = np.zeros((0, 4))
        """Left, top, right, bottom of each wire."""
        self.wired = np.zeros(0, bool)
        """For each place whether a wire ends there."""
        self._wire_index: dict[Wire, int] = {}
        self._forms: dict[str, NodeForm] = {}
        self._shifts = np.zeros((0, 2))
        """How far each place is from the corner of its node."""
        self._loose = np.zeros(0, int)
        """The nodes whose places their wires decide, too."""
        self._still: tuple[np.ndarray, ...] | None = None
        self._node_boxes = np.zeros((0, 4))

    # ------------------------------------------------------------------ from the document

    def show(self, graph: Graph) -> None:
        """Follow the document. Whatever was displaced stands where the document has it."""
        self.settle()
        before, self.graph = self.graph, graph
        if graph is before:
            return
        same = graph.wires is before.wires and len(graph.nodes) == len(self.ids)
        if same and self._nodes_kept(before, graph):
            return
        self._build(before, graph)

    def _nodes_kept(self, before: Graph, graph: Graph) -> bool:
        """Whether only positions or settings changed; then only what they touch is computed anew."""
        if list(graph.nodes) != self.ids:
            return False
        moved: list[int] = []
        changed = [id for id, node in graph.nodes.items() if before.nodes[id] is not node]
        for id in changed:
            old, node = before.nodes[id], graph.nodes[id]
            if old.kind is not node.kind and (
                old.kind.ports() != node.kind.ports()
                or old.kind.outputs != node.kind.outputs
                or self._size(old) != self._size(node)
            ):
                return False
            if (old.x, old.y) != (node.x, node.y):
                moved.append(self.row[id])
        if len(moved) > 0.3 * len(self.ids) + 20:
            return False
        if moved:
            rows = np.array(moved)
            old_boxes = self._node_boxes[rows]
            nodes = [graph.nodes[self.ids[row]] for row in moved]
            self._shift(rows, self._rects(nodes)[:, :2] - self.rects[rows, :2])
            trunks = self._trunks(np.unique(np.concatenate([rows, self._below(rows)])))
            if trunks:
                return False
            self._reroute(rows, old_boxes)
        return True

    def _below(self, rows: Rows) -> Rows:
        below: Rows = self.wire_rows[np.isin(self.wire_rows[:, 0], rows), 1]
        return below

    def _trunks(self, rows: Rows) -> bool:
        """Whether a pill among these nodes has its slots in another place now."""
        for row in rows:
            id = self.ids[row]
            kind = self.graph.nodes[id].kind
            if not any(port.many for port in kind.ports()):
                continue
            first, last = self.first_place[row], self.first_place[row + 1]
            if tuple(self.places[first:last]) != self._places(id):
                return True
        return False

    def _form(self, node: Node) -> NodeForm:
        """What follows from the node's kind, worked out once for as long as the node keeps it."""
        known = self._forms.get(node.id)
        if known is None or known.kind is not node.kind:
            known = self._forms[node.id] = at.form(node.kind)
        return known

    def _size(self, node: Node) -> tuple[float, float]:
        form = self._form(node)
        return form.width, form.height

    def _rects(self, nodes: Iterable[Node]) -> np.ndarray:
        """A row for each node: x, y, width and height of what is drawn of it."""
        formed = ((node, self._form(node)) for node in nodes)
        return np.array(
            [(node.x - (form.width - WIDTH) / 2, node.y, form.width, form.height) for node, form in formed]
        ).reshape(-1, 4)

    def _places(self, id: str) -> tuple[PortPlace, ...]:
        node = self.graph.nodes[id]
        fixed = self._form(node).places
        if fixed is not None:
            return fixed
        if isinstance(node.kind, Unknown):
            inputs = dict.fromkeys(wire.input for wire in self.graph.incoming(id))
            outputs = dict.fromkeys(wire.output for wire in self.graph.outgoing(id))
            return at.places_unknown(tuple(inputs), tuple(outputs))
        ports = node.kind.ports()
        arriving = {port.name: self.graph.arriving(id, port.name) for port in ports}
        trunk = 0
        for port in ports:
            if port.many:
                gaps = [abs(self.graph.nodes[wire.source].x - node.x) for wire in arriving[port.name]]
                trunk = int(np.argmin(gaps)) if gaps else 0
                break
        return at.places(node.kind, tuple(len(wires) for wires in arriving.values()), trunk)

    def _build(self, before: Graph, graph: Graph) -> None:
        """Follow a graph with other nodes or wires.

        What nodes that kept their kind and wires that are the very same have is taken over: what is new comes
        behind what there was, and of both the rows are chosen that are there now.
        """
        nodes, first = list(graph.nodes.values()), np.array(self.first_place)
        rows, old = self.row, before.nodes
        chosen = np.array(
            [rows[id] if id in old and old[id].kind is node.kind else -1 for id, node in graph.nodes.items()],
            int,
        )
        chosen[np.isin(chosen, self._loose)] = -1  # another wire, and such a node looks otherwise
        self.ids = list(graph.nodes)
        self.row = {id: row for row, id in enumerate(self.ids)}
        if len(self._forms) > 2 * len(nodes) + 100:
            self._forms = {id: form for id, form in self._forms.items() if id in self.row}
        new = np.nonzero(chosen < 0)[0].tolist()
        kept = chosen.copy()  # the former rows; from here on those among the former and the new nodes
        chosen[new] = np.arange(len(new)) + len(first) - 1
        added = [nodes[row] for row in new]
        sizes = np.array([self._size(node) for node in added]).reshape(-1, 2)
        self._loose = np.array([row for row in new if self._form(nodes[row]).places is None], int)
        origins = np.array([[node.x for node in nodes], [node.y for node in nodes]], float).T
        sizes = np.concatenate([self.rects[:, 2:], sizes])[chosen]
        self.rects = np.concatenate([origins, sizes], axis=1)
        self.rects[:, 0] -= (sizes[:, 0] - WIDTH) / 2
        self._node_boxes = corners(self.rects)

        # the same for places, of which each node has some
        own = [self._places(node.id) for node in added]
        places = [*self.places, *chain.from_iterable(own)]
        numbers = np.concatenate([np.diff(first), np.array([len(each) for each in own], int)])
        starts, numbers = (np.cumsum(numbers) - numbers)[chosen], numbers[chosen]
        now = np.concatenate([[0], np.cumsum(numbers)])
        self.first_place = now.tolist()
        self.place_row = np.repeat(np.arange(len(nodes)), numbers)
        index = np.arange(now[-1]) + (starts - now[:-1])[self.place_row]
        self.places = [places[place] for place in index.tolist()]
        shifts = [(place.dx, place.dy) for each in own for place in each]
        self._shifts = np.concatenate([self._shifts, np.array(shifts).reshape(-1, 2)])[index]
        self.place_xy = origins[self.place_row] + self._shifts
        self._build_wires(graph, kept, first, now)

    def _build_wires(self, graph: Graph, kept: Rows, first_before: Rows, first: Rows) -> None:
        """`kept` tells for each node the row that it had, -1 where it is new, and `first_before` and `first`
        the first place of each node, before and now.
        """
        rows_now = np.full(len(first_before), -1)
        rows_now[kept[kept >= 0]] = np.nonzero(kept >= 0)[0]
        rows = rows_now[self.wire_rows]
        places = self.wire_places - first_before[self.wire_rows] + first[rows]
        rows_before = dict(zip(map(id, self.wires), count(), strict=False))
        found = map(rows_before.get, map(id, graph.wires), repeat(-1))
        chosen = np.fromiter(found, int, len(graph.wires))
        chosen[np.isin(chosen, np.nonzero((rows < 0).any(axis=1))[0])] = -1  # an end of it is new
        slots: Counter[tuple[str, str]] = Counter()
        added: list[tuple[int, int, int, int]] = []
        for number in np.nonzero(chosen < 0)[0].tolist():
            ends = self._ends(graph.wires[number], slots)
            if ends is not None:
                chosen[number] = len(rows) + len(added)
                added.append(ends)
        drawn = chosen[chosen >= 0]
        self.wires = tuple(compress(graph.wires, (chosen >= 0).tolist()))
        self._wire_index = {}
        new = np.array(added, int).reshape(-1, 4)
        self.wire_rows = np.concatenate([rows, new[:, :2]])[drawn]
        self.wire_places = np.concatenate([places, new[:, 2:]])[drawn]
        self.wired = np.zeros(len(self.places), bool)
        self.wired[self.wire_places.ravel()] = True
        self.routes = self._simple(np.arange(len(self.wires)))
        self._route(np.arange(len(self.wires)))
        self.boxes = surroundings(self.routes)

    def _ends(self, wire: Wire, slots: Counter[tuple[str, str]]) -> tuple[int, int, int, int] | None:
        """The rows of the nodes and of the places at which a wire begins and ends. `slots` counts the wires
        at each port that takes many. None where an end cannot be drawn: an unknown kind has no ports.
        """
        source, target = self.row[wire.source], self.row[wire.target]
        entries = self._place_ends(target)
        end = entries.entries.get(wire.input)
        if end is None:
            port = wire.target, wire.input
            end = entries.slots.get((wire.input, slots[port]))
            slots[port] += 1
        start = self._place_ends(source).exits.get(wire.output)
        if start is None or end is None:
            return None
        return source, target, self.first_place[source] + start, self.first_place[target] + end

    def _place_ends(self, row: int) -> Ends:
        """At which of its places each port of a node is."""
        form = self._form(self.graph.nodes[self.ids[row]])
        if form.places is not None:
            return form.ends
        return at.ends(self.places[self.first_place[row] : self.first_place[row + 1]])

    @property
    def wire_index(self) -> Mapping[Wire, int]:
        """Which row each wire has."""
        if len(self._wire_index) != len(self.wires):
            self._wire_index = {wire: index for index, wire in enumerate(self.wires)}
        return self._wire_index

    # ------------------------------------------------------------------ routes

    def _simple(self, wires: Rows) -> np.ndarray:
        start, end = self.place_xy[self.wire_places[wires, 0]], self.place_xy[self.wire_places[wires, 1]]
        x0, y0, x1, y1 = start[:, 0], start[:, 1], end[:, 0], end[:, 1]
        straight = np.abs(x0 - x1) < routes.ALIGNED
        lane, yb = np.where(straight, x0, x1), np.where(straight, y0, y1)
        return np.stack([x0, y0, y0, lane, yb, y1, y1, x1, y1], axis=1)

    def _route(self, wires: Rows) -> None:
        """Lead these wires around the nodes between their ends; short ones first, so that skips nest."""
        if not len(wires):
            return
        tops, bottoms = np.sort(self._node_boxes[:, 1]), np.sort(self._node_boxes[:, 3])
        y0, y1 = self.routes[wires, 1], self.routes[wires, 8]
        between = np.searchsorted(tops, y1 - 0.5) - np.searchsorted(bottoms, y0 + 0.5, side="right")
        long = wires[(between > 0) & (y1 - y0 >= routes.LEAST)]
        long = long[np.argsort(self.routes[long, 8] - self.routes[long, 1], kind="stable")]
        order = np.argsort(self._node_boxes[:, 1], kind="stable")
        sorted_tops = self._node_boxes[order, 1]
        tallest = float(np.max(self.rects[:, 3], initial=0.0))
        lanes = Lanes()
        for wire in long.tolist():
            x0, y0_, *_, x1, y1_ = self.routes[wire].tolist()
            low = np.searchsorted(sorted_tops, y0_ - tallest)
            high = np.searchsorted(sorted_tops, y1_ - 0.5)
            near = order[low:high]
            boxes = self._node_boxes[near]
            blocking = boxes[:, 3] > y0_ + 0.5
            blocking &= (near != self.wire_rows[wire, 0]) & (near != self.wire_rows[wire, 1])
            if not blocking.any():
                continue
            route = routes.routed(x0, y0_, x1, y1_, boxes[blocking].tolist(), lanes.near(x0, x1, y0_, y1_))
            self.routes[wire] = route
            if route[5] - route[4] > 1:
                lanes.add((route[3], route[4], route[5]))

    def _reroute(self, rows: Rows, old_boxes: np.ndarray) -> None:
        """New routes for the wires at these nodes, and for those that the nodes stood or stand near."""
        self._node_boxes[rows] = corners(self.rects[rows])
        touched = np.isin(self.wire_rows, rows).any(axis=1)
        left, top = np.minimum(old_boxes[:, :2], self._node_boxes[rows, :2]).min(axis=0) - 60
        right, bottom = np.maximum(old_boxes[:, 2:], self._node_boxes[rows, 2:]).max(axis=0) + 60
        touched |= meet(self.boxes, (left, top, right, bottom))
        wires = np.nonzero(touched)[0]
        self.routes[wires] = self._simple(wires)
        self._route(wires)
        self.boxes[wires] = surroundings(self.routes[wires])

    # ------------------------------------------------------------------ displaced for the moment

    def _shift(self, rows: Rows, by: np.ndarray) -> None:
        moved = np.zeros((len(self.ids), 2))
        moved[rows] = by
        self.rects[:, :2] += moved
        self.place_xy += moved[self.place_row]

    def displace(self, rows: Rows, by: np.ndarray) -> None:
        """Show nodes so far away from where they stand: one pair of numbers for all, or one for each."""
        if self._still is None:
            self._still = (self.rects.copy(), self.place_xy.copy(), self.routes.copy(), self.boxes.copy())
            self._plan(rows)
        rects, xy, paths, boxes = self._still
        by = np.broadcast_to(np.asarray(by, float), (len(rows), 2))
        offsets = np.zeros((len(self.ids), 2))
        offsets[rows] = by
        self.rects[rows, :2] = rects[rows, :2] + by
        moved_places, whole, loose = self._planned
        self.place_xy[moved_places] = xy[moved_places] + offsets[self.place_row[moved_places]]
        shift = offsets[self.wire_rows[whole, 0]]
        even = np.array_equal(by, by[:1].repeat(len(by), axis=0)) if len(by) else True
        if even:
            self.routes[whole] = paths[whole] + shift[:, _ROUTE_AXES]
            self.boxes[whole] = boxes[whole] + shift[:, [0, 1, 0, 1]]
        else:
            loose = np.concatenate([loose, whole])
        self.routes[loose] = self._simple(loose)
        self.boxes[loose] = surroundings(self.routes[loose])

    def _plan(self, rows: Rows) -> None:
        moving = np.zeros(len(self.ids), bool)
        moving[rows] = True
        ends = moving[self.wire_rows]
        self._planned = (
            np.nonzero(moving[self.place_row])[0],
            np.nonzero(ends.all(axis=1))[0],
            np.nonzero(ends.any(axis=1) & ~ends.all(axis=1))[0],
        )

    def settle(self) -> None:
        """Everything stands again where the document has it."""
        if self._still is not None:
            self.rects, self.place_xy, self.routes, self.boxes = self._still
            self._still = None

    # ------------------------------------------------------------------ what is where

    def nodes_in(self, box: Box) -> Rows:
        """The rows of the nodes that a box touches, in the order they are drawn."""
        x, y, w, h = self.rects.T
        left, top, right, bottom = box
        return np.nonzero((x < right) & (x + w > left) & (y < bottom) & (y + h > top))[0]

    def wires_in(self, box: Box) -> Rows:
        """The rows of the wires whose surroundings a box touches."""
        return np.nonzero(meet(self.boxes, box))[0]

    def node_at(self, x: float, y: float) -> str | None:
        """The topmost node at a place."""
        rows = self.nodes_in((x, y, x, y))
        return self.ids[rows[-1]] if len(rows) else None

    def place_at(
        self, x: float, y: float, reach: float = at.TOUCH, among: Iterable[int] | None = None
    ) -> int | None:
        """The nearest place within reach, of all or of some."""
        if not len(self.places):
            return None
        distance = np.hypot(self.place_xy[:, 0] - x, self.place_xy[:, 1] - y)
        if among is not None:
            rest = np.ones(len(distance), bool)
            rest[list(among)] = False
            distance[rest] = np.inf
        nearest = int(np.argmin(distance))
        return nearest if distance[nearest] <= reach else None

    def wire_at(self, x: float, y: float, reach: float = 6.0) -> Wire | None:
        """The wire that passes nearest, within reach."""
        best, nearest = reach, None
        for index in self.wires_in((x - reach, y - reach, x + reach, y + reach)).tolist():
            points = trace(self.routes[index])
            gap = distance(points, x, y)
            if gap <= best:
                best, nearest = gap, self.wires[index]
        return nearest

    def wires_across(self, x0: float, y0: float, x1: float, y1: float) -> list[Wire]:
        """The wires that a straight cut crosses."""
        box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        return [
            self.wires[index]
            for index in self.wires_in(box).tolist()
            if crosses(trace(self.routes[index]), x0, y0, x1, y1)
        ]

    def bounds(self, ids: Iterable[str] | None = None) -> Box | None:
        """The box around some nodes, or around everything. None where there is nothing."""
        rects = self.rects if ids is None else self.rects[[self.row[id] for id in ids if id in self.row]]
        if not len(rects):
            return None
        boxes = corners(rects)
        left, top = boxes[:, :2].min(axis=0).tolist()
        right, bottom = boxes[:, 2:].max(axis=0).tolist()
        if ids is None and len(self.boxes):
            left, right = min(left, float(self.boxes[:, 0].min())), max(right, float(self.boxes[:, 2].max()))
        return left, top, right, bottom

    def place_of(self, id: str, port: str, entry: bool, slot: int = -1) -> int | None:
        """The index of a port's place; of a pill that of the slot."""
        row = self.row[id]
        for index in range(self.first_place[row], self.first_place[row + 1]):
            place = self.places[index]
            if place.port == port and place.entry == entry and slot in (-1, place.slot):
                return index
        return None


_ROUTE_AXES = [0, 1, 1, 0, 1, 1, 1, 0, 1]
