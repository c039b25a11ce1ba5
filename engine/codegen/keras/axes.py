"""How the axes of every value in a Keras function stand as its lines run, and the lines that turn them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.analysis.results import Facts
from engine.codegen.keras.forms.form import EITHER, PLAIN, Arriving, Note, Value, Writer, call
from engine.kinds.identifiers import free
from engine.kinds.ports import Port
from engine.kinds.shapes import Shape
from engine.project.graph import Node

Names = Mapping[str, str | list[str] | None]
"""The variables at each port: several at a many-port, None where no wire leads."""


class Axes:
    """The axes of the values in one function. `turned` says of each variable whether its channels stand last.

    `line` writes a line and `note` takes a note, both for a node; `taken` are the names that are given away.
    """

    def __init__(
        self, taken: set[str], line: Callable[[Node, str], None], note: Callable[[Node, Note], None]
    ) -> None:
        self.turned: dict[str, bool] = {}
        self._turns: dict[tuple[str, bool], str] = {}  # variables that hold another one's value turned
        self._taken, self._line, self._note = taken, line, note

    def stand(self, node: Node, variable: str, shape: Shape, turned: bool, why: str = "") -> str:
        """The variable that holds a value with its axes as wanted; a line turns them where need be."""
        if len(shape.dims) < 3 or self.turned.get(variable, False) == turned:
            return variable
        if (variable, turned) in self._turns:
            return self._turns[variable, turned]
        last = len(shape.dims) - 1
        order = (*range(2, last + 1), 1) if turned else (last, *range(1, last))
        name = variable
        if variable != "x":  # another line may want it as it stands
            name = free(f"{variable}_{'last' if turned else 'first'}", self._taken)
            self._taken.add(name)
            self._turns[variable, turned] = name
        self._line(node, f"# {why or ('channels last' if turned else 'channels first, as in PyTorch')}")
        self._line(node, f"{name} = {call('Permute', order)}({variable})")
        self.turned[name] = turned
        return name

    def gathered(
        self, node: Node, facts: Facts, wired: Sequence[tuple[str, str]], writer: Writer | None
    ) -> Names:
        """The variables at each port, with their axes as the layer wants them."""
        wants, why = PLAIN if writer is None else writer.wants, ""
        if writer is not None and writer.insists is not None and self.turned.get(wired[0][1]):
            reason = writer.insists(node.kind, Value(facts.inputs[wired[0][0]][0], {}, True))
            if reason is not None:
                wants, (why, note) = PLAIN, reason
                self._note(node, note)
        if wants is EITHER:  # as most of them stand already, if turning means the same for all
            ranks = {len(shape.dims) for shapes in facts.inputs.values() for shape in shapes}
            wants = len(ranks) == 1 and any(self.turned.get(variable) for _, variable in wired)
        gathered: dict[str, str | list[str] | None] = {}
        for port in node.kind.ports():
            variables = [variable for input, variable in wired if input == port.name]
            shapes = facts.inputs.get(port.name, ())
            stood = [
                self.stand(node, variable, shape, wants, why)
                for variable, shape in zip(variables, shapes, strict=True)
            ]
            gathered[port.name] = stood if port.many else stood[0] if stood else None
        return gathered

    def arrivals(self, node: Node, facts: Facts, names: Names) -> list[Arriving]:
        """What the form is handed for each port."""
        return [
            self._arriving(port, names[port.name], facts.inputs.get(port.name, ()))
            for port in node.kind.ports()
        ]

    def _arriving(self, port: Port, variables: str | list[str] | None, shapes: Sequence[Shape]) -> Arriving:
        if variables is None:
            return None
        if isinstance(variables, str):
            return self._value(port, variables, shapes[0])
        return [self._value(port, one, shape) for one, shape in zip(variables, shapes, strict=True)]

    def _value(self, port: Port, variable: str, shape: Shape) -> Value:
        return Value(shape, port.pattern.match(shape) or {}, self.turned.get(variable, False))
