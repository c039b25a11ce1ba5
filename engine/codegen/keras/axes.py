"""How the axes of every value in a Keras function stand as its lines run, and the lines that turn them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.analysis.results import Facts
from engine.codegen.keras.forms.form import EITHER, PLAIN, Entry, Note, Value, call
from engine.kinds.identifiers import free
from engine.kinds.ports import Port
from engine.kinds.shapes import Shape
from engine.project.graph import Node


class Axes:
    """The axes of the values in one function. `turned` says of each variable whether its channels stand last.

    `say` writes a line and `note` takes a note, both for a node; `taken` are the names that are given away.
    """

    def __init__(
        self, taken: set[str], say: Callable[[Node, str], None], note: Callable[[Node, Note], None]
    ) -> None:
        self.turned: dict[str, bool] = {}
        self._stood: dict[tuple[str, bool], str] = {}  # variables that hold another one's value turned
        self._taken, self._say, self._note = taken, say, note

    def stand(self, node: Node, variable: str, shape: Shape, turned: bool, why: str = "") -> str:
        """The variable that holds a value with its axes as wanted; a line turns them where need be."""
        if len(shape.dims) < 3 or self.turned.get(variable, False) == turned:
            return variable
        if (variable, turned) in self._stood:
            return self._stood[variable, turned]
        last = len(shape.dims) - 1
        order = (*range(2, last + 1), 1) if turned else (last, *range(1, last))
        name = variable
        if variable != "x":
            name = free(f"{variable}_{'last' if turned else 'first'}", self._taken)
            self._taken.add(name)
            self._stood[variable, turned] = name
        self._say(node, f"# {why or ('channels last' if turned else 'channels first, as in PyTorch')}")
        self._say(node, f"{name} = {call('Permute', order)}({variable})")
        self.turned[name] = turned
        return name

    def gathered(
        self, node: Node, facts: Facts, wired: Sequence[tuple[str, str]], entry: Entry | None
    ) -> dict[str, Any]:
        """The variables at each port, with their axes as the layer wants them."""
        wants, why = PLAIN if entry is None else entry.wants, ""
        if entry is not None and entry.insists is not None and self.turned.get(wired[0][1]):
            reason = entry.insists(node.kind, Value(facts.inputs[wired[0][0]][0], {}, True))
            if reason is not None:
                wants, (why, note) = PLAIN, reason
                self._note(node, note)
        if wants is EITHER:
            ranks = {len(shape.dims) for shapes in facts.inputs.values() for shape in shapes}
            wants = len(ranks) == 1 and any(self.turned.get(variable) for _, variable in wired)
        found: dict[str, Any] = {}
        for port in node.kind.ports():
            names = [variable for input, variable in wired if input == port.name]
            shapes = facts.inputs.get(port.name, ())
            stood = [
                self.stand(node, variable, shape, wants, why)
                for variable, shape in zip(names, shapes, strict=True)
            ]
            found[port.name] = stood if port.many else stood[0] if stood else None
        return found

    def arrivals(self, node: Node, facts: Facts, names: Mapping[str, Any]) -> list[Any]:
        """What the form is handed for each port."""

        def value(port: Port, variable: str, shape: Shape) -> Value:
            return Value(shape, port.pattern.match(shape) or {}, self.turned.get(variable, False))

        arrivals: list[Any] = []
        for port in node.kind.ports():
            given, shapes = names[port.name], facts.inputs.get(port.name, ())
            if port.many:
                pairs = zip(given, shapes, strict=True)
                arrivals.append([value(port, variable, shape) for variable, shape in pairs])
            else:
                arrivals.append(None if given is None else value(port, given, shapes[0]))
        return arrivals
