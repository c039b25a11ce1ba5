"""Recurrent layers: states that go in and come out, projections, and sequences of different length."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine import edits, kinds
from engine.analysis.check import check
from engine.analysis.measure import Arrival, Measured, runner
from engine.analysis.walk import measure
from engine.codegen.build import build
from engine.data.settings import DataSettings
from engine.kinds import Layer
from engine.kinds.shapes import per_sample
from engine.layers.cells import Cell, GRUCell, LSTMCell, RNNCell
from engine.layers.recurrent import EVERYTHING, GRU, LAST, LSTM, RNN, SEQUENCE, Recurrent
from engine.losses.loss import Loss
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch
from engine.training.train import train
from tests.engine.projects import layer, source

STEPS, WIDTH, SAMPLES = 7, 3, 4
KINDS = (LSTM, GRU, RNN)


def run(kind: Recurrent, x: Tensor, **others: Tensor) -> tuple[nn.Module, tuple[Tensor, ...]]:
    """The layer's module and what it makes of these tensors."""
    found = measured(kind, x, **others)
    assert found.code is not None
    module = found.code.module()
    results = run_again(kind, module, x, **others)
    for shape, result in zip(found.outputs, results, strict=True):
        assert shape.at(len(x)) == tuple(result.shape)
    assert found.parameters == sum(p.numel() for p in module.parameters())
    return module, results


def run_again(kind: Recurrent, module: nn.Module, x: Tensor, **others: Tensor) -> tuple[Tensor, ...]:
    """What a module that was made already gives for these tensors."""
    code = measured(kind, x, **others).code
    assert code is not None
    names = tuple(port.name for port in kind.ports())
    values = [x if name == "x" else others.get(name) for name in names]
    results: tuple[Tensor, ...] = runner(code.lines, names, kind.outputs)(module, *values)
    return results


def measured(kind: Recurrent, x: Tensor, **others: Tensor) -> Measured:
    values = [x if port.name == "x" else others.get(port.name) for port in kind.ports()]
    arrivals: tuple[Arrival, ...] = tuple(
        None
        if value is None
        else per_sample(*value.shape[1:], dtype="float" if value.is_floating_point() else "int")
        for value in values
    )
    found = measure(kind, arrivals)
    assert not found.objections, [str(o.why) for o in found.objections]
    return found


def samples() -> Tensor:
    torch.manual_seed(1)
    return torch.randn(SAMPLES, STEPS, WIDTH)


def side_by_side(states: Tensor) -> Tensor:
    return states.transpose(0, 1).flatten(1)


@pytest.mark.parametrize("cls", KINDS)
@pytest.mark.parametrize("options", [{}, {"num_layers": 2}, {"bidirectional": True, "num_layers": 2}])
def test_states_go_in_and_come_out_as_in_pytorch(cls: type[Recurrent], options: dict[str, Any]) -> None:
    kind = cls(hidden_size=5, give=EVERYTHING, **options)
    states = torch.randn(kind.states, SAMPLES, 5)
    cells = torch.randn(kind.states, SAMPLES, 5)
    given = {"first_state": side_by_side(states)}
    if cls is LSTM:
        given["first_cell"] = side_by_side(cells)
    x = samples()
    module, results = run(kind, x, **given)
    if cls is LSTM:
        out, (h, c) = module(x, (states, cells))
        expected = (out, side_by_side(h), side_by_side(c))
    else:
        out, h = module(x, states)
        expected = (out, side_by_side(h))
    assert len(results) == len(expected)
    assert all(torch.equal(one, other) for one, other in zip(results, expected, strict=True))


def test_a_state_alone_leaves_the_memory_at_zero() -> None:
    x, state = samples(), torch.randn(SAMPLES, 2)
    module, (last,) = run(LSTM(hidden_size=5, projection=2), x, first_state=state)
    _, (h, _) = module(x, (state.unsqueeze(0), torch.zeros(1, SAMPLES, 5)))
    assert torch.equal(last, h[-1])
    memory = torch.randn(SAMPLES, 5)
    module, (last,) = run(LSTM(hidden_size=5, projection=2), x, first_cell=memory)
    _, (h, _) = module(x, (torch.zeros(1, SAMPLES, 2), memory.unsqueeze(0)))
    assert torch.equal(last, h[-1])


def test_a_projection_makes_what_is_shown_narrower() -> None:
    kind = LSTM(hidden_size=6, projection=2, num_layers=2, bidirectional=True, give=EVERYTHING)
    _, (sequence, state, cell) = run(kind, samples())
    assert (sequence.shape[2], state.shape[1], cell.shape[1]) == (4, 8, 24)
    (objection,) = LSTM(hidden_size=6, projection=6).object(None)
    assert objection.name == "projection-too-wide"


@pytest.mark.parametrize("cls", KINDS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_layers": 2, "dropout": 1.0},
        {"bidirectional": True},
        {"bidirectional": True, "num_layers": 3, "dropout": 1.0, "bias": False},
    ],
)
@pytest.mark.parametrize("give", [LAST, SEQUENCE, EVERYTHING])
def test_padding_changes_nothing(cls: type[Recurrent], options: dict[str, Any], give: str) -> None:
    """A padded batch gives what PyTorch makes of packed sequences, forward and backward, whatever stands in
    the padding. A dropout of 1 leaves nothing to chance in training.
    """
    agrees_with_packing(cls(hidden_size=5, give=give, **options))


@pytest.mark.parametrize("both", [False, True])
def test_padding_changes_nothing_behind_a_projection_and_a_rectifier(both: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says that a projection takes another path
        agrees_with_packing(LSTM(hidden_size=5, projection=2, give=EVERYTHING, bidirectional=both))
    agrees_with_packing(RNN(hidden_size=5, nonlinearity="relu", give=SEQUENCE, bidirectional=both))


def agrees_with_packing(kind: Recurrent) -> None:
    x, lengths = samples(), torch.tensor([3, 7, 1, 5])
    for row, length in zip(x, lengths, strict=True):
        row[length:] = -9.0
    states = torch.randn(kind.states, SAMPLES, kind.width)
    cells = torch.randn(kind.states, SAMPLES, kind.hidden_size)
    given = {"first_state": side_by_side(states)}
    if isinstance(kind, LSTM):
        given["first_cell"] = side_by_side(cells)
    module, results = run(kind, x, lengths=lengths, **given)
    by_value = run_again(kinds.changed(kind, "padding", -9.0), module, x, **given)
    assert all(torch.equal(one, other) for one, other in zip(results, by_value, strict=True))

    theirs = getattr(nn, type(kind).__name__)(
        WIDTH,
        5,
        kind.num_layers,
        batch_first=True,
        **kind.extras(),
        bias=kind.bias,
        dropout=kind.dropout,
        bidirectional=kind.bidirectional,
    )
    theirs.load_state_dict(module.state_dict())
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    read, ends = theirs(packed, (states, cells) if isinstance(kind, LSTM) else states)
    out, _ = nn.utils.rnn.pad_packed_sequence(read, batch_first=True)
    ends = ends if isinstance(ends, tuple) else (ends,)
    last = torch.cat([*ends[0][-kind.directions :]], 1)
    expected = {LAST: (last,), SEQUENCE: (out,), EVERYTHING: (out, *map(side_by_side, ends))}[kind.give]
    for one, other in zip(results, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    for found in (results, expected):
        sum((one * torch.arange(one.shape[-1])).sum() for one in found).backward()  # type: ignore[union-attr]
    for one, other in zip(module.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(one.grad, other.grad, atol=1e-5)  # type: ignore[arg-type]  # both have one


@pytest.mark.parametrize("cls", KINDS)
def test_lengths_that_cannot_be_read_are_brought_into_bounds(cls: type[Recurrent]) -> None:
    x = samples()
    module, (wild,) = run(cls(hidden_size=5), x, lengths=torch.tensor([-3, 0, 7, 12]))
    tame = run_again(cls(hidden_size=5), module, x, lengths=torch.tensor([1, 1, 7, 7]))
    assert torch.equal(wild, tame[0])


def test_a_first_state_of_another_size_is_refused() -> None:
    (objection,) = measure(GRU(hidden_size=5), (per_sample(7, 3), per_sample(4), None)).objections
    assert (objection.name, str(objection.expected)) == ("state-size", "a first state of N×5")


def test_files_from_before_states_open_as_they_were() -> None:
    old = {"kind": "LSTM", "hidden_size": 8, "give": "sequence", "num_layers": 2, "bidirectional": False}
    kind = kinds.layer_from_json(old)
    assert kind == LSTM(hidden_size=8, give=SEQUENCE, num_layers=2)
    assert kind.outputs == ("out",)
    assert LSTM(give=EVERYTHING).outputs == ("out", "state", "cell")
    assert GRU(give=EVERYTHING).outputs == ("out", "state")


@pytest.mark.parametrize(("cell", "whole"), [(LSTMCell, LSTM), (GRUCell, GRU), (RNNCell, RNN)])
def test_steps_that_are_drawn_one_by_one_give_what_the_layer_gives(
    cell: type[Cell], whole: type[Recurrent]
) -> None:
    torch.manual_seed(0)
    x = torch.randn(SAMPLES, STEPS, WIDTH)
    layer_module, (sequence,) = run(whole(hidden_size=5, give=SEQUENCE), x)
    step = cell(hidden_size=5)
    module, states = None, ()
    for t in range(STEPS):
        arrivals = (per_sample(WIDTH), *[per_sample(5) if states else None] * (len(step.ports()) - 1))
        code = measure(step, arrivals).code
        assert code is not None
        if module is None:
            module = code.module()
            module.load_state_dict({k.removesuffix("_l0"): v for k, v in layer_module.state_dict().items()})
        ports = tuple(port.name for port in step.ports())
        values = states or (None,) * (len(ports) - 1)
        states = runner(code.lines, ports, step.outputs)(module, x[:, t], *values)
        assert torch.allclose(states[0], sequence[:, t], atol=1e-6)


def test_a_state_of_another_size_can_be_followed() -> None:
    objections = measure(GRUCell(hidden_size=5), (per_sample(WIDTH), per_sample(7))).objections
    assert [str(one.expected) for one in objections] == ["a state of N×5"]
    assert not measure(GRUCell(hidden_size=7), (per_sample(WIDTH), per_sample(7))).objections


def translator(ending: Layer | None = None) -> Project:
    """One layer reads the series; another begins with the state it ended in."""
    sketch = Sketch(
        "Translator", DataSettings(source=source("Sunspots")), Recipe(epochs=1, threads=1, device="cpu")
    )
    x = sketch.add(layer("Input"))
    reader = sketch.add(LSTM(hidden_size=6, give=EVERYTHING), x, name="reader")
    writer = sketch.add(LSTM(hidden_size=6, padding=0.0), x, (reader, "state"), name="writer")
    project = sketch.project()
    project = edits.connect(project, reader, "cell", writer, "first_cell")
    head = edits.new_id(project.graph)
    project = edits.add(project, head, layer("Linear", out_features=1))
    project = edits.connect(project, writer, "out", head, "x")
    end = edits.new_id(project.graph)
    project = edits.add(project, end, layer("Output", loss=kinds.from_json({"kind": "Huber"}, Loss)))
    return edits.connect(project, head, "out", end, "x")


def test_a_reader_hands_its_state_to_a_writer_and_both_are_trained() -> None:
    project = translator()
    assert check(project).trainable, [str(p.message) for p in check(project).problems]
    before = {name: p.clone() for name, p in build(project, 0).module.named_parameters()}
    training = train(project)
    while True:
        try:
            next(training)
        except StopIteration as end:
            after = dict(end.value.built.module.named_parameters())
            break
    assert all(not torch.equal(before[name], after[name]) for name in before)
