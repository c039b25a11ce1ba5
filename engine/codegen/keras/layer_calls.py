"""The calls that make the layers of a Keras function, each where it is used or in a variable before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.analysis.results import NodeResult
from engine.codegen.keras.forms.form import KerasForm, Missing
from engine.codegen.keras.forms.training import frozen as is_frozen
from engine.codegen.keras.source import WeightCopy
from engine.kinds.identifiers import free
from engine.layers.dense import Linear
from engine.project.graph import Graph, Node

LATE = ("layers.MultiHeadAttention", "layers.Bidirectional")
"""They do not tell their parts to be left alone by training unless they are told so after they are called."""


class LayerCalls:
    """The calls in one function. A layer that several nodes use is made once and kept in a variable.

    `line` writes a line for a node; `taken` are the names that are given away; in a `nested` function the
    names of layers begin with that of the function's caller.
    """

    def __init__(
        self,
        graph: Graph,
        results: Mapping[str, NodeResult],
        order: list[Node],
        attributes: Mapping[str, str],
        taken: set[str],
        nested: bool,
        line: Callable[[Node, str], None],
    ) -> None:
        self.copies: list[WeightCopy] = []
        self._attributes, self._taken, self._nested, self._line = attributes, taken, nested, line
        self._variables: dict[str, dict[str, str]] = {}  # of the layers that were made to be used again
        self._frozen_late: list[str] = []
        self._used_again: set[str] = set()
        self._tables: dict[str, str] = {}  # the Embedding whose table a Linear uses, both by attribute
        for node in order:
            owner = graph.nodes.get(results[node.id].facts.shares)
            if owner is None or owner.id not in attributes:
                continue
            if attributes[node.id] == attributes[owner.id]:
                self._used_again.add(attributes[owner.id])
            else:
                table, user = sorted((node, owner), key=lambda one: type(one.kind) is Linear)
                self._tables[attributes[user.id]] = attributes[table.id]
        self._used_again.update(self._tables.values())

    def table(self, node: Node) -> str | None:
        """The variable of the Embedding whose table a Linear layer uses, None where it has one of its own.
        Raises `Missing` where the Embedding is not made yet.
        """
        table = self._tables.get(self._attributes[node.id])
        if table is None or not isinstance(node.kind, Linear):
            return None
        if table not in self._variables:
            raise Missing("the Embedding whose weights it shares comes after it")
        return self._variables[table]["m"]

    def filling(self, node: Node, form: KerasForm) -> dict[str, str]:
        """What stands for each layer in the lines: the call that makes it, or the variable that holds it."""
        attribute = self._attributes[node.id]
        if attribute in self._variables:
            return self._variables[attribute]
        names = {key: f"{attribute}-{key}" if key else attribute for key in form.makes}
        filling: dict[str, str] = {}
        for key, made in form.makes.items():
            late = is_frozen(node.kind) and made.startswith(LATE)
            name = f'f"{{name}}-{names[key]}"' if self._nested else f'"{names[key]}"'
            words = [f"name={name}", *(["trainable=False"] if is_frozen(node.kind) and not late else [])]
            call = made[:-1] + (", " if made[-2] != "(" else "") + ", ".join(words) + ")"
            if attribute in self._used_again or late:
                variable = free(f"{attribute}_{key or 'layer'}", self._taken)
                self._taken.add(variable)
                self._line(node, f"{variable} = {call}")
                call = variable
                if late:
                    self._frozen_late.append(variable)
            filling[f"m_{key}" if key else "m"] = call
        if attribute in self._used_again:
            self._variables[attribute] = filling
        if form.weights is not None:
            self.copies.append(WeightCopy(attribute, names, form.weights))
        return filling

    def freeze_late(self, node: Node) -> None:
        """Freeze the layers that can only be frozen once they were called."""
        for variable in self._frozen_late:
            self._line(node, f"{variable}.trainable = False")
        self._frozen_late.clear()
