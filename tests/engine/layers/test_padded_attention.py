"""Attention over padded sequences: a mask makes each sample what it would be alone, without its padding."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.analysis.measure import runner
from engine.analysis.walk import measure
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.exports import export
from engine.kinds import Layer, registry
from engine.kinds.shapes import per_sample
from engine.losses.regression import MeanSquaredError
from engine.project.project import Project
from engine.templates.builder import Sketch
from engine.training.reports import Finished
from engine.training.train import train
from tests.engine.codegen.keras.keras_trial import agrees, randomised, tried
from tests.engine.networks import record
from tests.engine.projects import layer, source, with_recipe

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


# --------------------------------------------------------------------------- against softmax written by hand


Weights = dict[str, np.ndarray]
HIDES: dict[str, tuple[bool, bool, bool]] = {  # causal, with a mask, a sample that is all padding
    "nothing": (False, False, False),
    "causal": (True, False, False),
    "mask": (False, True, False),
    "both": (True, True, False),
    "all padding": (False, True, True),
    "both and all padding": (True, True, True),
}
KINDS: list[tuple[str, dict[str, Any]]] = [
    *((name, {"heads": heads}) for name in MASKED for heads in (1, 2)),
    ("MultiheadAttention", {"heads": 2, "bias": False}),
    *(
        (name, {"heads": 2, "norm_first": True, "activation": "gelu"})
        for name in MASKED
        if name.startswith("Transformer")
    ),
]


def dense(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    out: np.ndarray = x @ weights[f"{name}weight"].T + weights.get(f"{name}bias", np.float64(0))
    return out


def gathered(q: np.ndarray, k: np.ndarray, v: np.ndarray, heads: int, sees: np.ndarray) -> np.ndarray:
    """softmax(q·kᵀ / √d)·v over the steps that are seen, sees N×T×S. Who sees none gathers nothing."""
    q, k, v = (x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2) for x in (q, k, v))
    scores = np.where(sees[:, None], q @ k.swapaxes(2, 3) / math.sqrt(q.shape[-1]), -np.inf)
    top = scores.max(-1, keepdims=True)
    shares = np.exp(scores - np.where(np.isfinite(top), top, 0))
    shares /= np.maximum(shares.sum(-1, keepdims=True), 1e-300)
    return (shares @ v).swapaxes(1, 2).reshape(len(q), q.shape[2], -1)


def attended(
    weights: Weights, name: str, x: np.ndarray, other: np.ndarray, heads: int, sees: np.ndarray
) -> np.ndarray:
    """Multi-head attention with the weights of PyTorch's module of that name."""
    three = np.split(weights[f"{name}in_proj_weight"], 3)
    biases = np.split(weights.get(f"{name}in_proj_bias", np.zeros(3 * WIDTH)), 3)
    q, k, v = (y @ one.T + b for y, one, b in zip((x, other, other), three, biases, strict=True))
    return dense(weights, f"{name}out_proj.", gathered(q, k, v, heads, sees))


def normed(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    centred = x - x.mean(-1, keepdims=True)
    out: np.ndarray = centred / np.sqrt(centred.var(-1, keepdims=True) + 1e-5)
    return out * weights[f"{name}weight"] + weights[f"{name}bias"]


def gelu(x: np.ndarray) -> np.ndarray:
    return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2


def layer_by_hand(
    kind: Any, weights: Weights, place: str, x: np.ndarray, memory: np.ndarray | None, sees: Any, recalls: Any
) -> np.ndarray:
    """An encoder layer, or with a memory a decoder layer."""
    parts: list[Any] = [lambda y: attended(weights, f"{place}self_attn.", y, y, kind.heads, sees)]
    if memory is not None:
        parts.append(lambda y: attended(weights, f"{place}multihead_attn.", y, memory, kind.heads, recalls))
    bend = gelu if kind.activation == "gelu" else lambda y: np.maximum(y, 0)
    parts.append(lambda y: dense(weights, f"{place}linear2.", bend(dense(weights, f"{place}linear1.", y))))
    for number, part in enumerate(parts, start=1):
        norm = f"{place}norm{number}."
        x = x + part(normed(weights, norm, x)) if kind.norm_first else normed(weights, norm, x + part(x))
    return x


def by_hand(kind: Any, module: Any, values: dict[str, torch.Tensor]) -> np.ndarray:
    """What a layer makes of such values at its ports, in double precision."""
    given = {name: value.double().numpy() for name, value in values.items()}
    named = module.state_dict().items() if module is not None else ()
    weights = {name: value.double().numpy() for name, value in named}

    def seen(mask: str, causal: bool, steps: int = STEPS) -> np.ndarray:
        shown = given.get(mask, np.ones((len(LENGTHS), steps))) != 0
        shown = shown | ~shown.any(1, keepdims=True)
        return shown[:, None] & (np.tri(steps, dtype=bool) if causal else True)

    sees, recalls = seen("mask", kind.causal), seen("memory_mask", False)
    if type(kind).__name__ == "ScaledDotProductAttention":
        return gathered(given["query"], given["key"], given["value"], kind.heads, sees)
    if type(kind).__name__ == "MultiheadAttention":
        return attended(weights, "", given["query"], given["query"], kind.heads, sees)
    x, memory = given["x"], given.get("memory")
    if not hasattr(kind, "layers"):
        return layer_by_hand(kind, weights, "", x, memory, sees, recalls)
    for i in range(kind.layers):
        x = layer_by_hand(kind, weights, f"layers.{i}.", x, memory, sees, recalls)
    return normed(weights, "norm.", x)


def hidden_values(name: str, masked: bool, empty: bool) -> dict[str, torch.Tensor]:
    """Sequences for the ports, with masks that hide the first steps, some in the middle, or everything."""
    torch.manual_seed(3)
    values = {port: torch.randn(len(LENGTHS), STEPS, WIDTH) for port in MASKED[name]}
    if masked:
        mask = torch.tensor([[1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 0, 1], [0, 1, 0, 0, 1, 0]])
        mask[2] *= not empty
        ports = layer(name).ports()
        values |= {port.name: mask for port in ports if port.name.endswith("mask")}
    return values


def hiding_kind(name: str, values: dict[str, Any], causal: bool) -> Layer:
    dropless = {} if name == "ScaledDotProductAttention" else {"dropout": 0.0}
    return layer(name, **dropless, **values, causal=causal)


@pytest.mark.parametrize("hides", HIDES)
@pytest.mark.parametrize(
    ("name", "values"),
    KINDS,
    ids=lambda one: "-".join(map(str, one.values())) if isinstance(one, dict) else one,
)
def test_attention_is_the_softmax_by_hand_whatever_is_hidden(
    name: str, values: dict[str, Any], hides: str
) -> None:
    causal, masked, empty = HIDES[hides]
    kind, given = hiding_kind(name, values, causal), hidden_values(name, masked, empty)
    arrivals = [given.get(port.name) for port in kind.ports()]
    shapes = [None if one is None else per_sample(*one.shape[1:]) for one in arrivals]
    module = made(kind, *shapes)
    if module is not None:
        randomised(module)
    expected = by_hand(kind, module, given)
    masks = {port: value for port, value in given.items() if port.endswith("mask")}
    for training in (True, False):
        sequences = {
            port: value.clone().requires_grad_(training) for port, value in given.items() if port not in masks
        }
        if module is not None:
            module.train(training)
        with torch.set_grad_enabled(training):
            found = answers(kind, module, sequences, masks)
        np.testing.assert_allclose(found.detach().numpy(), expected, atol=2e-5)
        if training:
            found.sum().backward()
            assert all(one.grad is not None and one.grad.isfinite().all() for one in sequences.values())


@pytest.mark.parametrize("hides", ["mask", "both"])
@pytest.mark.parametrize("name", MASKED)
def test_keras_hides_the_same(name: str, hides: str) -> None:
    causal, masked, _ = HIDES[hides]
    kind = hiding_kind(name, {"heads": 2}, causal)
    rows, mask = per_sample(STEPS, WIDTH), per_sample(STEPS, dtype="int")
    ports = kind.ports()
    arrivals = [
        mask if masked and port.name.endswith("mask") else rows if port.name in MASKED[name] else None
        for port in ports
    ]
    agrees(tried(kind, arrivals, batches=(7,), most=2))  # half of the steps are hidden, the first ones too


def hidden_network(name: str, causal: bool) -> Project:
    """Words of which many are padding, and attention that leaves them out."""
    words = registry(Source)["RandomWords"](length=STEPS, words=3, samples=40)
    sketch = Sketch(name, DataSettings(source=words))
    read = sketch.add(layer("Input", column="words"))
    rows = sketch.add(layer("Embedding", entries=3, width=WIDTH), read)
    kind = hiding_kind(name, {"heads": 2}, causal)
    wired = {**dict.fromkeys(MASKED[name], rows), "mask": read, "memory_mask": read}
    looked = sketch.add(kind, *[wired.get(port.name) for port in kind.ports()])
    end = sketch.chain(looked, layer("Linear", out_features=3, each=True), layer("Transpose"))
    sketch.add(layer("Output", loss={"kind": "CrossEntropy"}), end)
    return sketch.project()


@pytest.mark.parametrize("name", MASKED)
def test_a_network_with_both_masks_trains_and_is_evaluated(name: str) -> None:
    project = with_recipe(hidden_network(name, True), epochs=1, device="cpu", threads=1)
    *_, last = train(project)
    assert isinstance(last, Finished)
    assert math.isfinite(last.metrics["test"]["loss"])


@pytest.mark.proof
@pytest.mark.parametrize("ending", [".onnx", ".pt2"])
@pytest.mark.parametrize("name", MASKED)
def test_both_masks_leave_with_the_network(name: str, ending: str, tmp_path: Path) -> None:
    run = record(hidden_network(name, True), tmp_path / "run")
    assert export(run, tmp_path / f"net{ending}").largest < 1e-5
