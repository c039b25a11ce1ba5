"""What a node says: its lines of text, from the layer itself and from what is known about it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen
from PySide6.QtCore import QCoreApplication

from engine.analysis.problems import UNWIRED, WRONG_SHAPE
from engine.analysis.results import Analysis, Facts, Problem
from engine.data.schema import Schema
from engine.kinds import BlockEnd, Unknown
from engine.layers.dense import NOT_FLAT
from engine.layers.input_output import Input, Output
from engine.project.blocks import Use
from engine.project.graph import Node
from gui.text.words import exact, filled, words


@frozen
class NodeLabel:
    """The texts of a node. On a low node `name` is what stands after the title; it has no second line."""

    title: str
    name: str
    second: str = ""
    shape: str = ""
    count: str = ""
    problem: bool = False
    """Whether `shape` tells what is wanted instead of what comes out."""
    times: str = ""
    """How often a block is repeated."""


class Labels:
    """The labels of all nodes, each made again only when its node or what is known about it changed."""

    def __init__(self) -> None:
        self.version: object = object()
        """Another object after each change of what is known."""
        self._analysis: Analysis | None = None
        self._problems: dict[str, Problem] = {}
        self._made: dict[str, tuple[Node, Facts | None, Problem | None, NodeLabel]] = {}

    def know(self, analysis: Analysis | None) -> None:
        """Take over what is newly known."""
        if analysis is self._analysis:
            return
        self._analysis, self.version = analysis, object()
        self._problems = {}
        for problem in analysis.problems if analysis else ():
            if problem.level == "error" and problem.node:
                self._problems.setdefault(problem.node, problem)

    @property
    def nodes(self) -> Mapping[str, Facts]:
        """What is known about each node; nothing before the first analysis."""
        return self._analysis.nodes if self._analysis else {}

    @property
    def problems(self) -> Mapping[str, Problem]:
        """For each node that has one, what is wrong there first of all."""
        return self._problems

    def facts(self, id: str) -> Facts | None:
        """What is known about a node, or None."""
        return self.nodes.get(id)

    def problem(self, id: str) -> Problem | None:
        """What is wrong at a node first of all, or None."""
        return self._problems.get(id)

    def of(self, node: Node) -> NodeLabel:
        """What the node says."""
        facts, problem = self.facts(node.id), self._problems.get(node.id)
        made = self._made.get(node.id)
        if made is not None and made[0] is node and made[1] is facts and made[2] is problem:
            return made[3]
        label = _label(node, facts, problem, self._analysis.schema if self._analysis else None)
        self._made[node.id] = (node, facts, problem, label)
        return label

    def forget(self) -> None:
        """Make all labels anew, as in another language or for another document."""
        self._made.clear()


def own_name(node: Node) -> bool:
    """Whether a person named the node: `stem`, not `conv3`."""
    return re.fullmatch(re.escape(node.kind.stem) + r"\d*", node.name) is None


def _label(node: Node, facts: Facts | None, problem: Problem | None, schema: Schema | None) -> NodeLabel:
    kind = node.kind
    if problem is None and schema is not None and isinstance(kind, Input | Output):
        label = _end(node, kind, schema)
        if label is not None:
            return label
    if isinstance(kind, Unknown):
        return NodeLabel(
            kind.label(),
            node.name,
            words(kind.reason),
            QCoreApplication.translate("Canvas", "shape unknown"),
        )
    summary = kind.summary()
    if getattr(kind, "frozen", False):
        frozen = QCoreApplication.translate("Canvas", "frozen")
        summary = f"{summary}, {frozen}" if summary else frozen
    shape, count = "", ""
    if facts is not None:
        shape = next((str(one) for one in facts.outputs.values()), "")
        count = exact(facts.parameters) if facts.parameters else ""
    if problem is not None:
        shape, count = _wanted(problem), "?" if kind.tall else ""
    if isinstance(kind, BlockEnd):
        arrived = next((str(shapes[0]) for shapes in facts.inputs.values() if shapes), "") if facts else ""
        wanted = shape if problem is not None or kind.outputs else arrived
        hint = QCoreApplication.translate("engine", kind.hint)
        return NodeLabel(kind.label(), node.name, hint, wanted, "", problem is not None)
    if isinstance(kind, Use):
        name = node.name if own_name(node) else ""
        number = len(kind.block.layers)
        inside = filled(
            QCoreApplication.translate("Canvas", "{number} layer{number:|s} inside"), number=number
        )
        return NodeLabel(kind.label(), name, inside, shape, count, problem is not None, kind.in_a_row)
    if kind.tall:
        return NodeLabel(kind.label(), node.name, summary, shape, count, problem is not None)
    after = f"{node.name} {summary}" if own_name(node) and summary else summary
    return NodeLabel(
        kind.label(), after or (node.name if own_name(node) else ""), "", shape, "", problem is not None
    )


def _end(node: Node, kind: Input | Output, schema: Schema) -> NodeLabel | None:
    """What an Input says of its data, and an Output of what it judges. None where the column is not there."""
    translate = QCoreApplication.translate
    if isinstance(kind, Input):
        column = schema.columns.get(kind.column or schema.inputs[0])
        if column is None:
            return None
        samples = filled(translate("Canvas", "{number} sample{number:|s}"), number=schema.samples)
        return NodeLabel(kind.label(), node.name, column.doc or column.name, str(column.shaped), samples)
    target = schema.columns.get(kind.target or schema.target)
    if target is None:
        return None
    number = len(target.classes)
    aim = filled(translate("Canvas", "{number} class{number:|es}"), number=number) if number else target.name
    measures = kind.metrics or kind.loss.natural[:1]
    return NodeLabel(kind.label(), node.name, ", ".join([aim, *measures]), kind.loss.label().lower())


def _wanted(problem: Problem) -> str:
    if problem.name == UNWIRED.name:
        return QCoreApplication.translate("Canvas", "no wire")
    if problem.name in {WRONG_SHAPE.name, NOT_FLAT.name}:
        return QCoreApplication.translate("Canvas", "wants {shape}").format(shape=words(problem.expected))
    return ""
