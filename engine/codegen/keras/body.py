"""What stands in a Keras function: the lines of its layers, blocks and ends; and the file of such functions.

A block inside is a function of the same file, so the two call each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from engine.analysis.block_results import BlockModule, BlockResult
from engine.analysis.results import Facts, NodeResult
from engine.codegen.body import CodeLine
from engine.codegen.keras.axes import Axes
from engine.codegen.keras.forms.catalogue import write, writer_of
from engine.codegen.keras.forms.dense import TIED_DENSE, tied
from engine.codegen.keras.forms.form import EITHER, Arriving, KerasForm, Missing, Note, Value
from engine.codegen.keras.forms.training import weight_notes
from engine.codegen.keras.layer_calls import LayerCalls
from engine.codegen.keras.source import Noted, WeightCopy
from engine.codegen.names import attribute_names, plain
from engine.codegen.source import BlockSource
from engine.codegen.variables import Variables
from engine.codegen.wrap import wrapped
from engine.kinds import BlockEnd
from engine.kinds.identifiers import RESERVED, Names, free, identifier
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.message import Message, counted
from engine.project.graph import Graph, Node, Wire

OWN = frozenset({"keras", "layers", "ops", "TiedDense", "name", "inputs", "i"})
DTYPES = {"int": "int32", "bool": "bool", "complex": "complex64"}


class KerasBody:
    """The lines of one function: the network's own, or that of a block, whose layers are named by `name`."""

    def __init__(
        self,
        file: KerasFile,
        graph: Graph,
        results: Mapping[str, NodeResult],
        order: list[Node],
        inputs: Sequence[Node],
        nested: bool = False,
    ) -> None:
        self.graph, self.inputs = graph, inputs
        self.attributes = attribute_names(order, results)
        self.variables = Variables(graph, order, inputs, self.attributes, results, OWN)
        self.lines: list[CodeLine] = []
        self.returned: list[tuple[str, str]] = []
        """The ends that are reached, by their ids, and the variables that they return."""
        self.turned_ends: set[str] = set()
        self.missing: dict[str, Message] = {}
        self.uses: dict[str, tuple[str, ...]] = {}
        self.complete = True
        self._file, self._results, self._order, self._nested = file, results, order, nested
        self._taken = {*self.variables.taken}
        self._axes = Axes(self._taken, self._line, self._note)
        self._calls = LayerCalls(graph, results, order, self.attributes, self._taken, nested, self._line)
        self._turned_entries: dict[str, bool] = {}
        self._notes: dict[Note, list[str]] = {}

    @property
    def copies(self) -> list[WeightCopy]:
        """How the weights of the network's modules go into its layers."""
        return self._calls.copies

    @property
    def chained(self) -> bool:
        """Whether the only Input is the beginning of a chain, and so has `inputs` as a second name."""
        return len(self.inputs) == 1 and self.variables.names[self.inputs[0].id, "out"] == "x"

    def noted(self) -> tuple[Noted, ...]:
        """The notes, each with the nodes it is about."""
        return tuple([(note, tuple(dict.fromkeys(ids))) for note, ids in self._notes.items()])

    def write(self) -> None:
        """Write all lines but the last."""
        for node in self._order:
            result = self._results[node.id]
            facts = result.facts
            if isinstance(node.kind, Output | BlockEnd) and not node.kind.outputs:
                self._reach(node, facts)
            elif isinstance(node.kind, Input | BlockEnd):
                self._begin(node, facts)
            elif node.skipped:
                self.complete &= facts.known
            elif facts.code is None:
                self.complete = False
                for problem in result.problems[:1]:
                    self._line(node, f"# {plain(f'{node.name}: {problem.message}')}"[:100])
            elif isinstance(facts.code.make, BlockModule):
                self._use(node, facts, facts.code.make)
            else:
                self._layer(node, facts)
        if self._nested:
            places = {id: place for place, id in enumerate(self.graph.nodes)}
            self.returned.sort(key=lambda one: places[one[0]])

    def end(self, wanted: tuple[bool, ...]) -> None:
        """Return the results of a block, with their axes as wanted."""
        names = []
        for i, (id, variable) in enumerate(self.returned):
            shape = self._results[id].facts.inputs["x"][0]
            turned = wanted[i] and len(shape.dims) > 2 if wanted else id in self.turned_ends
            (self.turned_ends.add if turned else self.turned_ends.discard)(id)
            names.append(self._axes.stand(self.graph.nodes[id], variable, shape, turned))
        self.returned = [(id, name) for (id, _), name in zip(self.returned, names, strict=True)]
        self.lines.append((f"    return {', '.join(names)}", tuple([id for id, _ in self.returned])))

    def ends_turned(self) -> tuple[bool, ...]:
        """How the axes of each result stand."""
        return tuple([id in self.turned_ends for id, _ in self.returned])

    def entries_turned(self) -> tuple[bool, ...]:
        """How the axes of each argument have to stand."""
        return tuple([self._turned_entries[node.id] for node in self.inputs])

    def _line(self, node: Node, text: str) -> None:
        self.lines.append((f"    {text}", (node.id,)))

    def _note(self, node: Node, note: Note) -> None:
        self._notes.setdefault(note, []).append(node.id)

    # ------------------------------------------------------------------ ends

    def _reach(self, node: Node, facts: Facts) -> None:
        self.complete &= facts.known
        arrived = dict(self.variables.arriving(node.id))
        for port in node.kind.ports():
            if facts.inputs.get(port.name):
                self.returned.append((node.id, arrived[port.name]))
                if self._axes.turned.get(arrived[port.name]):
                    self.turned_ends.add(node.id)

    def _begin(self, node: Node, facts: Facts) -> None:
        self.complete &= facts.known
        variable = self.variables.names[node.id, "out"]
        shape = facts.outputs.get("out")
        turned = shape is not None and len(shape.dims) > 2 and self._better_turned(node.id)
        self._axes.turned[variable] = self._turned_entries[node.id] = turned
        if self._nested:  # an argument of the function, which needs no line
            return
        if turned:
            self.turned_ends.add(node.id)
        sizes = Value(shape, {}, turned).sizes if shape is not None else ()
        if turned:
            self._line(node, f"# channels last: N×{'×'.join(map(str, sizes))}")
        words = [f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"]
        if shape is not None and shape.dtype in DTYPES:
            words.append(f'dtype="{DTYPES[shape.dtype]}"')
        if not self.chained and len(self.inputs) > 1:
            words.append(f'name="{variable}"')
        second = "inputs = " if self.chained else ""
        self._line(node, f"{variable} = {second}keras.Input({', '.join(words)})")

    def _better_turned(self, id: str) -> bool:
        """Whether a value is best turned from the start, by the layers that it reaches unchanged."""
        return any(self._wants_turned(wire) for wire in self.graph.outgoing(id))

    def _wants_turned(self, wire: Wire) -> bool:
        """Whether what a wire leads to works on turned axes, or hands them on to what does."""
        target = self.graph.nodes[wire.target]
        result = self._results.get(wire.target)
        if result is None or wire.target not in self.graph.alive or result.facts.unused:
            return False
        if target.skipped:
            return self.graph.passed(wire.target) == wire and self._better_turned(wire.target)
        code = result.facts.code
        if code is not None and isinstance(code.make, BlockModule):
            _, body = self._file.block(code.make.repetitions[0])
            place = [port.name for port in target.kind.ports()].index(wire.input)
            return body.entries_turned()[place]
        writer = writer_of(type(target.kind))
        if writer is None:
            return False
        if writer.wants is not EITHER:
            return writer.wants
        wide = any(len(shape.dims) > 2 for shape in result.facts.outputs.values())
        return writer.carries and wide and self._better_turned(wire.target)

    # ------------------------------------------------------------------ layers

    def _layer(self, node: Node, facts: Facts) -> None:
        writer = writer_of(type(node.kind))
        names = self._axes.gathered(node, facts, self.variables.arriving(node.id), writer)
        outputs = {output: self.variables.names.get((node.id, output), "_") for output in node.kind.outputs}
        try:
            form = self._form(node, self._axes.arrivals(node, facts, names))
        except Missing as missing:
            self.missing[node.id] = missing.message
            self._line(node, f"# {plain(f'{node.name}: {missing.message}')}"[:100])
            self._line(node, f'raise NotImplementedError("{plain(node.name)[:40]} has no Keras form")')
            self._axes.turned.update(dict.fromkeys(outputs.values(), False))
            return
        filling = _Filling(self._taken, {**outputs, **names})
        filling.update(self._calls.filling(node, form))
        for line in form.lines:
            text = line.format_map(filling)
            left, _, right = text.partition(" = ")
            if left == right:
                text = f"# {plain(node.name)}: the axes stand so already"
            self._line(node, text)
        self._calls.freeze_late(node)
        for output, variable in outputs.items():
            wide = len(facts.outputs[output].dims) > 2
            self._axes.turned[variable] = form.turned and wide
        for note in (*form.notes, *weight_notes(node.kind, node.name)):
            self._note(node, note)

    def _form(self, node: Node, arrivals: Sequence[Arriving]) -> KerasForm:
        table = self._calls.table(node)
        if table is None or not isinstance(node.kind, Linear):
            return write(node.kind, *arrivals)
        self._file.bring(TIED_DENSE)
        return tied(node.kind, table)

    # ------------------------------------------------------------------ blocks

    def _use(self, node: Node, facts: Facts, block: BlockModule) -> None:
        """Call the function of each repetition of a block, equal ones one after the other in a loop."""
        attribute, repeated = self.attributes[node.id], block.use.repeat > 1
        _, first = self._file.block(block.repetitions[0])
        wanted = first.entries_turned()
        wired = dict(self.variables.arriving(node.id))
        arguments = [
            self._axes.stand(node, wired[port.name], facts.inputs[port.name][0], turned)
            for port, turned in zip(node.kind.ports(), wanted, strict=True)
        ]
        outputs = [self.variables.names.get((node.id, output), "_") for output in node.kind.outputs]
        # What comes out of a repetition goes into the next, so its axes have to stand as that wants them.
        again = wanted[: len(outputs)] if repeated else ()
        functions: list[str] = []
        body = first
        for number, repetition in enumerate(block.repetitions):
            name, body = self._file.block(repetition, again)
            functions.append(name)
            self._take_over(node, body, f"{attribute}.{number}" if repeated else attribute)
        self.uses[node.id] = tuple(dict.fromkeys(functions))
        number = 0
        for name, group in groupby(functions):
            times = len(list(group))
            path = f"{attribute}-{number}" if repeated else attribute
            self._call(node, name, arguments, outputs, path if times == 1 else attribute, number, times)
            arguments[: len(outputs)] = outputs
            number += times
        for variable, turned in zip(outputs, body.ends_turned(), strict=True):
            self._axes.turned[variable] = turned

    def _call(
        self,
        node: Node,
        function: str,
        arguments: list[str],
        outputs: list[str],
        path: str,
        first: int,
        times: int,
    ) -> None:
        """Call the function of a block so many `times`, from the repetition `first`, with the `path` by which
        its layers are named.
        """
        count = len(outputs)
        left = ", ".join(outputs)
        if times == 1:
            named = f'f"{{name}}-{path}"' if self._nested else f'"{path}"'
            self._line(node, f"{left} = {function}({', '.join([*arguments, named])})")
            return
        if arguments[:count] != outputs:  # the loop reads what it writes
            self._line(node, f"{left} = {', '.join(arguments[:count])}")
        self._line(node, f"for i in range({f'{first}, ' if first else ''}{first + times}):")
        named = f'f"{{name}}-{path}-{{i}}"' if self._nested else f'f"{path}-{{i}}"'
        self._line(node, f"    {left} = {function}({', '.join([*outputs, *arguments[count:], named])})")

    def _take_over(self, node: Node, body: KerasBody, path: str) -> None:
        """Take over what is known of the inside of a block."""
        self._calls.copies.extend(copy.within(path) for copy in body.copies)
        self.complete &= body.complete
        for id, message in body.missing.items():
            text = Message("{name}: {message}", name=body.graph.nodes[id].name, message=message)
            self.missing.setdefault(node.id, text)
        for note in body._notes:
            self._note(node, note)


class _Filling(dict[str, object]):
    """What stands in place of the placeholders. Those that nobody gave are variables of the layer's own."""

    def __init__(self, taken: set[str], given: Mapping[str, object]) -> None:
        super().__init__(given)
        self._taken = taken

    def __missing__(self, key: str) -> str:
        self[key] = name = free(key, self._taken)
        return name


class KerasFile:
    """The functions of a file, those of blocks first. Blocks that come to the same lines share a function."""

    def __init__(self, name: str) -> None:
        self.blocks: dict[str, BlockSource] = {}
        self._names = Names({*RESERVED, *OWN, name})
        self._lines = ["import keras", ""]
        self._functions: dict[tuple[str, ...], str] = {}
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

    def block(self, repetition: BlockResult, ends: tuple[bool, ...] = ()) -> tuple[str, KerasBody]:
        """The function of one repetition of a block, and its body; `ends` says how the axes of what comes out
        shall stand where they may not stand as they come.
        """
        key = (id(repetition), ends)
        if key not in self._seen:
            self._seen[key] = self._write_block(repetition, ends)
        return self._seen[key]

    def _write_block(self, repetition: BlockResult, ends: tuple[bool, ...]) -> tuple[str, KerasBody]:
        block, graph = repetition.use.block, repetition.use.graph
        idle = [node for node in block.entries if node.id not in graph.alive]
        order = [*idle, *(graph.nodes[id] for id in graph.order if id in graph.alive)]
        body = KerasBody(self, graph, repetition.results, order, block.entries, nested=True)
        body.write()
        body.end(ends)
        arguments = ", ".join([*(body.variables.names[node.id, "out"] for node in block.entries), "name"])
        written = (arguments, *(text for text, _ in body.lines))
        name = self._functions.get(written)
        if name is None:
            name = self._functions[written] = self._names.give(identifier(block.name, "block"))
            doc = f"{plain(block.name)[:70]}. {counted(repetition.parameters, 'parameter')}."
            entries = [node.id for node in block.entries]
            lines, _ = self.add(f"def {name}({arguments}):", doc, body.lines, entries)
            self.blocks[name] = BlockSource(lines, body.attributes, body.uses)
        return name, body
