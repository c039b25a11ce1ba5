"""What stands in a Keras function: the lines of its layers, blocks and ends; and the file of such functions.

A block inside is a function of the same file, so the two call each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from attrs import frozen

from engine.analysis.block_results import BlockModule, BlockResult
from engine.analysis.results import Facts, NodeResult
from engine.codegen.body import CodeLine
from engine.codegen.keras.axes import Axes
from engine.codegen.keras.forms.dense import TIED_DENSE, tied
from engine.codegen.keras.forms.form import EITHER, Form, Missing, Note, Value, entry_of, write
from engine.codegen.keras.forms.training import frozen as is_frozen
from engine.codegen.keras.forms.training import weight_notes
from engine.codegen.names import attribute_names, plain
from engine.codegen.source import BlockSource
from engine.codegen.variables import Variables
from engine.codegen.wrap import wrapped
from engine.kinds import BlockEnd
from engine.kinds.identifiers import RESERVED, Names, free, identifier
from engine.layers.dense import Linear
from engine.layers.ends import Input, Output
from engine.message import Message, counted
from engine.project.graph import Graph, Node

OWN = frozenset({"keras", "layers", "ops", "TiedDense", "name", "inputs", "i"})
DTYPES = {"int": "int32", "bool": "bool", "complex": "complex64"}
LATE = ("layers.MultiHeadAttention", "layers.Bidirectional")
"""They do not tell their parts to be left alone by training unless they are told so after they are called."""
Noted = tuple[Note, tuple[str, ...]]
"""A note and the nodes it is about."""


@frozen
class Copy:
    """How the weights of one module go into layers of Keras: the module's path, the names of the layers, and
    what turns the arrays of the one into those of the others, by the keys of `names`.
    """

    path: str
    names: Mapping[str, str]
    weights: Callable[[Any], Any]

    def within(self, path: str) -> Copy:
        """The same inside of a block. Names of layers may hold no dot."""
        prefix = path.replace(".", "-")
        names = {key: f"{prefix}-{name}" for key, name in self.names.items()}
        return Copy(f"{path}.{self.path}", names, self.weights)


class KerasBody:
    """The lines of one function: the network's own, or that of a block, whose layers are named by `name`."""

    def __init__(
        self,
        file: File,
        graph: Graph,
        found: Mapping[str, NodeResult],
        order: list[Node],
        inputs: Sequence[Node],
        nested: bool = False,
    ) -> None:
        self.graph, self.inputs = graph, inputs
        self.attributes = attribute_names(order, found)
        self.values = Variables(graph, order, inputs, self.attributes, found, OWN)
        self.parts: list[CodeLine] = []
        self.results: list[tuple[str, str]] = []
        self.turned_ends: set[str] = set()
        self.missing: dict[str, Message] = {}
        self.copies: list[Copy] = []
        self.uses: dict[str, tuple[str, ...]] = {}
        self.complete = True
        self._file, self._found, self._order, self._nested = file, found, order, nested
        self._taken = {*self.values.taken}
        self._axes = Axes(self._taken, self._say, self._note)
        self._entries: dict[str, bool] = {}
        self._held: dict[str, dict[str, str]] = {}  # layers that several nodes use, by attribute
        self._tables: dict[str, str] = {}  # the Embedding whose table a Linear uses, both by attribute
        self._shared: set[str] = set()
        for node in order:
            holder = graph.nodes.get(found[node.id].facts.shares)
            if holder is None or holder.id not in self.attributes:
                continue
            if self.attributes[node.id] == self.attributes[holder.id]:
                self._shared.add(self.attributes[holder.id])
            else:
                table, user = sorted((node, holder), key=lambda one: type(one.kind) is Linear)
                self._tables[self.attributes[user.id]] = self.attributes[table.id]
        self._shared.update(self._tables.values())
        self._late: list[str] = []
        self._notes: dict[Note, list[str]] = {}

    @property
    def chained(self) -> bool:
        """Whether the only Input is the beginning of a chain, and so has `inputs` as a second name."""
        return len(self.inputs) == 1 and self.values.names[self.inputs[0].id, "out"] == "x"

    def noted(self) -> tuple[Noted, ...]:
        """The notes, each with the nodes it is about."""
        return tuple([(note, tuple(dict.fromkeys(ids))) for note, ids in self._notes.items()])

    def write(self) -> None:
        """Write all lines but the last."""
        for node in self._order:
            facts = self._found[node.id].facts
            if isinstance(node.kind, Output | BlockEnd) and not node.kind.outputs:
                self._result(node, facts)
            elif isinstance(node.kind, Input | BlockEnd):
                self._begin(node, facts)
            elif node.skipped:
                self.complete &= facts.known
            elif facts.code is None:
                self.complete = False
                for problem in self._found[node.id].problems[:1]:
                    self._say(node, f"# {plain(f'{node.name}: {problem.message}')}"[:100])
            elif isinstance(facts.code.make, BlockModule):
                self._use(node, facts, facts.code.make)
            else:
                self._layer(node, facts)
        if self._nested:
            places = {id: place for place, id in enumerate(self.graph.nodes)}
            self.results.sort(key=lambda result: places[result[0]])

    def end(self, wanted: tuple[bool, ...]) -> None:
        """Return the results of a block, with their axes as wanted."""
        names = []
        for i, (id, variable) in enumerate(self.results):
            shape = self._found[id].facts.inputs["x"][0]
            turned = wanted[i] and len(shape.dims) > 2 if wanted else id in self.turned_ends
            (self.turned_ends.add if turned else self.turned_ends.discard)(id)
            names.append(self._axes.stand(self.graph.nodes[id], variable, shape, turned))
        self.results = [(id, name) for (id, _), name in zip(self.results, names, strict=True)]
        self.parts.append((f"    return {', '.join(names)}", tuple([id for id, _ in self.results])))

    def ends_turned(self) -> tuple[bool, ...]:
        """How the axes of each result stand."""
        return tuple([id in self.turned_ends for id, _ in self.results])

    def entries_turned(self) -> tuple[bool, ...]:
        """How the axes of each argument have to stand."""
        return tuple([self._entries[node.id] for node in self.inputs])

    # ------------------------------------------------------------------ ends

    def _say(self, node: Node, text: str) -> None:
        self.parts.append((f"    {text}", (node.id,)))

    def _note(self, node: Node, note: Note) -> None:
        self._notes.setdefault(note, []).append(node.id)

    def _result(self, node: Node, facts: Facts) -> None:
        self.complete &= facts.known
        arrived = dict(self.values.arriving(node.id))
        for port in node.kind.ports():
            if facts.inputs.get(port.name):
                self.results.append((node.id, arrived[port.name]))
                if self._axes.turned.get(arrived[port.name]):
                    self.turned_ends.add(node.id)

    def _begin(self, node: Node, facts: Facts) -> None:
        self.complete &= facts.known
        variable = self.values.names[node.id, "out"]
        shape = facts.outputs.get("out")
        turned = shape is not None and len(shape.dims) > 2 and self._likes(node.id)
        self._axes.turned[variable] = self._entries[node.id] = turned
        if self._nested:
            return
        if turned:
            self.turned_ends.add(node.id)
        sizes = Value(shape, {}, turned).sizes if shape is not None else ()
        if turned:
            self._say(node, f"# channels last: N×{'×'.join(map(str, sizes))}")
        words = [f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"]
        if shape is not None and shape.dtype in DTYPES:
            words.append(f'dtype="{DTYPES[shape.dtype]}"')
        if not self.chained and len(self.inputs) > 1:
            words.append(f'name="{variable}"')
        second = "inputs = " if self.chained else ""
        self._say(node, f"{variable} = {second}keras.Input({', '.join(words)})")

    def _likes(self, id: str) -> bool:
        """Whether a value is best turned from the start, by the layers that it reaches unchanged."""
        for wire in self.graph.outgoing(id):
            target = self.graph.nodes[wire.target]
            found = self._found.get(wire.target)
            if found is None or wire.target not in self.graph.alive or found.facts.unused:
                continue
            if target.skipped:
                if self.graph.passed(wire.target) == wire and self._likes(wire.target):
                    return True
                continue
            if isinstance(found.facts.code and found.facts.code.make, BlockModule):
                _, body = self._file.block(found.facts.code.make.repetitions[0])  # type: ignore[union-attr]  # it is one
                place = [port.name for port in target.kind.ports()].index(wire.input)
                if body.entries_turned()[place]:
                    return True
                continue
            entry = entry_of(type(target.kind))
            wide = any(len(shape.dims) > 2 for shape in found.facts.outputs.values())
            if entry is not None and (
                entry.wants or (entry.wants is EITHER and entry.carries and wide and self._likes(wire.target))
            ):
                return True
        return False

    # ------------------------------------------------------------------ layers

    def _layer(self, node: Node, facts: Facts) -> None:
        entry = entry_of(type(node.kind))
        names = self._axes.gathered(node, facts, self.values.arriving(node.id), entry)
        outputs = {output: self.values.names.get((node.id, output), "_") for output in node.kind.outputs}
        try:
            form = self._form(node, self._axes.arrivals(node, facts, names))
        except Missing as missing:
            self.missing[node.id] = missing.message
            self._say(node, f"# {plain(f'{node.name}: {missing.message}')}"[:100])
            self._say(node, f'raise NotImplementedError("{plain(node.name)[:40]} has no Keras form")')
            self._axes.turned.update(dict.fromkeys(outputs.values(), False))
            return
        filling = _Filling(self._taken, {**outputs, **names})
        filling.update(self._made(node, facts, form))
        for line in form.lines:
            text = line.format_map(filling)
            left, _, right = text.partition(" = ")
            if left == right:
                text = f"# {plain(node.name)}: the axes stand so already"
            self._say(node, text)
        for variable in self._late:
            self._say(node, f"{variable}.trainable = False")
        self._late.clear()
        for output, variable in outputs.items():
            wide = len(facts.outputs[output].dims) > 2
            self._axes.turned[variable] = form.turned and wide
        for note in (*form.notes, *weight_notes(node.kind, node.name)):
            self._note(node, note)

    def _form(self, node: Node, arrivals: Sequence[Any]) -> Form:
        table = self._tables.get(self.attributes[node.id])
        if table is None or not isinstance(node.kind, Linear):
            return write(node.kind, *arrivals)
        if table not in self._held:
            raise Missing("the Embedding whose weights it shares comes after it")
        self._file.bring(TIED_DENSE)
        return tied(node.kind, self._held[table]["m"])

    def _made(self, node: Node, facts: Facts, form: Form) -> dict[str, str]:
        """What stands for each layer in the lines: the call that makes it, or the variable that holds it."""
        attribute = self.attributes[node.id]
        if attribute in self._held:
            return self._held[attribute]
        names = {key: f"{attribute}-{key}" if key else attribute for key in form.makes}
        found: dict[str, str] = {}
        for key, made in form.makes.items():
            name = f'f"{{name}}-{names[key]}"' if self._nested else f'"{names[key]}"'
            words = [f"name={name}"]
            if is_frozen(node.kind):
                words.append("trainable=False")
            text = made[:-1] + (", " if made[-2] != "(" else "") + ", ".join(words) + ")"
            placeholder = f"m_{key}" if key else "m"
            later = is_frozen(node.kind) and made.startswith(LATE)
            if later:
                text = text.replace(", trainable=False", "")
            if attribute in self._shared or later:
                variable = free(f"{attribute}_{key or 'layer'}", self._taken)
                self._taken.add(variable)
                self._say(node, f"{variable} = {text}")
                text = variable
                if later:
                    self._late.append(variable)
            found[placeholder] = text
        if attribute in self._shared:
            self._held[attribute] = found
        if form.weights is not None:
            self.copies.append(Copy(attribute, names, form.weights))
        return found

    # ------------------------------------------------------------------ blocks

    def _use(self, node: Node, facts: Facts, assembly: BlockModule) -> None:
        attribute, use = self.attributes[node.id], assembly.use
        ports = [port.name for port in node.kind.ports()]
        _, first = self._file.block(assembly.repetitions[0])
        wanted = first.entries_turned()
        wired = dict(self.values.arriving(node.id))
        current = [
            self._axes.stand(node, wired[port], facts.inputs[port][0], turned)
            for port, turned in zip(ports, wanted, strict=True)
        ]
        outputs = [self.values.names.get((node.id, output), "_") for output in node.kind.outputs]
        count = len(outputs)
        again = wanted[:count] if use.repeat > 1 else ()
        functions: list[str] = []
        body = first
        for place, turn in enumerate(assembly.repetitions):
            name, body = self._file.block(turn, again)
            functions.append(name)
            path = f"{attribute}.{place}" if use.repeat > 1 else attribute
            self._take(node, body, path)
        self.uses[node.id] = tuple(dict.fromkeys(functions))
        place = 0
        for name, run in groupby(functions):
            number = len(list(run))
            indent = ""
            path = f"{attribute}-{place}" if use.repeat > 1 else attribute
            if number > 1:
                if current[:count] != outputs:
                    self._say(node, f"{', '.join(outputs)} = {', '.join(current[:count])}")
                    current[:count] = outputs
                start = f"{place}, " if place else ""
                self._say(node, f"for i in range({start}{place + number}):")
                indent, path = "    ", f"{attribute}-{{i}}"
            said = f'f"{{name}}-{path}"' if self._nested else f'f"{path}"' if number > 1 else f'"{path}"'
            given = ", ".join([*current, said])
            self._say(node, f"{indent}{', '.join(outputs)} = {name}({given})")
            current[:count] = outputs
            place += number
        for variable, turned in zip(outputs, body.ends_turned(), strict=True):
            self._axes.turned[variable] = turned

    def _take(self, node: Node, body: KerasBody, path: str) -> None:
        """Take over what is known of the inside of a block."""
        self.copies += [copy.within(path) for copy in body.copies]
        self.complete &= body.complete
        for id, message in body.missing.items():
            text = Message("{name}: {message}", name=body.graph.nodes[id].name, message=message)
            self.missing.setdefault(node.id, text)
        for note in body._notes:
            self._note(node, note)


class _Filling(dict[str, Any]):
    """What stands in place of the placeholders. Those that nobody gave are variables of the layer's own."""

    def __init__(self, taken: set[str], given: Mapping[str, Any]) -> None:
        super().__init__(given)
        self._taken = taken

    def __missing__(self, key: str) -> str:
        self[key] = name = free(key, self._taken)
        return name


class File:
    """The functions of a file, those of blocks first. Blocks that come to the same lines share a function."""

    def __init__(self, name: str) -> None:
        self.pages: dict[str, BlockSource] = {}
        self._names = Names({*RESERVED, *OWN, name})
        self._lines = ["import keras", ""]
        self._blocks: dict[tuple[str, ...], str] = {}
        self._seen: dict[tuple[int, tuple[bool, ...]], tuple[str, KerasBody]] = {}

    def add(
        self, head: str, doc: str, parts: Iterable[CodeLine], arguments: Iterable[str] = ()
    ) -> tuple[dict[str, tuple[int, ...]], dict[int, str]]:
        """Write a function whose arguments are those nodes. Gives the lines of each node, and each line's
        node.
        """
        self._lines += ["", "", head, f'    """{doc}"""']
        lines: dict[str, tuple[int, ...]] = dict.fromkeys(arguments, (len(self._lines) - 1,))
        owners: dict[int, str] = {}
        for text, nodes in parts:
            first = len(self._lines) + 1
            self._lines += [text] if text.lstrip().startswith("#") else wrapped(text)
            for number in range(first, len(self._lines) + 1):
                for node in nodes:
                    owners.setdefault(number, node)
                    lines[node] = (*lines.get(node, ()), number)
        return lines, owners

    def bring(self, text: str) -> None:
        """Write a class that the functions after it need, once."""
        lines = text.splitlines()
        if lines[0] not in self._lines:
            self._lines += ["", "", *lines]

    def text(self) -> str:
        """The text of the file."""
        body = "\n".join(self._lines[2:])
        used = [name for name in ("layers", "ops") if f"{name}." in body]
        imports = f"from keras import {', '.join(used or ['layers'])}"
        return "\n".join([self._lines[0], imports, body]) + "\n"

    def block(self, turn: BlockResult, ends: tuple[bool, ...] = ()) -> tuple[str, KerasBody]:
        """The function of one time through a block, and its body; `ends` says how the axes of what comes out
        shall stand where they may not stand as they come.
        """
        key = (id(turn), ends)
        if key not in self._seen:
            self._seen[key] = self._written(turn, ends)
        return self._seen[key]

    def _written(self, turn: BlockResult, ends: tuple[bool, ...]) -> tuple[str, KerasBody]:
        block, graph = turn.use.block, turn.use.graph
        unused = [node for node in block.entries if node.id not in graph.alive]
        order = [*unused, *(graph.nodes[id] for id in graph.order if id in graph.alive)]
        body = KerasBody(self, graph, turn.results, order, block.entries, nested=True)
        body.write()
        body.end(ends)
        arguments = ", ".join([*(body.values.names[node.id, "out"] for node in block.entries), "name"])
        written = (arguments, *(text for text, _ in body.parts))
        name = self._blocks.get(written)
        if name is None:
            name = self._blocks[written] = self._names.give(identifier(block.name, "block"))
            doc = f"{plain(block.name)[:70]}. {counted(turn.parameters, 'parameter')}."
            entries = [node.id for node in block.entries]
            lines, _ = self.add(f"def {name}({arguments}):", doc, body.parts, entries)
            self.pages[name] = BlockSource(lines, body.attributes, body.uses)
        return name, body
