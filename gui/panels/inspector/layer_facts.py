"""What the inspector knows of a layer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from engine import kinds
from engine.analysis.measure import incoming
from engine.kinds import Layer, Param
from engine.kinds.unreadable import InvalidLayer
from engine.layers.input_output import Input, Output
from engine.project.blocks import Use
from engine.project.graph import Node
from gui.forms.fields import Context
from gui.text.words import exact, filled

if TYPE_CHECKING:
    from engine.analysis.results import Analysis, Facts

_OF = {"groups": ("C", 0), "heads": ("F", 0)}
"""Settings that split a size of what arrives: the size's name in the pattern, and the place of the port."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("inspector", text)


def arrivals(kind: Layer, facts: Facts) -> tuple[Any, ...]:
    """What a layer's own functions are handed: an `Incoming` for each port."""
    incomings = []
    for port in kind.ports():
        shapes = facts.inputs.get(port.name, ())
        incomings.append(incoming(port, shapes if port.many else shapes[0] if shapes else None))
    return tuple(incomings)


def shared_settings(nodes: Iterable[Node]) -> frozenset[str]:
    """The settings that all these layers have with the same form."""
    shared: dict[str, Param] | None = None
    for node in nodes:
        mine = {p.name: p for p in kinds.params(node.kind)}
        if shared is None:
            shared = mine
        else:
            shared = {n: p for n, p in shared.items() if n in mine and mine[n].type == p.type}
    return frozenset(shared or ())


def form_context(node: Node, analysis: Analysis | None) -> Context:
    """What the form of a layer is told: the data's columns, and sizes its settings split."""
    schema = analysis.schema if analysis is not None else None
    notes: dict[str, str] = {}
    facts = analysis.nodes.get(node.id) if analysis is not None else None
    for param in kinds.params(node.kind):
        if param.name in _OF and facts is not None and facts.known:
            size, place = _OF[param.name]
            arrived = arrivals(node.kind, facts)[place]
            number = getattr(arrived, size, None)
            if number is not None:
                notes[param.name] = _tr("of {number}").format(number=exact(number))
    return Context(schema, notes=notes)


def column_lines(kind: Input | Output, analysis: Analysis | None) -> list[str]:
    """What the column of an Input or Output holds."""
    schema = analysis.schema if analysis is not None else None
    if schema is None:
        return []
    name = (kind.column or schema.inputs[0]) if isinstance(kind, Input) else (kind.target or schema.target)
    column = schema.columns.get(name)
    if column is None:
        return []
    facts = [f"{column.name}: {column.doc}" if column.doc else column.name]
    if column.shape:
        facts.append(str(column.shaped))
    if column.classes:
        facts.append(filled(_tr("{number} class{number:|es}"), number=len(column.classes)))
    if column.unit:
        facts.append(column.unit)
    facts.append(filled(_tr("{number} sample{number:|s}"), number=schema.samples))
    lines = [", ".join(facts) + "."]
    if isinstance(kind, Output) and not kind.metrics:
        natural = ", ".join(kind.loss.natural)
        lines.append(_tr("No metric is chosen, so these are measured: {names}.").format(names=natural))
    return lines


def kind_key(kind: Layer) -> object:
    """What layers have in common that one form can show: their class, or their block."""
    if isinstance(kind, InvalidLayer):
        return InvalidLayer, type(kind.meant)
    if not isinstance(kind, Use):
        return type(kind)
    settings = tuple((p.name, p.label, repr(p.type)) for p in kinds.params(kind))
    return Use, kind.block.name, settings


def escaped(text: str) -> str:
    """A text as the template of a message without values."""
    return text.replace("{", "{{").replace("}", "}}")
