"""What hypothesis draws for tests of whole projects: edits of every sort, legal or not, and networks that fit
together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from engine import edits, kinds
from engine.analysis.check import check
from engine.analysis.wiring import fits, outcome
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.edits.folding import fold
from engine.edits.named import by_name
from engine.kinds import BlockEnd, Layer, Unknown
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.layers.reshape import Flatten
from engine.losses.loss import Loss
from engine.message import Message, Refused
from engine.project.blocks import Use
from engine.project.graph import Graph, Wire
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.store import clipboard
from tests.engine.strategies import settings_of, values_of

bounded = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

HOSTILE = (
    "it's",
    'say "hi"',
    "two\nlines",
    "class",
    "match",
    "train",
    "half",
    "self",
    "forward",
    "__class__",
    "__init__",
    "🙂",
    "卷积层",
    "a" * 10_000,
    "x",
    "_",
    "torch",
    "nn",
    "F",
    "print",
    "3rd",
    "'''\nimport os\n'''",
    '"""); import os; ("""',
    "conv-1",
    "Größe 2",
    "# comment",
    "{m}",
    "\\",
    "\u202eevil",
    "\ud800",
    "",
    " ",
)

Edit = Callable[[Project], Project]
SPOTS = st.one_of(st.integers(-400, 400).map(float), st.sampled_from([0.125, float("nan"), float("inf")]))


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """Any layer at its default or other settings, now and then one that nobody knows."""
    name = draw(st.sampled_from([*sorted(kinds.registry(Layer)), *sorted(kinds.registry(BlockEnd)), "?"]))
    if name == "?":
        return Unknown({"kind": "Imagined", "size": 3}, Message("expected the name of a layer"))
    cls = kinds.registry(Layer).get(name) or kinds.registry(BlockEnd)[name]
    return draw(st.one_of(st.just(cls()), settings_of(cls)))


def _ids(project: Project) -> st.SearchStrategy[str]:
    """Ids of the project, and one that it does not have."""
    return st.sampled_from([*project.graph.nodes, "nobody"])


@st.composite
def edits_of(draw: st.DrawFn, project: Project) -> Edit:
    """One edit of the project with arguments that may or may not be legal."""
    which, arguments = draw(_calls(project))
    return lambda before: by_name(which)(before, **arguments)


@st.composite
def _calls(draw: st.DrawFn, project: Project) -> tuple[str, dict[str, Any]]:
    """An edit by its name and with its arguments."""
    graph = project.graph
    ids = _ids(project)
    some = st.lists(ids, max_size=4, unique=True)
    wires = st.sampled_from([*graph.wires, Wire("nobody", "out", "n1", "x")])
    names = st.one_of(st.sampled_from(["conv", "first", "Größe", "输入"]), st.sampled_from(HOSTILE))
    blocks = [id for id, node in graph.nodes.items() if isinstance(node.kind, Use)]
    uses = st.sampled_from(blocks) if blocks else ids
    which = draw(st.sampled_from(_EDITS))
    match which:
        case "add":
            id = draw(st.one_of(st.just(edits.new_id(graph)), ids))
            arguments: dict[str, Any] = {
                "id": id,
                "kind": draw(layers()),
                "at": draw(st.tuples(SPOTS, SPOTS)),
            }
            if draw(st.booleans()):
                arguments["name"] = draw(names)
        case "connect":
            arguments = _wire(draw, project, ids)
        case "disconnect":
            arguments = {"wires": draw(st.lists(wires, max_size=2))}
        case "insert":
            arguments = {"id": edits.new_id(graph), "kind": draw(layers()), "wire": draw(wires)}
        case "dissolve":
            arguments = {"ids": draw(some)}
        case "remove":
            arguments = {"ids": draw(some), "wires": draw(st.lists(wires, max_size=2))}
        case "move":
            arguments = {"ids": draw(some), "dx": draw(SPOTS), "dy": draw(SPOTS)}
        case "place":
            arguments = {"positions": draw(st.dictionaries(ids, st.tuples(SPOTS, SPOTS), max_size=3))}
        case "set_param":
            arguments = _param(draw, project, ids)
        case "set_kind":
            arguments = {"id": draw(ids), "kind": draw(layers())}
        case "rename":
            arguments = {"id": draw(ids), "name": draw(names)}
        case "mute":
            arguments = {"ids": draw(some), "muted": draw(st.booleans())}
        case "paste":
            piece = clipboard.from_text(clipboard.to_text(graph, draw(some)))
            arguments = {"piece": piece, "at": (5.0, 5.0)}
        case "reorder":
            arguments = {"target": draw(ids), "input": "xs", "order": draw(st.permutations([0, 1]))}
        case "set_data":
            arguments = {
                "data": DataSettings(source=kinds.registry(Source)[draw(st.sampled_from(SOURCES))]())
            }
        case "set_recipe":
            arguments = {"recipe": evolve(project.recipe, epochs=draw(st.integers(1, 99)))}
        case "fold":
            arguments = {"ids": draw(some), "name": draw(names)}
        case "unfold":
            arguments = {"id": draw(uses)}
        case "unshare":
            sharing = [id for id, node in graph.nodes.items() if node.shares or id in graph.sharers]
            arguments = {"id": draw(st.sampled_from(sharing) if sharing else ids)}
        case "detach":
            arguments = {"id": draw(uses), "name": draw(names)}
        case "share":
            id = draw(ids)
            kind = type(graph.nodes[id].kind) if id in graph.nodes else None
            alike = [one for one, node in graph.nodes.items() if type(node.kind) is kind and one != id]
            arguments = {"id": id, "owner": draw(st.sampled_from(alike) if alike else ids)}
        case "inside":
            arguments = _inside(draw, project, draw(uses))
        case "expose":
            arguments = _exposed(draw, project, draw(uses))
        case "unexpose" | "rename_block":
            arguments = {"path": (draw(uses),), "name": draw(st.one_of(names, st.just("rate")))}
        case _:
            arguments = {"name": draw(names)}
    return which, arguments


_EDITS = (
    *("add", "connect", "connect", "connect", "insert", "dissolve", "remove", "move", "place", "set_param"),
    *("fold", "fold", "fold", "unfold", "inside", "inside", "expose", "unexpose", "rename_block", "detach"),
    *("share", "share", "unshare"),
    *("set_kind", "rename", "mute", "paste", "reorder", "disconnect", "set_data", "set_recipe", "set_title"),
)
SOURCES = ("Digits", "Iris", "Sunspots")


def _inside(draw: st.DrawFn, project: Project, id: str) -> dict[str, Any]:
    """An edit of what stands inside a block."""
    node = project.graph.nodes.get(id)
    graph = node.kind.block.graph if node is not None and isinstance(node.kind, Use) else Graph()
    which, arguments = draw(_calls(evolve(project, graph=graph)))
    if which == "inside":
        return {**arguments, "path": (id, *arguments["path"])}
    if "path" in arguments:
        return {"path": (id,), "edit": "set_title", "name": "Within"}
    return {"path": (id,), "edit": which, **arguments}


def _exposed(draw: st.DrawFn, project: Project, id: str) -> dict[str, Any]:
    """A setting of a layer inside a block."""
    node = project.graph.nodes.get(id)
    inside = node.kind.block.layers if node is not None and isinstance(node.kind, Use) else ()
    settings = {one.id: [p.name for p in kinds.params(one.kind)] or ["size"] for one in inside}
    layer = draw(st.sampled_from([*settings] or ["nobody"]))
    param = draw(st.sampled_from(settings.get(layer, ["size"])))
    return {
        "path": (id,),
        "node": layer,
        "param": param,
        "name": draw(st.sampled_from([None, "rate", "block"])),
    }


def _wire(draw: st.DrawFn, project: Project, ids: st.SearchStrategy[str]) -> dict[str, Any]:
    """A wire between ports that are there, mostly."""
    source, target = draw(ids), draw(ids)
    nodes = project.graph.nodes
    outputs = nodes[source].kind.outputs if source in nodes else ()
    inputs = [port.name for port in nodes[target].kind.ports()] if target in nodes else []
    return {
        "source": source,
        "output": draw(st.sampled_from(outputs or ("out",))),
        "target": target,
        "input": draw(st.sampled_from(inputs or ["x"])),
        "replace": draw(st.booleans()),
    }


def _param(draw: st.DrawFn, project: Project, ids: st.SearchStrategy[str]) -> dict[str, Any]:
    """One setting of a layer, mostly legal."""
    id = draw(ids)
    found = kinds.params(project.graph.nodes[id].kind) if id in project.graph.nodes else ()
    if not found:
        return {"id": id, "name": "size", "value": 1}
    param = draw(st.sampled_from(found))
    value = draw(st.one_of(values_of(param.type), st.sampled_from([-7, "red", None])))
    return {"id": id, "name": param.name, "value": value}


@st.composite
def networks(draw: st.DrawFn, most: int = 8) -> Project:
    """A network that grew layer by layer where each fits, with branches and a suitable Output."""
    source = kinds.registry(Source)[draw(st.sampled_from(SOURCES))]()
    project = Project(Graph("Grown"), DataSettings(source=source), Recipe(threads=1, device="cpu"))
    project = edits.add(project, "n1", Input())
    for _ in range(draw(st.integers(1, most))):
        project = _grown(draw, project)
    analysis = check(project)
    assert analysis.schema is not None
    target = analysis.schema.columns[analysis.schema.target]
    loose = [id for id in project.graph.nodes if not project.graph.outgoing(id)]
    for end in draw(st.lists(st.sampled_from(loose), min_size=1, max_size=3)):
        project = _judged(project, end, len(target.classes))
    return project


def _judged(project: Project, end: str, classes: int) -> Project:
    """What is needed after a layer to come to an Output."""
    output = project.graph.nodes[end].kind.outputs[0]
    shape = check(project).nodes[end].outputs.get(output)
    loss = kinds.registry(Loss)["CrossEntropy" if classes else "MeanSquaredError"]()
    tail: list[Layer] = [Linear(out_features=classes or 1), Output(loss=loss)]
    if shape is None or len(shape.dims) != 2:
        tail.insert(0, Flatten())
    for kind in tail:
        id = edits.new_id(project.graph)
        project = edits.connect(edits.add(project, id, kind), end, output, id, "x")
        end, output = id, "out"
    return project


@st.composite
def folded(draw: st.DrawFn, most: int = 8) -> Project:
    """A network some of whose layers stand in blocks, perhaps within one another."""
    project = draw(networks(most))
    for _ in range(draw(st.integers(1, 2))):
        try:
            project = fold(project, draw(neighbours(project)), draw(st.sampled_from(["Block", "Größe 2"])))
        except Refused:
            continue
    return project


@st.composite
def neighbours(draw: st.DrawFn, project: Project) -> list[str]:
    """Layers that follow one another and are trained, so that nothing outside lies between them."""
    graph = project.graph
    order = [id for id in graph.order if id in graph.alive and graph.nodes[id].kind.family != "io"]
    start = draw(st.integers(0, len(order) - 1))
    return order[start : start + draw(st.integers(1, len(order)))]


def _grown(draw: st.DrawFn, project: Project) -> Project:
    """One more layer, after one that it fits, with all its wires where there are values that fit."""
    analysis = check(project)
    graph = project.graph
    source = draw(st.sampled_from(list(graph.nodes)))
    output = draw(st.sampled_from(graph.nodes[source].kind.outputs))
    kind = draw(layers())
    if isinstance(kind, Input | Output | BlockEnd | Unknown) or isinstance(
        outcome(analysis, source, output, kind), Message
    ):
        kind = kinds.registry(Layer)["ReLU"]()
    id = edits.new_id(graph)
    project = edits.add(project, id, kind)
    if draw(st.integers(0, 5)) == 0:
        project = edits.mute(project, [id], True)
    for port in kind.ports():
        for _ in range(port.least if port.many else 1):
            analysis = check(project, analysis)
            ends = [(n.id, o) for n in graph.nodes.values() for o in n.kind.outputs]
            ends = [(s, o) for s, o in [(source, output), *ends] if fits(analysis, s, o, id, port.name)]
            if ends and not (port.optional and draw(st.booleans())):
                project = edits.connect(project, *ends[0], id, port.name)
    return project
