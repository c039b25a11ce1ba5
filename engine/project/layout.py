"""Where nodes stand: their sizes, and tidying a network into ranks from top to bottom with a straight trunk.

Ranks by longest path, sources pulled down to what they feed; invisible points on wires that skip ranks;
sweeps by median and swaps of neighbours that keep the fewest crossings; then places by least squares with
minimum gaps (pool adjacent violators). After Sugiyama, Tagawa and Toda 1981, and Gansner et al., "A technique
for drawing directed graphs", 1993.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import pairwise

from attrs import define, field

from engine.kinds import Layer
from engine.project.graph import Graph

WIDTH = 236.0
FITS, LONGEST, LETTER = 11, 32, 8.0  # letters of a title beside its shape, at most, and how wide one is
TALL, LOW = 52.0, 28.0
GAP = 18.0  # between a node and the next one below
BEND = 34.0  # between ranks where a wire bends
BESIDE = 40.0
LANE = 24.0  # width that a passing wire takes
SWEEPS = 8
STIFF = 1e6  # how much more the trunk insists on its place than anything else


def width(kind: Layer) -> float:
    """The width of a node in pixels at 100 %: the ordinary one, or more where its title needs it.

    It grows to both sides alike, so that its ports stay where they are: the x of a node is where its left
    edge is at the ordinary width.
    """
    kind = kind.meant
    letters = len(f"{kind.label()} {kind.in_a_row}".rstrip())
    return WIDTH + LETTER * max(0, min(letters, LONGEST) - FITS)


def height(kind: Layer) -> float:
    """The height of a node in pixels at 100 %: two lines with weights or settings to show, else one."""
    return TALL if kind.tall else LOW


def free_spot(graph: Graph, x: float, y: float, kind: Layer, itself: str = "") -> tuple[float, float]:
    """The first place at that height, going right, where nothing stands, but for the node itself that is to
    stand there.
    """
    wide, tall = width(kind), height(kind)
    beside = [  # those too high up even for a tall node are sorted out before any is measured
        node
        for node in graph.nodes.values()
        if node.id != itself and y - TALL < node.y < y + tall and y < node.y + height(node.kind)
    ]
    while any(abs(node.x - x) < (width(node.kind) + wide) / 2 for node in beside):
        x += WIDTH + BESIDE
    return (x, y)


def trunk_x(graph: Graph, ids: Iterable[str]) -> float:
    """Where the trunk of these layers stands sideways: where most of them do, else where the topmost does."""
    nodes = sorted((graph.nodes[id] for id in ids), key=lambda node: node.y)
    ((x, _),) = Counter(node.x for node in nodes).most_common(1)
    return x


@define(eq=False)
class _Spot:
    """A node, or a point on a wire that passes a rank (then `id` is empty)."""

    id: str
    rank: int
    width: float
    x: float = 0.0
    above: list[_Spot] = field(factory=list)
    below: list[_Spot] = field(factory=list)


def tidy(graph: Graph, ids: Iterable[str] | None = None) -> dict[str, tuple[float, float]]:
    """New places of the top left corners. The trunk stays where it stood sideways. With `ids` only these are
    tidied, and their top stays as well.
    """
    wanted = set(graph.nodes if ids is None else ids)
    chosen = [id for id in graph.order if id in wanted]
    if not chosen:
        return {}
    wires = [(wire.source, wire.target) for wire in graph.wires]
    edges = list(dict.fromkeys(wire for wire in wires if wanted.issuperset(wire)))
    ranks = _ranks(chosen, edges)
    rows = _rows(graph, chosen, edges, ranks)
    _order(rows)
    trunk = _trunk(rows)
    _place(rows, trunk)
    tops = _tops(graph, rows)
    spots = [spot for row in rows for spot in row if spot.id]
    # it was given the middle of all; a rank where it had to give way does not count
    x = trunk_x(graph, (spot.id for spot in spots if id(spot) in trunk)) - round(-WIDTH / 2)
    y = min(graph.nodes[id].y for id in chosen) if ids is not None else 0.0
    return {spot.id: (x + round(spot.x - WIDTH / 2), y + tops[spot.rank]) for spot in spots}


def _ranks(ids: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The rank of every node: below all that it depends on; a source stands just above what it feeds."""
    before: dict[str, list[str]] = {id: [] for id in ids}
    after: dict[str, list[str]] = {id: [] for id in ids}
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    ranks: dict[str, int] = {}
    for id in ids:
        ranks[id] = 1 + max((ranks[source] for source in before[id]), default=-1)
    for id in reversed(ids):
        if not before[id] and after[id]:
            ranks[id] = min(ranks[target] for target in after[id]) - 1
    return ranks


def _rows(
    graph: Graph, ids: Sequence[str], edges: Sequence[tuple[str, str]], ranks: Mapping[str, int]
) -> list[list[_Spot]]:
    """Spots rank by rank, at first in the order of the canvas, with points where wires pass."""
    rows: list[list[_Spot]] = [[] for _ in range(max(ranks.values()) + 1)]
    spots = {id: _Spot(id, ranks[id], width(graph.nodes[id].kind)) for id in ids}
    for id in sorted(ids, key=lambda id: graph.nodes[id].x):
        rows[ranks[id]].append(spots[id])
    for source, target in edges:
        last = spots[source]
        for rank in range(ranks[source] + 1, ranks[target]):
            point = _Spot("", rank, LANE)
            rows[rank].append(point)
            _join(last, point)
            last = point
        _join(last, spots[target])
    return rows


def _join(upper: _Spot, lower: _Spot) -> None:
    upper.below.append(lower)
    lower.above.append(upper)


# --------------------------------------------------------------------------- order within ranks


def _order(rows: list[list[_Spot]]) -> None:
    """Sort each rank so that few wires cross."""
    best = [list(row) for row in rows]
    fewest = _crossings(rows)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        for row in rows[1:] if down else rows[-2::-1]:
            near = _neighbour_places(rows[row[0].rank + (-1 if down else 1)] if row else [])
            places = {id(spot): i for i, spot in enumerate(row)}
            row.sort(
                key=lambda spot: _median(
                    [near[id(other)] for other in (spot.above if down else spot.below)], places[id(spot)]
                )
            )
        _swap(rows)
        crossings = _crossings(rows)
        if crossings < fewest:
            fewest, best = crossings, [list(row) for row in rows]
    for row, order in zip(rows, best, strict=True):
        row[:] = order


def _neighbour_places(row: Sequence[_Spot]) -> dict[int, int]:
    return {id(spot): i for i, spot in enumerate(row)}


def _median(places: list[int], own: int) -> float:
    if not places:
        return own
    places.sort()
    middle = len(places) // 2
    return places[middle] if len(places) % 2 else (places[middle - 1] + places[middle]) / 2


def _swap(rows: list[list[_Spot]]) -> None:
    """Change neighbours that cross less the other way round."""
    for rank, row in enumerate(rows):
        above = _neighbour_places(rows[rank - 1]) if rank else {}
        below = _neighbour_places(rows[rank + 1]) if rank + 1 < len(rows) else {}
        for i in range(len(row) - 1):
            left, right = row[i], row[i + 1]
            now = _crossed(left.above, right.above, above) + _crossed(left.below, right.below, below)
            then = _crossed(right.above, left.above, above) + _crossed(right.below, left.below, below)
            if then < now:
                row[i], row[i + 1] = right, left


def _crossed(left: Sequence[_Spot], right: Sequence[_Spot], places: Mapping[int, int]) -> int:
    return sum(places[id(a)] > places[id(b)] for a in left for b in right)


def _crossings(rows: Sequence[Sequence[_Spot]]) -> int:
    total = 0
    for upper, lower in pairwise(rows):
        places = _neighbour_places(lower)
        seen: list[int] = []
        for spot in upper:
            targets = [places[id(other)] for other in spot.below]
            total += sum(len(seen) - bisect_right(seen, target) for target in targets)
            for target in targets:
                insort(seen, target)
    return total


# --------------------------------------------------------------------------- places


def _trunk(rows: Sequence[Sequence[_Spot]]) -> set[int]:
    """The longest way down through the network: it is drawn as one straight line."""
    longest: dict[int, int] = {}
    after: dict[int, _Spot] = {}
    for row in reversed(rows):
        for spot in row:
            best = max(spot.below, key=lambda other: longest[id(other)], default=None)
            longest[id(spot)] = bool(spot.id) + (longest[id(best)] if best is not None else 0)
            if best is not None:
                after[id(spot)] = best
    trunk: set[int] = set()
    step = max((spot for row in rows for spot in row), key=lambda spot: longest[id(spot)], default=None)
    while step is not None:
        trunk.add(id(step))
        step = after.get(id(step))
    return trunk


def _place(rows: Sequence[Sequence[_Spot]], trunk: Container[int]) -> None:
    """Give each spot the place it wants, as near as gaps allow. The trunk stands still; wires pull."""
    for row in rows:
        left = 0.0
        for spot in row:
            spot.x = left + spot.width / 2
            left += spot.width + BESIDE
        shift = (left - BESIDE) / 2
        for spot in row:
            spot.x -= shift
    for sweep in range(2 * SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            wants, weights = [], []
            for spot in row:
                near = (spot.above if down else spot.below) or (spot.below if down else spot.above)
                places = sorted(other.x for other in near)
                middle = len(places) // 2
                still = id(spot) in trunk
                wants.append(0.0 if still else places[middle] if places else spot.x)
                weights.append(STIFF if still else 8.0 if not spot.id else 4.0 if len(near) == 1 else 1.0)
            for spot, x in zip(row, _spread(row, wants, weights), strict=True):
                spot.x = x


def _spread(row: Sequence[_Spot], wants: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones, by weighted least squares, with gaps kept."""
    offsets = [0.0]
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + (left.width + right.width) / 2 + BESIDE)
    groups: list[tuple[float, float, int]] = []  # mean, weight, number of members
    for want, weight, offset in zip(wants, weights, offsets, strict=False):
        mean, total, members = want - offset, weight, 1
        while groups and groups[-1][0] > mean:
            other_mean, other_total, other_members = groups.pop()
            mean = (mean * total + other_mean * other_total) / (total + other_total)
            total, members = total + other_total, members + other_members
        groups.append((mean, total, members))
    means = [mean for mean, _, members in groups for _ in range(members)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]


def _tops(graph: Graph, rows: Sequence[Sequence[_Spot]]) -> list[float]:
    """The top of each rank: gaps are wider where a wire bends."""
    tops: list[float] = []
    top = 0.0
    for rank, row in enumerate(rows):
        tops.append(float(round(top)))
        tallest = max((height(graph.nodes[spot.id].kind) for spot in row if spot.id), default=LOW)
        bends = any(abs(other.x - spot.x) > 1 for spot in row for other in spot.below)
        several = any(len(spot.above) > 1 for spot in (rows[rank + 1] if rank + 1 < len(rows) else ()))
        top += tallest + (BEND if bends or several else GAP)
    return tops
