"""What every layer with weights can be told: what they begin with, whether they are trained, their cost."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from engine import edits, kinds
from engine.analysis.check import check
from engine.analysis.walk import measure
from engine.codegen.build import build
from engine.codegen.emit import emit
from engine.edits.folding import fold
from engine.kinds import Layer, registry
from engine.layers.initialisations import (
    Constant,
    Default,
    Initialisation,
    KaimingUniform,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    Zeros,
)
from engine.layers.weighted import SPECTRAL, WEIGHT, Weighted
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.training.train import train
from tests.engine.projects import chain, layer, node
from tests.engine.strategies import wired

WEIGHTED = {name: cls for name, cls in registry(Layer).items() if issubclass(cls, Weighted)}


def net(*layers: Layer, **recipe: Any) -> Project:
    return chain(*layers, layer("Linear", out_features=3), layer("Output"), epochs=2, **recipe)


def trained(project: Project) -> nn.Module:
    training = train(project)
    while True:
        try:
            next(training)
        except StopIteration as end:
            module: nn.Module = end.value.built.module
            return module


def lines(project: Project, name: str) -> list[str]:
    source = emit(project)
    text = source.text.splitlines()
    return [text[number - 1].strip() for number in source.lines[node(project, name)]]


def test_every_layer_with_weights_has_these_settings_behind_its_own() -> None:
    for name, cls in registry(Layer).items():
        if cls.outputs and cls.input_ports and measure(cls(), wired(cls())).parameters:
            assert issubclass(cls, Weighted), name
    for cls in WEIGHTED.values():
        names = [param.name for param in kinds.params(cls)]
        assert [n for n in names if n in {"initialisation", "frozen", "rate_factor", "l1", "l2"}] == names[
            names.index("initialisation") :
        ][:5]


def test_code_has_the_lines_an_engineer_would_write() -> None:
    project = net(
        layer(
            "Linear",
            out_features=8,
            initialisation=KaimingUniform(zero_bias=True),
            norm=SPECTRAL,
            frozen=True,
        )
    )
    assert lines(project, "linear1") == [
        "self.linear1 = nn.Linear(4, 8)",
        'nn.init.kaiming_uniform_(self.linear1.weight, nonlinearity="relu")',
        "nn.init.zeros_(self.linear1.bias)",
        "nn.utils.parametrizations.spectral_norm(self.linear1)",
        "self.linear1.requires_grad_(False)",
        "self.linear1.eval()",
        "x = self.linear1(x)  # N×8",
        "self.linear1.eval()",
    ]
    text = emit(project).text
    assert "        super().train(mode)\n        self.linear1.eval()\n        return self\n" in text
    assert "def penalty" not in text


@pytest.mark.parametrize("name", WEIGHTED)
@pytest.mark.parametrize("first", [Constant(value=0.25), Zeros(zero_bias=True)])
def test_weights_begin_as_they_are_told(name: str, first: Initialisation) -> None:
    cls = WEIGHTED[name]
    plain, told = (measure(kind, wired(kind)) for kind in (cls(), cls(initialisation=first)))
    assert plain.parameters == told.parameters
    if not told.parameters:
        assert told.code is not None
        assert told.code.set_up == ()
        return
    value = first.value if isinstance(first, Constant) else 0.0
    made = told.code.module()  # type: ignore[union-attr]  # what has weights has code
    if isinstance(made, nn.Parameter):
        assert torch.equal(made, torch.full_like(made, value))
        return
    for weight, parameter in made.named_parameters():
        if parameter.dim() > 1 or (cls.flat and "bias" not in weight):
            assert torch.equal(parameter, torch.full_like(parameter, value)), weight
        if "bias" in weight and isinstance(first, Zeros):
            assert not parameter.any()


def test_random_beginnings_have_the_spread_they_name() -> None:
    torch.manual_seed(0)

    def weight(first: Initialisation) -> torch.Tensor:
        kind = layer("Linear", out_features=400, initialisation=first)
        found = measure(kind, (wired(kind)[0],))
        assert found.code is not None
        made: torch.Tensor = found.code.module().weight
        return made.detach()

    assert float(weight(Normal(std=0.5)).std()) == pytest.approx(0.5, rel=0.05)
    assert float(weight(Uniform(limit=0.5)).abs().max()) == pytest.approx(0.5, rel=0.01)
    assert float(weight(TruncatedNormal(std=0.5)).abs().max()) <= 1
    rows = weight(Orthogonal())
    assert torch.allclose(rows.T @ rows, torch.eye(rows.shape[1]), atol=1e-5)


def test_a_padding_row_stays_zero() -> None:
    kind = layer("Embedding", entries=5, width=3, padding_idx=2, initialisation=Normal())
    found = measure(kind, wired(kind))
    assert found.code is not None
    table = found.code.module().weight
    assert not table[2].any()
    assert table[1].any()


def test_a_beginning_that_needs_two_axes_is_refused_for_scales_and_ways_out_are_offered() -> None:
    project = net(layer("BatchNorm1d", initialisation=Orthogonal()))
    (problem,) = check(project).of(node(project, "norm1"))
    assert problem.name == "weights-too-flat"
    assert str(propose(problem)[0].title) == "Set initialisation to default"
    for repair in propose(problem)[:2]:
        assert check(repair.apply(project)).trainable


def test_frozen_weights_are_counted_and_stay() -> None:
    project = net(layer("Linear", out_features=8, frozen=True), seed=3)
    analysis = check(project)
    facts = analysis.nodes[node(project, "linear1")]
    assert (facts.parameters, facts.frozen) == (40, 40)
    before = build(project, 3).module.state_dict()
    after = trained(project).state_dict()
    assert torch.equal(before["linear1.weight"], after["linear1.weight"])
    assert not torch.equal(before["linear2.weight"], after["linear2.weight"])


@pytest.mark.parametrize(
    ("kind", "remembered"),
    [
        (layer("BatchNorm1d", frozen=True), ("norm1.running_mean", "norm1.running_var")),
        (layer("BatchNorm1d", frozen=True, affine=False), ("norm1.running_mean", "norm1.running_var")),
        (
            layer("Linear", out_features=4, norm=SPECTRAL, frozen=True),
            ("linear1.parametrizations.weight.0._u", "linear1.parametrizations.weight.0._v"),
        ),
    ],
    ids=["norm", "norm without weights", "spectral norm"],
)
def test_frozen_layers_keep_and_use_what_they_remember(kind: Layer, remembered: tuple[str, ...]) -> None:
    """By itself and within a block that is used twice."""
    project = net(kind, seed=3)
    folded = fold(project, [node(project, remembered[0].split(".")[0])], "Kept")
    use = next(id for id, one in folded.graph.nodes.items() if one.kind.blocks)
    for one in (project, edits.set_param(folded, use, "repeat", 2)):
        before, after = build(one, 3).module.state_dict(), trained(one)
        names = [name for name in before if name.endswith(remembered)]
        assert names
        assert all(torch.equal(before[name], after.state_dict()[name]) for name in names)
    module = trained(project).train()
    given = torch.randn(6, 4)
    alone = module(given[:1])
    assert torch.allclose(module(given)[:1], alone, atol=1e-6), "no sample depends on the others"


def test_a_network_frozen_throughout_has_nothing_to_train_and_can_be_thawed() -> None:
    project = chain(layer("Linear", out_features=3, frozen=True), layer("Output"))
    analysis = check(project)
    (problem,) = analysis.problems
    assert problem.name == "nothing-to-train"
    assert str(problem.message).startswith("Every layer with weights is frozen")
    titles = {str(repair.title): repair for repair in propose(problem)}
    assert check(titles["Thaw linear1, so that it is trained"].apply(project)).trainable


def test_penalties_are_written_down_and_pull_weights_towards_zero() -> None:
    kind = layer("Linear", out_features=8, l1=0.01, l2=0.5)
    project = net(kind, layer("ReLU"))
    text = emit(project).text
    assert (
        "    def penalty(self):\n"
        "        return (\n"
        "            0.01 * self.linear1.weight.abs().sum()\n"
        "            + 0.5 * self.linear1.weight.square().sum()\n"
        "        )\n" in text
    )
    module: Any = build(project, 0).module
    weight = module.linear1.weight.detach()
    assert float(module.penalty().detach()) == pytest.approx(
        float(0.01 * weight.abs().sum() + 0.5 * weight.square().sum()), rel=1e-6
    )
    free = edits.set_param(project, node(project, "linear1"), "l1", 0.0)
    free = edits.set_param(free, node(project, "linear1"), "l2", 0.0)
    sizes = [
        float(dict(trained(one).named_parameters())["linear1.weight"].detach().norm())
        for one in (project, free)
    ]
    assert sizes[0] < sizes[1]


def test_layers_of_many_weights_are_penalised_in_one_line() -> None:
    kind = layer("TransformerEncoderLayer", l2=0.5, initialisation=Orthogonal())
    found = measure(kind, wired(kind))
    assert found.code is not None
    assert found.code.penalties == (
        "0.5 * sum(weight.square().sum() for weight in {m}.parameters() if weight.dim() > 1)",
    )


def test_blocks_add_up_what_their_layers_cost() -> None:
    project = net(layer("Linear", out_features=4, l2=0.5), layer("ReLU"))
    ids = [node(project, name) for name in ("linear1", "relu1")]
    folded = fold(project, ids, "Pair")
    use = next(id for id, one in folded.graph.nodes.items() if one.kind.blocks)
    for repeat in (1, 3):
        repeated = edits.set_param(folded, use, "repeat", repeat)
        module: Any = build(repeated, 0).module
        weights = [p for name, p in module.named_parameters() if "linear1.weight" in name]
        assert len(weights) == repeat
        expected = sum(0.5 * float(weight.detach().square().sum()) for weight in weights)
        assert float(module.penalty().detach()) == pytest.approx(expected, rel=1e-5)
        trained(repeated)


@pytest.mark.parametrize("norm", [WEIGHT, SPECTRAL])
def test_norms_train_and_keep_their_promise(norm: str) -> None:
    project = net(layer("Linear", out_features=8, norm=norm))
    analysis = check(project)
    module: Any = trained(project)
    assert sum(p.numel() for p in module.parameters()) == analysis.parameters
    if norm == SPECTRAL:
        assert float(torch.linalg.matrix_norm(module.linear1.weight, 2)) == pytest.approx(1, abs=0.2)
    else:
        lengths = module.linear1.parametrizations.weight.original0
        assert torch.allclose(module.linear1.weight.norm(dim=1, keepdim=True), lengths.abs(), atol=1e-5)


def test_files_from_before_open_with_the_usual() -> None:
    kind = kinds.layer_from_json({"kind": "Linear", "out_features": 5})
    assert kind == layer("Linear", out_features=5)
    assert kind.initialisation == Default()
