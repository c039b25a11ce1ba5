"""Attention over padded sequences: a mask makes each sample what it would be alone, without its padding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from engine.analysis.measure import runner
from engine.analysis.walk import measure
from engine.data.settings import DataSettings
from engine.exports import export
from engine.kinds import Layer
from engine.kinds.shapes import per_sample
from engine.losses.regression import MeanSquaredError
from engine.templates.builder import Sketch
from tests.engine.networks import record
from tests.engine.projects import layer, source

STEPS, WIDTH = 6, 8
LENGTHS = (6, 3, 1)
ENCODING = ("x",)
DECODING = ("x", "memory")
MASKED: dict[str, tuple[str, ...]] = {  # the ports that take sequences; a mask hides steps of the last
    "MultiheadAttention": ("query",),
    "ScaledDotProductAttention": ("query", "key", "value"),
    "TransformerEncoderLayer": ENCODING,
    "TransformerEncoder": ENCODING,
    "TransformerDecoderLayer": DECODING,
    "TransformerDecoder": DECODING,
}


def answers(kind: Layer, module: Any, sequences: dict[str, torch.Tensor], masks: Any) -> torch.Tensor:
    """What a layer makes of such values at its ports; those without one are free."""
    given = [sequences.get(port.name, masks.get(port.name)) for port in kind.ports()]
    shapes = tuple(None if one is None else per_sample(*one.shape[1:]) for one in given)
    measured = measure(kind, shapes)
    assert measured.code is not None, measured.objections
    (found,) = runner(measured.code.lines, tuple(port.name for port in kind.ports()), ("out",))(
        module, *given
    )
    assert isinstance(found, torch.Tensor)
    return found


def made(kind: Layer, *shapes: Any) -> Any:
    code = measure(kind, shapes).code
    assert code is not None
    torch.manual_seed(0)
    return code.module() if code.make is not None else None


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("values", [{}, {"causal": True}, {"causal": False, "heads": 2}])
@pytest.mark.parametrize("name", MASKED)
def test_padded_steps_change_nothing(name: str, values: dict[str, Any], training: bool) -> None:
    dropless = {} if name == "ScaledDotProductAttention" else {"dropout": 0.0}
    kind = layer(name, **dropless, **values)
    rows = per_sample(STEPS, WIDTH)
    module = made(kind, *[rows if port.name in MASKED[name] else None for port in kind.ports()])
    if module is not None:
        module.train(training)  # in use PyTorch takes a faster way
    sequences = {port: torch.randn(len(LENGTHS), STEPS, WIDTH) for port in MASKED[name]}
    mask = (torch.arange(STEPS) < torch.tensor(LENGTHS)[:, None]).float()
    masks = {port.name: mask for port in kind.ports() if port.name.endswith("mask")}
    with torch.set_grad_enabled(training):
        together = answers(kind, module, sequences, masks)
        for sample, length in enumerate(LENGTHS):
            alone = {port: value[sample : sample + 1, :length] for port, value in sequences.items()}
            expected = answers(kind, module, alone, {})
            torch.testing.assert_close(together[sample : sample + 1, :length], expected)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", MASKED)
def test_a_sample_that_is_all_padding_spoils_no_number(name: str, training: bool) -> None:
    kind = layer(name, causal=True)
    rows = per_sample(STEPS, WIDTH)
    module = made(kind, *[rows if port.name in MASKED[name] else None for port in kind.ports()])
    if module is not None:
        module.train(training)
    sequences = {port: torch.randn(2, STEPS, WIDTH, requires_grad=training) for port in MASKED[name]}
    mask = torch.ones(2, STEPS)
    mask[1] = 0
    masks = {port.name: mask for port in kind.ports() if port.name.endswith("mask")}
    with torch.set_grad_enabled(training):
        found = answers(kind, module, sequences, masks)
    assert found.isfinite().all()
    if training:
        found.sum().backward()
        assert all(value.grad is not None and value.grad.isfinite().all() for value in sequences.values())


@pytest.mark.parametrize("name", MASKED)
def test_a_mask_has_a_number_for_each_step(name: str) -> None:
    kind = layer(name)
    shapes = tuple(
        per_sample(5) if port.name.endswith("mask") else None if port.optional else per_sample(STEPS, WIDTH)
        for port in kind.ports()
    )
    assert {objection.name for objection in measure(kind, shapes).objections} == {"unequal-steps"}


@pytest.mark.proof
@pytest.mark.parametrize("ending", [".onnx", ".pt2"])
@pytest.mark.parametrize("name", MASKED)
def test_masks_leave_with_the_network(name: str, ending: str, tmp_path: Path) -> None:
    sketch = Sketch(name, DataSettings(source=source("Diabetes")))
    start = sketch.add(layer("Input"))
    kind = layer(name, causal=False)
    rows, mask = [
        sketch.chain(start, layer("Linear", out_features=size), *more)
        for size, more in (
            (STEPS * WIDTH, (layer("Reshape", sizes=(STEPS, WIDTH)),)),
            (STEPS, (layer("ReLU"),)),
        )
    ]
    wired = {**dict.fromkeys(MASKED[name], rows), "mask": mask, "memory_mask": mask}
    looked = sketch.add(kind, *[wired.get(port.name) for port in kind.ports()])
    flat = sketch.add(layer("Flatten"), looked)
    sketch.chain(flat, layer("Linear", out_features=1), layer("Output", loss=MeanSquaredError()))
    run = record(sketch.project(), tmp_path / "run")
    assert export(run, tmp_path / f"net{ending}").largest < 1e-5
