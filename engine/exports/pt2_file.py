"""A program of PyTorch's own, without source. Opened again with `torch.export.load`."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from engine.exports.model import Model, answers, as_json
from engine.exports.proof import Batch, Reopened
from engine.exports.trace import silenced, traced

FACTS = "layerloom.json"  # read it with extra_files={"layerloom.json": ""}


def write(model: Model, folder: Path, name: str) -> None:
    """Write the file: any batch size, with what goes in and comes out as an extra file in it."""
    program = traced(model.module, model.blank())
    buffer = io.BytesIO()
    with silenced():
        torch.export.save(program, buffer, extra_files={FACTS: as_json(model.facts())})
    (folder / name).write_bytes(buffer.getvalue())


def reopen(model: Model, folder: Path, name: str) -> Reopened:
    """The file in PyTorch, without the source it came from."""
    with silenced():
        module = torch.export.load(folder / name).module()

    def run(batches: Sequence[Batch]) -> list[Batch]:
        return answers(module, batches)

    return Reopened(f"torch.export {torch.__version__}", run, timed=True)


def attempt(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    """Trace a single layer with zeros, TRACED×… for each wire, and save it."""
    with silenced():
        torch.export.save(traced(module, inputs, several=True), io.BytesIO())
