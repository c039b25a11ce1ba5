"""What the engine knows as plain JSON for other programs: an analysis, the data sets, templates, the runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.analysis.results import Analysis, Problem
from engine.cli.describe_kinds import kind
from engine.data.own.file_source import sets
from engine.data.schema import Column
from engine.repairs.propose import propose_each
from engine.repairs.repair import Repair, to_json
from engine.runs.record import Record
from engine.templates import Template


def analysis(result: Analysis) -> dict[str, Any]:
    """Sums, nodes in the order of the data, and problems with their repairs. Shapes are lists with "N"."""
    graph = result.project.graph
    return {
        "name": graph.name,
        "trainable": result.trainable,
        "parameters": result.parameters,
        "macs": result.macs,
        **({} if result.counted else {"at_least": ["macs"] if result.sized else ["parameters", "macs"]}),
        "activation_bytes": result.activation_bytes,
        "nodes": [_node(result, id) for id in graph.order],
        "problems": [_problem(result, *found) for found in propose_each(result.problems)],
    }


def _node(analysis: Analysis, id: str) -> dict[str, Any]:
    facts, node = analysis.nodes[id], analysis.project.graph.nodes[id]
    return {
        "id": id,
        "name": node.name,
        "kind": getattr(node.kind, "kind_name", type(node.kind).__name__),
        **({"block": node.kind.label()} if node.kind.blocks else {}),
        **({"shares": node.shares} if node.shares else {}),
        "inputs": {port: [shape.json() for shape in shapes] for port, shapes in facts.inputs.items()},
        "outputs": {name: shape.json() for name, shape in facts.outputs.items()},
        "parameters": facts.parameters,
        "macs": None if facts.uncounted else facts.macs,
        "known": facts.known,
        "left_out": facts.unused,
    }


def _problem(analysis: Analysis, problem: Problem, repairs: tuple[Repair, ...] | None) -> dict[str, Any]:
    """A problem with its repairs; null in their place where none were sought."""
    node = analysis.project.graph.nodes.get(problem.node)
    return {
        "node": problem.node or None,
        **({"path": list(problem.path)} if problem.inner else {}),
        "node_name": node.name if node else None,
        "name": problem.name,
        "level": problem.level,
        "message": str(problem.message),
        "expected": str(problem.expected),
        "received": str(problem.received),
        "why": str(problem.why),
        "repairs": None if repairs is None else list(to_json(repairs)),
    }


def datasets() -> list[dict[str, Any]]:
    """Every data set that is built in, with its columns."""
    entries = []
    for cls in sets().values():
        schema = cls().schema()
        entries.append(
            {
                **kind(cls),
                "title": cls.label(),
                "samples": schema.samples,
                "inputs": list(schema.inputs),
                "target": schema.target,
                "columns": [_column(column) for column in schema.columns.values()],
            }
        )
    return entries


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "shape": column.shaped.json(),
        "numbers": column.dtype,
        "doc": column.doc,
        **({"classes": list(column.classes)} if column.classes else {}),
        **({"unit": column.unit} if column.unit else {}),
    }


def templates(chosen: Iterable[Template]) -> list[dict[str, Any]]:
    """Templates with their facts, what they reached and, where they are famous, the year."""
    return [
        {
            "id": one.id,
            "title": one.title,
            "line": one.line,
            "data": one.data_label,
            **one.facts,
            "reached": one.reached or None,
            "year": one.year or None,
        }
        for one in chosen
    ]


def runs(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Runs with where they are and what they reached."""
    return [
        {
            "number": record.number,
            "title": record.title,
            "state": record.state,
            "folder": str(record.folder),
            "started": record.data.get("started"),
            "metrics": record.metrics,
            "problem": str(record.problem) if record.problem else None,
        }
        for record in records
    ]
