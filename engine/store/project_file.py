"""Project files: JSON that reads well and differs by a line where one layer differs. The clipboard uses the
same form.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine import edits, kinds
from engine.data.settings import DataSettings
from engine.edits import clipboard
from engine.files.atomic import write_text
from engine.kinds import Layer, Unknown
from engine.message import Illegal, Message, Trouble
from engine.plugins.refresh import as_declared
from engine.project.blocks import DEEPEST, Block, Exposed, Use
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.project.sharing import can_share

FORMAT = 1
ENDING = ".loom"
"""How the file of a project ends."""


def save(project: Project, path: Path) -> None:
    """Write a project. The file is whole or, where that fails, as it was before. Raises `Trouble`."""
    write_text(path, dumps(project))


def load(path: Path) -> Project:
    """Read a project. Raises `Trouble` that says what was expected, what came, and what to do."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark before the text
    except FileNotFoundError:
        raise Trouble("there is no file {path}; check the name and the folder", path=path) from None
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
    """The network alone: name, the definitions of its blocks, inner ones first, nodes and wires."""
    blocks = [block_to_json(block) for block in graph.blocks.values() if isinstance(block, Block)]
    return {"name": graph.name, **({"blocks": blocks} if blocks else {}), **_drawing(graph)}


def _drawing(graph: Graph) -> dict[str, Any]:
    return {
        "nodes": [_node_to_json(node) for node in graph.nodes.values()],
        "wires": [[w.source, w.output, w.target, w.input] for w in graph.wires],
    }


def graph_from_json(data: Mapping[str, Any]) -> Graph:
    """The network that `graph_to_json` wrote; a layer that is not known is kept as it is. Raises
    `Trouble`.
    """
    blocks = _Blocks()
    try:
        for item in _part({"blocks": [], **data}, "blocks", list):
            blocks.read(item)
        return _graph(data, blocks)
    except RecursionError:
        raise Trouble("its blocks are nested too deeply") from None


def _graph(data: Mapping[str, Any], blocks: _Blocks) -> Graph:
    name = _part(data, "name", str)
    nodes: dict[str, Node] = {}
    for item in _part(data, "nodes", list):
        node = _node_from_json(item, blocks)
        if node.id in nodes:
            raise Trouble("two layers have the id {id}", id=node.id)
        nodes[node.id] = node
    if len({node.name for node in nodes.values()}) < len(nodes):
        raise Trouble("two layers have the same name")
    items = _part(data, "wires", list)
    nodes = as_declared(nodes, [item for item in items if isinstance(item, list)])
    wires = tuple(_wire_from_json(item, nodes) for item in items)
    graph = Graph(name, nodes, wires)
    _must_flow_one_way(graph)
    _must_share_rightly(graph)
    return graph


# --------------------------------------------------------------------------- blocks


def block_to_json(block: Block) -> dict[str, Any]:
    """A definition as plain JSON. Those inside it stand beside it."""
    exposed = [[one.name, one.node, one.param] for one in block.exposed]
    return {"name": block.name, **({"exposed": exposed} if exposed else {}), **_drawing(block.graph)}


class _Blocks:
    """The definitions in a file. One that cannot be read is kept as it is, with the layers that use it."""

    def __init__(self) -> None:
        self._known: dict[str, Block] = {}
        self._damaged: dict[str, tuple[Any, Message]] = {}
        self._depth = 0

    def read(self, item: Any) -> None:
        """Take in a definition. Those inside it have come before."""
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in self._known:
            raise Trouble("expected a block with a name of its own, received {item}", item=_shown(item))
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                raise Trouble("it is nested too deeply")
            self._known[name] = self._block(item)
        except Trouble as trouble:
            self._damaged[name] = (item, trouble.message)
        finally:
            self._depth -= 1

    def _block(self, item: Mapping[str, Any]) -> Block:
        graph = _graph(item, self)
        exposed = []
        for one in _part({"exposed": [], **item}, "exposed", list):
            match one:
                case [str(name), str(node), str(param)]:
                    exposed.append(Exposed(name, node, param))
                case _:
                    raise Trouble("expected a setting as three names, received {item}", item=_shown(one))
        block = Block(graph, tuple(exposed))
        if any(block.param(one) is None for one in exposed):
            raise Trouble("it offers a setting that no layer inside has")
        if len({(one.node, one.param) for one in exposed}) < len(exposed):
            raise Trouble("it offers one setting twice")
        if block.depth > DEEPEST:
            raise Trouble("it is nested too deeply")
        return block

    def use(self, layer: Mapping[str, Any]) -> Layer:
        """The layer that uses a block, or an unknown one that keeps what the file says."""
        raw = dict(layer)
        name = layer.get("block")
        if isinstance(name, str) and name in self._damaged and "definition" not in raw:
            raw["definition"] = self._damaged[name][0]
        try:
            if isinstance(name, str) and name not in self._known and "definition" in raw:
                self.read(raw["definition"])
            if not isinstance(name, str) or name not in self._known:
                reason = self._damaged[name][1] if name in self._damaged else Message("it is not in the file")
                return Unknown(raw, Message("its block cannot be read: {reason}", reason=reason))
            values = layer.get("values", {})
            if not isinstance(values, dict):
                raise Illegal("expected the values of settings, received {values}", values=_shown(values))
            return Use(block=self._known[name], repeat=layer.get("repeat", 1), values=tuple(values.items()))
        except Trouble as trouble:
            return Unknown(raw, trouble.message)


def use_from_json(layer: Mapping[str, Any]) -> Layer:
    """The layer that uses a block whose definition stands in the same JSON, or an unknown one."""
    return _Blocks().use(layer)


# --------------------------------------------------------------------------- clipboard


def piece_text(graph: Graph, ids: Iterable[str]) -> str:
    """Some layers and the wires among them as text, to be pasted here, in another window or in a message."""
    return _pretty({"format": FORMAT, **graph_to_json(clipboard.piece(graph, ids))})


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
    if node.shares:
        item["shares"] = node.shares
    return {**item, "layer": kinds.to_json(node.kind)}


def _node_from_json(item: Any, blocks: _Blocks) -> Node:
    match item:
        case {"id": str(id), "name": str(name), "at": [int() | float() as x, int() | float() as y]}:
            layer = item.get("layer")
            if id and isinstance(layer, dict) and edits.on_canvas(x, y):
                muted = item.get("muted") is True
                kind = blocks.use(layer) if layer.get("kind") == "Use" else kinds.layer_from_json(layer)
                shares = item.get("shares", "")
                return Node(
                    id, kind, name, float(x), float(y), muted, shares if isinstance(shares, str) else ""
                )
    raise Trouble(
        'expected a layer with "id", "name", "at" (two numbers on the canvas) and "layer", received {item}',
        item=_shown(item),
    )


def _wire_from_json(item: Any, nodes: Mapping[str, Node]) -> Wire:
    match item:
        case [str(source), str(output), str(target), str(input)]:
            wire = Wire(source, output, target, input)
        case _:
            raise Trouble(
                "expected a wire as four names (from, output, to, input), received {item}",
                item=_shown(item),
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


def _shown(item: Any) -> str:
    """A piece of a file as the file has it, at most 80 characters."""
    text = json.dumps(item, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"


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


def _must_share_rightly(graph: Graph) -> None:
    for node in graph.nodes.values():
        if node.shares:
            owner = graph.nodes.get(node.shares)
            if owner is None or owner.shares or not can_share(owner.kind, node.kind):
                raise Trouble(
                    "{name} shares the weights of {owner}, which is not possible",
                    name=node.name,
                    owner=owner.name if owner is not None else node.shares,
                )


def _short(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


def _pretty(data: Mapping[str, Any]) -> str:
    """JSON with one line for each layer and wire, so that two versions compare well."""
    return _object(data, "") + "\n"


def _object(data: Mapping[str, Any], indent: str) -> str:
    lines = []
    for name, value in data.items():
        head = f"{indent}  {json.dumps(name)}: "
        if isinstance(value, list) and value:
            items = [
                _object(item, indent + "    ") if isinstance(item, dict) and "nodes" in item else _line(item)
                for item in value
            ]
            body = ",\n".join(f"{indent}    {item}" for item in items)
            lines.append(f"{head}[\n{body}\n{indent}  ]")
        else:
            lines.append(head + _line(value))
    return "{" + ",\n".join(lines).lstrip() + f"\n{indent}}}"


def _line(value: Any) -> str:
    """JSON on one line. Letters stay as they are; what cannot be shown, or written in UTF-8, is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)
