"""Our loop beside the one that somebody writes by hand in plain PyTorch: the same losses, bit for bit.

The networks and loops of this page know nothing of the engine but the data and the order of its samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from attrs import evolve
from torch import Tensor, nn, optim
from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    StepLR,
)

from engine import kinds
from engine.data.prepare import prepare
from engine.data.sets.invented import RandomPictures
from engine.optim.optimiser import Optimiser, Schedule
from engine.project.project import Project
from engine.training.reports import Evaluated, Progress
from engine.training.train import train
from tests.engine.projects import chain, layer, with_recipe

SAMPLES, CLASSES, EPOCHS, BATCH = 64, 4, 3, 16
STEPS = 3  # an epoch: 44 samples to train on, of 64

# --------------------------------------------------------------------------- networks, drawn and by hand


class MLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(36, 8), nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.two(torch.relu(self.one(x.flatten(1))))


class CNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.drop = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.3)
        self.out = nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.drop(torch.relu(self.norm(self.conv(x))).flatten(1)))


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.out = nn.LSTM(6, 5, batch_first=True), nn.Linear(5, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.lstm(x.squeeze(1))[1][0][-1])


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = nn.TransformerEncoderLayer(6, 2, 12, 0.1, batch_first=True)
        self.out = nn.Linear(36, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.block(x.squeeze(1)).flatten(1))


def drawn(*layers: Any) -> Project:
    project = chain(*layers, layer("Output"), epochs=EPOCHS, batch_size=BATCH, keep_best=False)
    data = RandomPictures(channels=1, height=6, width=6, classes=CLASSES, samples=SAMPLES)
    return evolve(project, data=evolve(project.data, source=data))


FLAT, OUT, SQUEEZE = layer("Flatten"), layer("Linear", out_features=CLASSES), layer("Squeeze", axis=1)
NETWORKS: dict[str, tuple[type[nn.Module], Project]] = {
    "MLP": (MLP, drawn(FLAT, layer("Linear", out_features=8), layer("ReLU"), OUT)),
    "CNN": (
        CNN,
        drawn(
            layer("Conv2d", out_channels=4, kernel_size=3),
            layer("BatchNorm2d"),
            layer("ReLU"),
            FLAT,
            layer("Dropout", rate=0.3),
            OUT,
        ),
    ),
    "LSTM": (Recurrent, drawn(SQUEEZE, layer("LSTM", hidden_size=5), OUT)),
    "Transformer": (
        Transformer,
        drawn(SQUEEZE, layer("TransformerEncoderLayer", heads=2, feedforward=12), FLAT, OUT),
    ),
}


# --------------------------------------------------------------------------- the loop by hand

Made = Callable[[list[nn.Parameter]], Optimizer]
Scheduled = Callable[[Optimizer], Any]


def by_hand(
    project: Project,
    network: type[nn.Module],
    make: Made,
    schedule: Scheduled | None = None,
    each: str = "step",
    validated: list[float] | None = None,
) -> list[float]:
    """The losses of a plain loop. `each` says whether the schedule steps after every step or epoch."""
    recipe, data = project.recipe, prepare(project.data).train
    columns = data.batch(slice(None))
    x, y = torch.tensor(columns["image"]), torch.tensor(columns["label"])
    shuffle, batch = torch.Generator().manual_seed(recipe.seed), recipe.batch(len(x))
    torch.manual_seed(recipe.seed)
    module = network()
    optimiser = make(list(module.parameters()))
    schedule_ = schedule(optimiser) if schedule is not None else None
    losses = []
    torch.manual_seed(recipe.seed)  # of dropout
    for epoch in range(recipe.epochs):
        for rows in torch.randperm(len(x), generator=shuffle).split(batch):

            def loss(rows: Tensor = rows) -> Tensor:
                optimiser.zero_grad()
                cost = nn.functional.cross_entropy(module(x[rows]), y[rows])
                cost.backward()
                return cost

            losses.append(optimiser.step(loss).item())  # type: ignore[arg-type, union-attr]  # a tensor
            if schedule_ is not None and each == "step":
                schedule_.step()
        if schedule_ is not None and each == "epoch":
            schedule_.step(*([validated[epoch]] if validated is not None else ()))
    return losses


def ours(project: Project) -> tuple[list[float], list[float]]:
    """The losses of our loop, and those on validation data after each epoch."""
    reports = list(train(project))
    losses = [loss for one in reports if isinstance(one, Progress) for loss in one.losses]
    return losses, [one.validation["loss"] for one in reports if isinstance(one, Evaluated)]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before[0])
    torch.set_rng_state(before[1])


# --------------------------------------------------------------------------- optimisers


def muon(weights: list[nn.Parameter]) -> Optimizer:
    """Muon and AdamW side by side, as its authors use it."""
    parts = [
        optim.Muon([w for w in weights if w.dim() == 2], lr=2e-3, adjust_lr_fn="match_rms_adamw"),
        optim.AdamW([w for w in weights if w.dim() != 2], lr=2e-3, weight_decay=0.1),
    ]

    class Both(Optimizer):
        def step(self, closure: Any = None) -> Any:
            loss = closure()
            for part in parts:
                part.step()
            return loss

    return Both(weights, {})


class LionByHand(Optimizer):
    """As its paper's listing has it, weight by weight."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        with torch.enable_grad():
            loss = closure()
        for w in self.param_groups[0]["params"]:
            m = self.state[w].setdefault("m", torch.zeros_like(w))
            w.mul_(1 - 1e-3 * 0.1)
            w.add_(torch.lerp(w.grad, m, 0.9).sign_(), alpha=-1e-3)
            m.lerp_(w.grad, 1 - 0.99)
        return loss


OPTIMISERS: dict[str, tuple[dict[str, Any], Made]] = {
    "SGD": ({"rate": 0.1}, lambda w: optim.SGD(w, 0.1, 0.9, nesterov=True, fused=True)),
    "SGD, dampened": (
        {"rate": 0.1, "momentum": 0.8, "nesterov": False, "dampening": 0.3, "weight_decay": 0.01},
        lambda w: optim.SGD(w, 0.1, 0.8, 0.3, 0.01, fused=True),
    ),
    "SGD, plain": ({"rate": 0.1, "momentum": 0.0}, lambda w: optim.SGD(w, 0.1, fused=True)),
    "Adam": ({"rate": 0.01}, lambda w: optim.Adam(w, 0.01, fused=True)),
    "AdamW": (
        {"rate": 0.01, "amsgrad": True},
        lambda w: optim.AdamW(w, 0.01, amsgrad=True, weight_decay=0.01, fused=True),
    ),
    "NAdam": ({"decoupled": True}, lambda w: optim.NAdam(w, decoupled_weight_decay=True)),
    "RAdam": ({"rate": 0.01}, lambda w: optim.RAdam(w, 0.01)),
    "Adamax": ({}, optim.Adamax),
    "Adagrad": ({"first": 0.1}, lambda w: optim.Adagrad(w, initial_accumulator_value=0.1, fused=True)),
    "Adadelta": ({}, optim.Adadelta),
    "Adafactor": ({"weight_decay": 0.1}, lambda w: optim.Adafactor(w, weight_decay=0.1)),
    "RMSprop": ({"centered": True}, lambda w: optim.RMSprop(w, 1e-3, centered=True)),
    "Rprop": ({}, optim.Rprop),
    "ASGD": ({}, optim.ASGD),
    "SignMomentum": ({"rate": 1e-3, "weight_decay": 0.1}, lambda w: LionByHand(w, {})),
    "Muon": ({"rate": 2e-3}, muon),
    "LBFGS": (
        {"tries": 3},
        lambda w: optim.LBFGS(w, max_iter=3, history_size=10, line_search_fn="strong_wolfe"),
    ),
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_gives_the_losses_of_a_loop_by_hand(name: str, network: str) -> None:
    settings, make = OPTIMISERS[name]
    optimiser = kinds.registry(Optimiser)[name.partition(",")[0]](**settings)
    module, project = NETWORKS[network]
    project = with_recipe(project, optimiser=optimiser, batch_size="all" if optimiser.closure else BATCH)
    losses, _ = ours(project)
    assert losses == by_hand(project, module, make)


def test_no_optimiser_is_left_out() -> None:
    assert {name.partition(",")[0] for name in OPTIMISERS} == set(kinds.registry(Optimiser))


@pytest.mark.parametrize("batch", [1, "all"])
def test_one_sample_at_a_time_and_all_at_once_are_ordinary(batch: int | str) -> None:
    module, project = NETWORKS["MLP"]
    project = with_recipe(project, batch_size=batch)
    losses, _ = ours(project)
    assert len(losses) == EPOCHS * (1 if batch == "all" else len(prepare(project.data).train))
    assert losses == by_hand(project, module, lambda w: optim.Adam(w, fused=True))


# --------------------------------------------------------------------------- schedules

ALL = EPOCHS * STEPS
SCHEDULES: dict[str, tuple[dict[str, Any], Scheduled, str]] = {
    "Constant": ({}, lambda o: LambdaLR(o, lambda step: 1.0), "step"),
    "Step": ({"every": 1, "by": 0.5}, lambda o: StepLR(o, 1, 0.5), "epoch"),
    "Cosine": ({"floor": 0.1}, lambda o: CosineAnnealingLR(o, ALL, 0.005), "step"),
    "OneCycle": (
        {"rise": 0.5},
        lambda o: OneCycleLR(
            o,
            0.05,
            total_steps=ALL + 1,
            pct_start=(ALL * 0.5 + 1) / (ALL + 1),
            cycle_momentum=False,
            final_div_factor=1e4,
        ),
        "step",
    ),
    "ReduceOnPlateau": (
        {"patience": 0, "threshold": 0.5, "by": 0.3},
        lambda o: ReduceLROnPlateau(o, "min", 0.3, 0, 0.5),
        "epoch",
    ),
    "LinearDecay": ({"floor": 0.2}, lambda o: LinearLR(o, 1.0, 0.2, ALL), "step"),
    "Polynomial": ({"power": 2.0}, lambda o: PolynomialLR(o, ALL, 2.0), "step"),
    "ExponentialDecay": ({"by": 0.5}, lambda o: ExponentialLR(o, 0.5 ** (1 / STEPS)), "step"),
    "MultiStep": ({"after_epochs": (1, 2)}, lambda o: MultiStepLR(o, [1, 2], 0.1), "epoch"),
    "WarmRestarts": (
        {"cycle": 1, "floor": 0.1},
        lambda o: CosineAnnealingWarmRestarts(o, STEPS, 2, 0.005),
        "step",
    ),
    "Cyclic": (
        {"cycle": 2.0, "fade": 0.5},
        lambda o: CyclicLR(o, 0.005, 0.05, STEPS, mode="triangular2", cycle_momentum=False),
        "step",
    ),
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_gives_the_losses_of_a_loop_by_hand(name: str, network: str) -> None:
    settings, schedule, each = SCHEDULES[name]
    module, project = NETWORKS[network]
    sgd = kinds.registry(Optimiser)["SGD"](rate=0.05)
    project = with_recipe(project, optimiser=sgd, schedule=kinds.registry(Schedule)[name](**settings))
    losses, validated = ours(project)
    seen = validated if name == "ReduceOnPlateau" else None

    def make(weights: list[nn.Parameter]) -> Optimizer:
        return optim.SGD(weights, 0.05, 0.9, nesterov=True, fused=True)

    assert losses == by_hand(project, module, make, schedule, each, seen)
    if name != "Constant":
        assert losses != by_hand(project, module, make), "the schedule changes something"


def test_no_schedule_is_left_out() -> None:
    assert set(SCHEDULES) == set(kinds.registry(Schedule))
