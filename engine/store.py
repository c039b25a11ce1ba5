"""Project files: JSON that reads well and differs by a line where one layer differs. The clipboard uses the
same form.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine import edits, kinds
from engine.atomic import write_text
from engine.data.settings import DataSettings
from engine.graph import Graph, Node, Project, Wire
from engine.kinds import Unknown
from engine.message import Message, Trouble
from engine.recipe import Recipe

FORMAT = 1
SUFFIX = ".loom"


def save(project: Project, path: Path) -> None:
    """Write a project. The file is whole or, where that fails, as it was before. Raises `Trouble`."""
    write_text(path, dumps(project))


def load(path: Path) -> Project:
    """Read a project. Raises `Trouble` that says what was expected, what came, and what to do."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark before the text
    except FileNotFoundError:
        raise Trouble(
            "there is no file {path}; check the name, or look for it under Recent", path=path
        ) from None
    except IsADirectoryError:
        raise Trouble("expected a project file, but {path} is a folder", path=path) from None
    except UnicodeDecodeError:
        raise Trouble(
            "expected a Layerloom project, but {path} is not text; open it with the program that wrote it",
            path=path,
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise Trouble("{path} cannot be read: {reason}", path=path, reason=reason) from None
    return loads(text, str(path))


def dumps(project: Project) -> str:
    """A project as text."""
    return _pretty(to_json(project))


def loads(text: str, name: str = "the text") -> Project:
    """The project that `dumps` wrote. `name` says in a sentence where the text is from."""
    data = _parse(text, name)
    try:
        return from_json(data)
    except Trouble as trouble:
        raise Trouble(
            "{name} is not a whole Layerloom project: {reason}; nothing was changed, open an earlier copy",
            name=name,
            reason=trouble.message,
        ) from None


def to_json(project: Project) -> dict[str, Any]:
    """A project as plain JSON."""
    return {
        "format": FORMAT,
        **graph_to_json(project.graph),
        "data": kinds.values_to_json(project.data),
        "recipe": kinds.values_to_json(project.recipe),
    }


def from_json(data: Mapping[str, Any]) -> Project:
    """The project that `to_json` wrote. Raises `Trouble`."""
    return Project(
        graph_from_json(data),
        kinds.values_from_json(DataSettings, _part(data, "data", dict)),
        kinds.values_from_json(Recipe, _part(data, "recipe", dict)),
    )


def graph_to_json(graph: Graph) -> dict[str, Any]:
    """The network alone: name, nodes and wires."""
    return {
        "name": graph.name,
        "nodes": [_node_to_json(node) for node in graph.nodes.values()],
        "wires": [[w.source, w.output, w.target, w.input] for w in graph.wires],
    }


def graph_from_json(data: Mapping[str, Any]) -> Graph:
    """The network that `graph_to_json` wrote; a layer that is not known is kept as it is. Raises
    `Trouble`.
    """
    name = _part(data, "name", str)
    nodes: dict[str, Node] = {}
    for item in _part(data, "nodes", list):
        node = _node_from_json(item)
        if node.id in nodes:
            raise Trouble("two layers have the id {id}", id=node.id)
        nodes[node.id] = node
    if len({node.name for node in nodes.values()}) < len(nodes):
        raise Trouble("two layers have the same name")
    wires = tuple(_wire_from_json(item, nodes) for item in _part(data, "wires", list))
    graph = Graph(name, nodes, wires)
    _must_flow_one_way(graph)
    return graph


# --------------------------------------------------------------------------- clipboard


def piece_text(graph: Graph, ids: Iterable[str]) -> str:
    """Some layers and the wires among them as text, to be pasted here, in another window or in a message."""
    return _pretty({"format": FORMAT, **graph_to_json(edits.piece(graph, ids))})


def piece_from_text(text: str) -> Graph:
    """The layers in a text: a copied piece, or a whole project. Raises `Trouble`."""
    return graph_from_json(_parse(text, "the clipboard"))


# --------------------------------------------------------------------------- parts


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("{"):
            raise Trouble(
                "{name} breaks off or is damaged in line {line}; open an earlier copy",
                name=name,
                line=error.lineno,
            ) from None
        raise Trouble(
            'expected a Layerloom project (text that begins with {{"format": 1), but {name} {start}',
            name=name,
            start=Message("begins with {text}", text=repr(text[:24])) if text else Message("is empty"),
        ) from None
    except RecursionError:
        raise Trouble("{name} is nested too deeply to be a project", name=name) from None
    except ValueError:
        raise Trouble("{name} has a number with too many digits; open an earlier copy", name=name) from None
    if not isinstance(data, dict) or "format" not in data:
        raise Trouble(
            'expected a Layerloom project, but {name} is JSON of another program (it has no "format")',
            name=name,
        )
    number = data["format"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise Trouble("expected a format number in {name}, received {number}", name=name, number=repr(number))
    if number > FORMAT:
        raise Trouble(
            "{name} was written by a newer Layerloom (format {number}; this one reads up to {mine}); "
            "update Layerloom to open it",
            name=name,
            number=number,
            mine=FORMAT,
        )
    return data


def _part(data: Mapping[str, Any], name: str, kind: type) -> Any:
    value = data.get(name)
    if not isinstance(value, kind):
        words: dict[type, Message] = {
            str: Message("a text"),
            list: Message("a list"),
            dict: Message("an object"),
        }
        raise Trouble(
            'expected {kind} under "{name}", received {value}',
            kind=words[kind],
            name=name,
            value=Message("nothing") if value is None else type(value).__name__,
        )
    return value


def _node_to_json(node: Node) -> dict[str, Any]:
    item: dict[str, Any] = {"id": node.id, "name": node.name, "at": [_short(node.x), _short(node.y)]}
    if node.muted:
        item["muted"] = True
    return {**item, "layer": kinds.to_json(node.kind)}


def _node_from_json(item: Any) -> Node:
    match item:
        case {"id": str(id), "name": str(name), "at": [int() | float() as x, int() | float() as y]}:
            layer = item.get("layer")
            if id and isinstance(layer, dict) and edits.on_canvas(x, y):
                muted = item.get("muted") is True
                return Node(id, kinds.layer_from_json(layer), name, float(x), float(y), muted)
    raise Trouble(
        'expected a layer with "id", "name", "at" and "layer", received {item}', item=str(item)[:80]
    )


def _wire_from_json(item: Any, nodes: Mapping[str, Node]) -> Wire:
    match item:
        case [str(source), str(output), str(target), str(input)]:
            wire = Wire(source, output, target, input)
        case _:
            raise Trouble(
                "expected a wire as four names (from, output, to, input), received {item}",
                item=str(item)[:80],
            )
    for id in (source, target):
        if id not in nodes:
            raise Trouble("a wire goes to the layer {id}, which is not there", id=id)
    start, end = nodes[source].kind, nodes[target].kind
    if not isinstance(start, Unknown) and output not in start.outputs:
        name = nodes[source].name
        raise Trouble("a wire leaves {name} at {output}, which it does not have", name=name, output=output)
    if not isinstance(end, Unknown) and end.port(input) is None:
        name = nodes[target].name
        raise Trouble("a wire arrives at {name} at {input}, which it does not have", name=name, input=input)
    return wire


def _must_flow_one_way(graph: Graph) -> None:
    place = {id: i for i, id in enumerate(graph.order)}
    for wire in graph.wires:
        if place[wire.source] >= place[wire.target]:
            raise Trouble("its wires form a circle through {name}", name=graph.nodes[wire.target].name)
    if len(set(graph.wires)) < len(graph.wires):
        raise Trouble("the same wire stands there twice")
    taken: set[tuple[str, str]] = set()
    for wire in graph.wires:
        port = graph.nodes[wire.target].kind.port(wire.input)
        if port is not None and not port.many:
            if (wire.target, wire.input) in taken:
                raise Trouble("two wires arrive at one input of {name}", name=graph.nodes[wire.target].name)
            taken.add((wire.target, wire.input))


def _short(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


def _pretty(data: Mapping[str, Any]) -> str:
    """JSON with one line for each layer and wire, so that two versions compare well."""
    lines = []
    for name, value in data.items():
        if isinstance(value, list):
            items = ",\n".join(f"    {_line(item)}" for item in value)
            lines.append(f"  {json.dumps(name)}: [\n{items}\n  ]" if value else f"  {json.dumps(name)}: []")
        else:
            lines.append(f"  {json.dumps(name)}: {_line(value)}")
    head, *rest = lines
    return "{" + head.strip() + "".join(f",\n{line}" for line in rest) + "\n}\n"


def _line(value: Any) -> str:
    """JSON on one line. Letters stay as they are; what cannot be shown, or written in UTF-8, is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)
