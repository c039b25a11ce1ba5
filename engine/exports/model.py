"""A trained network as an export needs it: the module with its kept weights, what goes in and comes out, and
real samples.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from attrs import frozen
from torch import Tensor, nn

from engine.analysis.check import check
from engine.analysis.results import Analysis
from engine.codegen.build import build
from engine.codegen.source import SourceCode
from engine.data.kept import about_gone, made_up
from engine.data.prepare import Prepared
from engine.data.scale import Scaler
from engine.data.schema import Column
from engine.exports.proof import ROWS, Batch
from engine.files.versions import versions
from engine.kinds.identifiers import identifier
from engine.kinds.shapes import Shape
from engine.losses.loss import Loss
from engine.message import Message, Trouble
from engine.project.graph import Graph
from engine.project.project import Project
from engine.runs.record import Record

FORMAT = 1
TRACED = 3  # samples in the batch that is traced: with one, the batch would be fixed to one


@frozen
class End:
    """An input or an output: its name in the file, the data column it belongs to, and its shape.

    `task` says what an output means: "classes" (one score each, along the axis after the batch), "binary"
    (yes above 0), "numbers" (scaled as the column is) or "log" (their logarithm); it is empty for an input.
    """

    name: str
    column: Column
    shape: Shape
    scaler: Scaler | None
    task: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes in the order of the scores, or none where the scores do not stand for
        them.
        """
        names = self.column.classes
        if self.task == "classes" and len(self.shape.dims) > 1 and self.shape.dims[1] == len(names):
            return names
        return names if self.task == "binary" and len(names) == 2 else ()

    def json(self) -> dict[str, Any]:
        """The end as plain JSON."""
        facts: dict[str, Any] = {"name": self.name, "column": self.column.name, "shape": self.shape.json()}
        if not self.task:
            facts["dtype"] = "int64" if self.shape.dtype == "int" else "float32"
        else:
            facts["meaning"] = MEANINGS[self.task]
        if self.column.unit:
            facts["unit"] = self.column.unit
        if self.column.names:
            facts["features"] = list(self.column.names)
        if self.classes and self.task:
            facts["classes"] = list(self.classes)
        return facts


MEANINGS = {
    "classes": "one score for each class; the largest is the answer, softmax gives probabilities",
    "binary": "a score, yes above 0; sigmoid gives the probability",
    "sequence": "a score for each step and class; the likeliest of each step, without repeats and blanks",
    "wire": "the value itself",
    "log": "value in the column's own units = e to the power of the output",
    "numbers": "value in the column's own units = output * size + offset, by the column's preprocessing",
}


@frozen(slots=False, eq=False)
class Model:
    """A trained network, ready to be written. The module is on the processor and in evaluation mode."""

    project: Project
    analysis: Analysis
    source: SourceCode
    module: nn.Module
    inputs: tuple[End, ...]
    outputs: tuple[End, ...]
    samples: Batch
    """Samples of the validation part, scaled: ROWS×… for each Input. Random ones where the data is gone."""
    prepared: Prepared
    """The data as the run knows it."""

    @cached_property
    def state(self) -> dict[str, Tensor]:
        """The weights by name, each in memory of its own."""
        return {
            name: tensor.detach().clone().contiguous() for name, tensor in self.module.state_dict().items()
        }

    @property
    def caution(self) -> Message | None:
        """What whoever uses the file must know beside its form: that a batch norm, wherever in the network it
        stands, has no statistics of its own, or that there were no samples to compare on.
        """
        gone = about_gone(self.prepared)
        norm = self._about_norms()
        if gone is None or norm is None:
            return gone or norm
        return Message("{gone} {norm}", gone=gone, norm=norm)

    def _about_norms(self) -> Message | None:
        norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
        if all(one.running_mean is not None for one in self.module.modules() if isinstance(one, norms)):
            return None
        return Message(
            "What it answers for a sample depends on the samples that come with it: a batch norm remembers "
            "no mean and variance. Turn its track running stats on and train again where that is not meant."
        )

    def live(self, batch: Batch) -> Batch:
        """What the network itself answers to N samples, N×… for each output."""
        return run(self.module, batch)

    def blank(self) -> tuple[Tensor, ...]:
        """Zeros to trace with, TRACED×… for each Input, so that no sample of the data ends up in a file."""
        return tuple(torch.zeros(end.shape.at(TRACED), dtype=dtype_of(end.shape)) for end in self.inputs)

    def facts(self) -> dict[str, Any]:
        """What one must know to use the file, as plain JSON: what goes in, what comes out, how data is
        scaled.
        """
        ends = (*self.inputs, *self.outputs)
        return {
            "format": FORMAT,
            "made_by": f"Layerloom {version()}",
            "name": self.project.graph.name,
            "inputs": [end.json() for end in self.inputs],
            "outputs": [end.json() for end in self.outputs],
            "preprocessing": {
                "rule": "input = (value - offset) / size",
                **{end.column.name: end.scaler.json() for end in ends if end.scaler is not None},
            },
            **self._encoding(),
        }

    def _encoding(self) -> dict[str, Any]:
        """How what stands in a person's files becomes the numbers that are scaled."""
        if not self.prepared.encoders:
            return {}
        wanted = {end.column.name for end in (*self.inputs, *self.outputs)}
        return {
            "encoders": {
                name: [one.json() for one in several]
                for name, several in self.prepared.encoders.items()
                if name in wanted
            }
        }


def run(module: nn.Module, batch: Batch) -> Batch:
    """A module's outputs for N samples: from an array N×… for each Input to an array N×… for each output."""
    with torch.no_grad():
        outputs = module(*(torch.tensor(column) for column in batch))
    return tuple(one.numpy() for one in (outputs if isinstance(outputs, tuple) else (outputs,)))


def dtype_of(shape: Shape) -> torch.dtype:
    """The type of numbers that a wire of that shape carries."""
    types = {"float": torch.float32, "int": torch.int64, "bool": torch.bool, "complex": torch.complex64}
    return types[shape.dtype]


def read(record: Record) -> Model:
    """The network of a run with its kept weights. Raises `Trouble` where it has none, or none that can be
    used.
    """
    project = record.project
    if not record.weighted:
        raise Trouble("The run has no weights: it ended before any were kept. Train the network again.")
    module = record.module().requires_grad_(False)
    state = module.state_dict().values()
    if not all(bool(tensor.isfinite().all()) for tensor in state if tensor.is_floating_point()):
        raise Trouble("The run's weights hold numbers that are not finite. Train the network again.")
    analysis = check(project)
    with torch.device("meta"):  # only to learn which columns go in and come out
        built = build(project, analysis=analysis, to_train=False)
    prepared = record.prepared
    part = prepared.validation
    rows = np.resize(np.arange(len(part)), ROWS) if len(part) < ROWS else np.arange(ROWS)
    names: set[str] = set()
    nodes, facts = project.graph.nodes, analysis.nodes

    def end(id: str, column: str, shape: Shape, loss: Loss | None = None) -> End:
        known = prepared.schema.columns[column]
        scaled = loss is None or (loss.task == "numbers" and loss.of == "numbers")
        scaler = prepared.scalers.get(column) if scaled else None
        meaning = "" if loss is None else "log" if loss.link == "log" else loss.task
        return End(_new_name(nodes[id].name, names), known, shape, scaler, meaning)

    inputs = [
        end(id, column, facts[id].outputs["out"])
        for id, column in zip(built.source.inputs, built.inputs, strict=True)
    ]
    outputs = [
        end(id, column, facts[id].inputs[port][0], nodes[id].kind.loss)  # type: ignore[attr-defined]  # an Output
        for (id, port), column in zip(_ports(built.source.outputs, project.graph), built.targets, strict=True)
    ]
    columns = part.batch(rows) if prepared.gone is None else made_up(prepared, ROWS)
    samples = tuple(columns[column] for column in built.inputs)
    return Model(project, analysis, built.source, module, tuple(inputs), tuple(outputs), samples, prepared)


def _ports(outputs: Sequence[str], graph: Graph) -> list[tuple[str, str]]:
    """The port behind every result, for Outputs that compare several wires."""
    return [(id, port.name) for id in dict.fromkeys(outputs) for port in graph.used_ports(id)]


def as_json(value: object) -> str:
    """Compact JSON that is the same for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def version() -> str:
    """The version of the program that writes."""
    return versions()["layerloom"]  # asked anew, Python keeps a list of the current folder for each answer


def answers(module: nn.Module, batches: Sequence[Batch]) -> list[Batch]:
    """A module's answers to several batches, as `run` gives them."""
    return [run(module, batch) for batch in batches]


def _new_name(wanted: str, taken: set[str]) -> str:
    plain = identifier(wanted, "value")
    name, i = plain, 2
    while name in taken:
        name, i = f"{plain}_{i}", i + 1
    taken.add(name)
    return name
