"""Training with steps that are drawn anew for each batch: what is changed, and what must not be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from attrs import evolve, field, frozen

from engine import edits
from engine.codegen.build import build
from engine.data.dataset import Columns, Dataset
from engine.data.prepare import prepare
from engine.data.sets.invented import MASK, RandomPictures
from engine.data.steps import with_steps
from engine.data.transforms.colours import Cutout
from engine.data.transforms.geometry import Flip, ShiftAndTurn
from engine.data.transforms.mixing import CutMix, Mixup
from engine.data.transforms.transform import Transform
from engine.data.transforms.values import Noise
from engine.kinds import registry
from engine.losses.loss import Loss
from engine.optim.optimiser import Optimiser
from engine.project.project import Project
from engine.training.augmentation import mixing
from engine.training.checkpoint import Checkpoint
from engine.training.evaluation import evaluate
from engine.training.objectives import total_loss
from engine.training.state import TrainingState
from engine.training.steps.eager import EagerStep
from engine.training.train import Trained, train
from tests.engine.projects import chain, layer, table, with_recipe

EVERY = (ShiftAndTurn(shift=1, degrees=10), Noise(amount=0.05), Cutout(size=2), Mixup())


def digits(*steps: Transform, **recipe: Any) -> Project:
    project = chain(
        layer("Flatten"),
        layer("Linear", out_features=24),
        layer("ReLU"),
        layer("Dropout", rate=0.2),
        layer("Linear", out_features=10),
        layer("Output"),
        data="Digits",
        **{"epochs": 2, "batch_size": 128, **recipe},
    )
    return with_data_steps(project, "image", *steps)


def with_data_steps(project: Project, column: str, *steps: Transform) -> Project:
    return edits.set_data(project, with_steps(project.data, column, steps))


def trained(project: Project, **options: Any) -> Trained:
    training = train(project, **options)
    while True:
        try:
            next(training)
        except StopIteration as end:
            result: Trained = end.value
            return result


def made(project: Project) -> TrainingState:
    return TrainingState(project, prepare(project.data), build(project, 0), torch.device("cpu"), 1)


def same(one: Trained, two: Trained) -> bool:
    mine, theirs = one.built.module.state_dict(), two.built.module.state_dict()
    return all(torch.equal(mine[name], theirs[name]) for name in mine)


def inputs_of(state: TrainingState) -> list[torch.Tensor]:
    return [inputs[0].clone() for inputs, _ in state.batches()]


def test_what_is_drawn_depends_on_seed_epoch_and_batch_alone() -> None:
    project = digits(Noise())
    plain, state = made(digits()), made(project)
    assert plain.augmentation is None
    first = inputs_of(state)
    noise = [one - other for one, other in zip(first, inputs_of(plain), strict=True)]
    assert all(float(one.abs().mean()) > 0.01 for one in noise)
    assert not torch.equal(noise[0], noise[1]), "each batch has draws of its own"
    assert len(torch.unique(noise[0].reshape(128, -1), dim=0)) == 128, "and each sample"
    state.next_epoch()
    plain.next_epoch()
    again = [one - other for one, other in zip(inputs_of(state), inputs_of(plain), strict=True)]
    assert not torch.equal(noise[0], again[0]), "and each epoch"
    torch.rand(5)
    assert all(torch.equal(one, two) for one, two in zip(first, inputs_of(made(project)), strict=True))
    other = made(with_recipe(project, seed=1))
    assert not torch.equal(inputs_of(other)[0], first[0])


def test_evaluation_sees_what_it_saw_without_steps() -> None:
    with_steps, plain = made(digits(*EVERY)), made(digits())
    for part in ("train", "validation", "test"):
        one, other = (
            evaluate(state, state.samples_of(getattr(state.prepared, part))) for state in (with_steps, plain)
        )
        assert one == other


def test_going_on_in_the_midst_of_an_epoch_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.rollback.SHARE", 0)
    project = digits(*EVERY, CutMix(), keep_best=False)
    taken: list[Checkpoint] = []
    state = made(project)
    whole = trained(project, on_checkpoint=taken.append)
    step = EagerStep(state)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        losses = []
        for batch in state.batches():
            if state.position == 3:
                moment = state.checkpoint(())
            step([batch], [state.rate()], measure_norm=False)
            state.count_step()
        found = step.results()
        assert found is not None
        losses = found.losses[3:]
        state.restore(moment)
        for batch in state.batches():
            step([batch], [state.rate()], measure_norm=False)
            state.count_step()
        again = step.results()
    assert again is not None
    assert again.losses == losses
    middle = next(one for one in taken if one.epoch == 1)
    assert same(trained(project, checkpoint=middle), whole)


@frozen(eq=False)
class Streamed:
    """Samples that are read batch by batch."""

    dataset: Dataset = field()
    resident = False

    @property
    def rows(self) -> np.ndarray:
        return self.dataset.rows

    def __len__(self) -> int:
        return len(self.dataset)

    def batch(self, rows: slice | np.ndarray) -> Columns:
        return self.dataset.batch(rows)


def test_what_is_streamed_goes_the_same_steps_to_the_bit() -> None:
    project = digits(*EVERY)
    prepared = prepare(project.data)
    parts = {name: Streamed(getattr(prepared, name)) for name in ("train", "validation", "test")}
    assert same(trained(project), trained(project, prepared=evolve(prepared, **parts)))


def test_a_mixed_target_costs_what_cross_entropy_of_its_shares_costs() -> None:
    state = made(digits(Mixup(alpha=1)))
    inputs, targets = next(state.batches())
    own, other, share = targets
    assert share.unique().numel() == 1
    assert 0.5 <= float(share[0]) < 1
    with torch.no_grad():
        scores = state.module(*inputs)
        soft = share[:, None] * torch.nn.functional.one_hot(own, 10)
        soft = soft + (1 - share[:, None]) * torch.nn.functional.one_hot(other, 10)
        torch.testing.assert_close(
            state.criterion(scores, targets), torch.nn.functional.cross_entropy(scores, soft)
        )
        plain = total_loss(state.objectives)
        one = torch.ones_like(share)
        torch.testing.assert_close(mixing(plain, 1)(scores, [own, other, one]), plain(scores, [own]))


@pytest.mark.parametrize("recipe", [{}, {"accumulate": 2, "batch_size": 60}])
@pytest.mark.parametrize("step", [Mixup(), CutMix()], ids=["mixup", "cutmix"])
def test_mixed_samples_are_learnt_from_and_measured(step: Transform, recipe: dict[str, int]) -> None:
    adam = registry(Optimiser)["Adam"](rate=0.01)
    result = trained(digits(step, epochs=8, optimiser=adam, **recipe))
    assert result.reason == "done"
    assert result.metrics["test"]["accuracy"] > 0.8


def test_masks_are_turned_and_pasted_with_their_pictures() -> None:
    made_up = RandomPictures(target=MASK, height=12, width=12, samples=40)
    loss = registry(Loss)["BinaryCrossEntropy"]()
    project = chain(
        layer("Conv2d", out_channels=1, kernel_size=3, padding=1), layer("Output", loss=loss), batch_size=14
    )
    project = edits.set_data(project, evolve(project.data, source=made_up))
    plain = made(project)
    state = made(with_data_steps(project, "image", Flip(chance=1)))
    for (inputs, targets), (before, masks) in zip(state.batches(), plain.batches(), strict=True):
        torch.testing.assert_close(inputs[0], before[0].flip(3), atol=1e-6, rtol=0)
        assert torch.equal(targets[0], masks[0].flip(3))
    state = made(with_data_steps(project, "image", CutMix()))
    changed = False
    for (inputs, targets), (before, masks) in zip(state.batches(), plain.batches(), strict=True):
        own, other, _ = targets
        assert torch.equal(own, other), "its mask says itself what was pasted"
        kept = (inputs[0] == before[0]).all(1, keepdim=True)
        assert torch.equal(own[kept], masks[0][kept])
        changed |= not bool(kept.all())
    assert changed


def test_a_picture_that_is_its_own_target_is_not_noisy_there_but_turned() -> None:
    """A network that takes noise away learns from the clean picture, in the same place."""
    loss = registry(Loss)["MeanSquaredError"]()
    project = chain(
        layer("Conv2d", out_channels=1, kernel_size=3, padding=1),
        layer("Output", loss=loss, target="image"),
        data="Digits",
    )
    plain, state = made(project), made(with_data_steps(project, "image", Flip(chance=1), Noise(amount=0.1)))
    (inputs, targets), (before, _) = next(state.batches()), next(plain.batches())
    torch.testing.assert_close(targets[0].reshape(-1, 1, 8, 8), before[0].flip(3))
    assert not torch.allclose(inputs[0], before[0].flip(3))


def test_a_table_is_trained_with_noise_and_two_seeds_differ() -> None:
    project = with_data_steps(table(epochs=2), "features", Noise(amount=0.2))
    one, again = trained(project), trained(project)
    assert same(one, again)
    assert not same(one, trained(table(epochs=2)))
