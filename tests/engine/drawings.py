"""What hypothesis draws for tests of whole projects: edits of every sort, legal or not, and networks that fit
together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from engine import edits, kinds, store
from engine.check import check
from engine.data.settings import DataSettings
from engine.graph import Graph, Project, Wire
from engine.kinds import Layer, Loss, Source, Unknown
from engine.layers.dense import Linear
from engine.layers.ends import Input, Output
from engine.layers.reshape import Flatten
from engine.message import Message
from engine.recipe import Recipe
from engine.wiring import fits, outcome
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
    name = draw(st.sampled_from([*sorted(kinds.registry(Layer)), "?"]))
    if name == "?":
        return Unknown({"kind": "Imagined", "size": 3}, Message("expected the name of a layer"))
    cls = kinds.registry(Layer)[name]
    return draw(st.one_of(st.just(cls()), settings_of(cls)))


def _ids(project: Project) -> st.SearchStrategy[str]:
    """Ids of the project, and one that it does not have."""
    return st.sampled_from([*project.graph.nodes, "nobody"])


@st.composite
def edits_of(draw: st.DrawFn, project: Project) -> Edit:
    """One edit of the project with arguments that may or may not be legal."""
    graph = project.graph
    ids = _ids(project)
    some = st.lists(ids, max_size=4, unique=True)
    wires = st.sampled_from([*graph.wires, Wire("nobody", "out", "n1", "x")])
    names = st.one_of(st.sampled_from(["conv", "first", "Größe", "输入"]), st.sampled_from(HOSTILE))
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
            whole = store.piece_text(graph, draw(some))
            arguments = {"text": draw(st.sampled_from([whole, "no project", "{"])), "at": (5.0, 5.0)}
        case "reorder":
            arguments = {"target": draw(ids), "input": "xs", "order": draw(st.permutations([0, 1]))}
        case "set_data":
            arguments = {
                "data": DataSettings(source=kinds.registry(Source)[draw(st.sampled_from(SOURCES))]())
            }
        case "set_recipe":
            arguments = {"recipe": evolve(project.recipe, epochs=draw(st.integers(1, 99)))}
        case _:
            arguments = {"name": draw(names)}
    return lambda before: getattr(edits, which)(before, **arguments)  # type: ignore[no-any-return]


_EDITS = (
    *("add", "connect", "connect", "connect", "insert", "dissolve", "remove", "move", "place", "set_param"),
    *("set_kind", "rename", "mute", "paste", "reorder", "disconnect", "set_data", "set_recipe", "set_title"),
)
SOURCES = ("Digits", "Iris", "Sunspots")


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
    value = draw(st.one_of(values_of(param.form), st.sampled_from([-7, "red", None])))
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


def _grown(draw: st.DrawFn, project: Project) -> Project:
    """One more layer, after one that it fits, with all its wires where there are values that fit."""
    analysis = check(project)
    graph = project.graph
    source = draw(st.sampled_from(list(graph.nodes)))
    output = draw(st.sampled_from(graph.nodes[source].kind.outputs))
    kind = draw(layers())
    if isinstance(kind, Input | Output | Unknown) or isinstance(
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
