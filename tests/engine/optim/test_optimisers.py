"""Optimisers make a loss smaller; schedules follow their formulas."""

from __future__ import annotations

from math import cos, pi
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import kinds
from engine.kinds.code import resolve
from engine.optim.optimiser import Optimiser, Schedule
from engine.optim.optimisers import SGD, Adam
from engine.optim.schedules import (
    Constant,
    Cosine,
    Cyclic,
    ExponentialDecay,
    LinearDecay,
    MultiStep,
    OneCycle,
    Polynomial,
    ReduceOnPlateau,
    Step,
    WarmRestarts,
)
from tests.engine.strategies import settings_of


def made(optimiser: Optimiser, parameters: list[torch.nn.Parameter]) -> Any:
    call = optimiser.torch()
    return resolve(call.target)(parameters, *call.args, **dict(call.kwargs))


@pytest.mark.parametrize("name", kinds.registry(Optimiser))
def test_a_few_steps_make_a_parabola_smaller(name: str) -> None:
    weight = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    optimiser = made(kinds.registry(Optimiser)[name](), [weight])
    before = float((weight.detach() ** 2).sum())

    def height() -> torch.Tensor:
        optimiser.zero_grad()
        cost = (weight**2).sum()
        cost.backward()
        return cost

    for _ in range(20):
        optimiser.step(height)
    assert float((weight.detach() ** 2).sum()) < before


@pytest.mark.parametrize("name", kinds.registry(Optimiser))
def test_every_legal_setting_is_one_torch_takes(name: str) -> None:
    @settings(max_examples=30)
    @given(settings_of(kinds.registry(Optimiser)[name]))
    def check(optimiser: Any) -> None:
        weight = torch.nn.Parameter(torch.ones(2))
        stepping = made(optimiser, [weight])
        assert all(group["lr"] == optimiser.rate for group in stepping.param_groups)

        def height() -> torch.Tensor:
            stepping.zero_grad()
            cost = weight.sum()
            cost.backward()
            return cost

        stepping.step(height)

    check()


def test_nesterov_waits_for_momentum() -> None:
    assert dict(SGD(momentum=0.0).torch().kwargs)["nesterov"] is False
    assert dict(SGD(momentum=0.5).torch().kwargs)["nesterov"] is True


def test_arguments_have_the_names_of_torch() -> None:
    assert Adam(rate=0.01, weight_decay=0.1).torch().source() == "torch.optim.Adam(lr=0.01, weight_decay=0.1)"


@pytest.mark.parametrize("name", kinds.registry(Schedule))
def test_a_factor_is_between_nothing_and_the_full_rate(name: str) -> None:
    @given(settings_of(kinds.registry(Schedule)[name]), st.integers(1, 30), st.floats(0, 1))
    def check(schedule: Any, epochs: int, part: float) -> None:
        assert 0 <= schedule.factor(part * epochs, epochs) <= 1

    check()


def test_schedules_by_hand() -> None:
    assert [Constant().factor(epoch, 10) for epoch in (0, 5.5, 10)] == [1, 1, 1]
    assert [Step(every=3, by=0.5).factor(epoch, 9) for epoch in (0, 2.99, 3, 6)] == [1, 1, 0.5, 0.25]
    cosine = Cosine(floor=0.1)
    assert cosine.factor(0, 10) == 1
    assert cosine.factor(5, 10) == pytest.approx(0.55)
    assert cosine.factor(2, 10) == pytest.approx(0.1 + 0.9 * (1 + cos(pi * 0.2)) / 2)
    assert cosine.factor(10, 10) == pytest.approx(0.1)
    warm = Cosine(warm_up=2.0)
    assert warm.factor(1, 10) == pytest.approx(0.5)
    assert warm.factor(2, 10) == 1


# Each: the schedule, and its factor at some moments of 10 epochs.
BY_HAND: list[tuple[Schedule, dict[float, float]]] = [
    (OneCycle(rise=0.5, start=0.2, end=0.0), {0: 0.2, 2.5: 0.6, 5: 1.0, 7.5: 0.5, 10: 0.0}),
    (OneCycle(rise=0.0, end=0.0), {0: 1.0, 5: 0.5}),
    (LinearDecay(floor=0.2), {0: 1.0, 5: 0.6, 10: 0.2}),
    (Polynomial(power=2.0), {0: 1.0, 5: 0.25, 10: 0.0}),
    (ExponentialDecay(by=0.5), {0: 1.0, 1: 0.5, 2.5: 0.5**2.5}),
    (MultiStep(after_epochs=(2, 6), by=0.1), {1.9: 1.0, 2: 0.1, 5.9: 0.1, 6: 0.01}),
    (WarmRestarts(cycle=1, times=2), {0: 1.0, 0.5: 0.5, 1: 1.0, 2: 0.5, 2.999: 0.0, 3: 1.0, 5: 0.5}),
    (WarmRestarts(cycle=2, times=1, floor=0.1), {1: 0.55, 2: 1.0, 3: 0.55}),
    (Cyclic(cycle=2.0, floor=0.0, fade=0.5), {0: 0.0, 1: 1.0, 1.5: 0.5, 2: 0.0, 3: 0.5, 5: 0.25}),
    (OneCycle(rise=0.5, start=0.2, warm_up=2.0), {1: 0.1, 2: 0.2, 6: 1.0}),
    (Constant(warm_up=4.0), {0: 0.0, 1: 0.25, 4: 1.0, 9: 1.0}),
    (Step(every=3, by=0.5, warm_up=1.0), {0.5: 0.5, 3.9: 1.0, 4: 0.5}),
]


@pytest.mark.parametrize(("schedule", "factors"), BY_HAND, ids=lambda one: getattr(one, "kind_name", None))
def test_each_schedule_has_the_factors_of_its_formula(
    schedule: Schedule, factors: dict[float, float]
) -> None:
    found = {moment: schedule.factor(moment, 10) for moment in factors}
    assert found == pytest.approx(factors, abs=1e-5)


def test_a_plateau_lowers_the_rate_then_rests() -> None:
    schedule = ReduceOnPlateau(patience=1, by=0.1, rest=2, floor=0.05, threshold=0.0)
    seen, factors = schedule.begun(), []
    for loss in [1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.8]:
        seen = schedule.seen(seen, loss)
        factors.append(seen[0])
    assert factors == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05])


def test_what_an_optimiser_keeps_is_counted() -> None:
    kept = {name: cls().kept() for name, cls in kinds.registry(Optimiser).items()}
    assert (kept["SGD"], kept["Adam"], kept["RMSprop"], kept["LBFGS"]) == (1, 2, 1, 24)
    assert SGD(momentum=0.0).kept() == 0
    assert Adam(amsgrad=True).kept() == 3


@pytest.mark.parametrize(("epochs", "warm_up", "steps"), [(4, 1.0, 8), (1, 1.0, 1), (3, 0.5, 7), (2, 5.0, 3)])
def test_step_k_of_a_warm_up_of_n_has_a_rate_of_k_plus_one_to_n(
    epochs: int, warm_up: float, steps: int
) -> None:
    schedule = Cosine(warm_up=warm_up)
    for k in range(epochs * steps):
        found = schedule.of_step(k / steps, 1 / steps, epochs)
        if k < warm_up * steps:
            assert found == pytest.approx(min(1.0, (k + 1) / (warm_up * steps)))
        else:
            assert found == schedule.factor(k / steps, epochs)
        assert found > 0
    assert Constant().of_step(0, 1, 1) == 1
