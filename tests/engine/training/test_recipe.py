"""Everything else that a recipe can say: each does what the same in plain PyTorch does, and goes on after an
interruption as if there had been none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

from engine import kinds
from engine.codegen.build import build
from engine.data.prepare import prepare
from engine.kinds import registry
from engine.losses.loss import Loss
from engine.message import Trouble
from engine.optim.averaging import EpochAverage, MovingAverage
from engine.optim.optimiser import Optimiser
from engine.project.project import Project
from engine.runs.shelf import Shelf
from engine.runs.thread import Run
from engine.training import checkpoint as checkpoints
from engine.training.averages import measure_anew
from engine.training.checkpoint import Checkpoint
from engine.training.recomputing import recompute
from engine.training.reports import Evaluated, Failed, Finished, Progress, Report, Started
from engine.training.state import TrainingState, batch_sizes
from engine.training.train import Trained, train
from tests.engine.projects import chain, layer, table, with_recipe


def trained(project: Project, **options: Any) -> tuple[list[Report], Trained]:
    found: list[Report] = []
    training = train(project, **options)
    while True:
        try:
            found.append(next(training))
        except StopIteration as end:
            return found, end.value


def losses(reports: list[Report]) -> list[float]:
    return [loss for one in reports if isinstance(one, Progress) for loss in one.losses]


def weights(result: Trained) -> dict[str, torch.Tensor]:
    return result.built.module.state_dict()


def same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], two[name]) for name in one)


def sgd(**settings: Any) -> Optimiser:
    return registry(Optimiser)["SGD"](**settings)


PLAIN = chain(
    layer("Linear", out_features=8),
    layer("Tanh"),
    layer("BatchNorm1d"),
    layer("Linear", out_features=3),
    layer("Output"),
    epochs=3,
    batch_size=16,
    keep_best=False,
    optimiser=sgd(rate=0.1),
)
SMOOTH = chain(
    layer("Linear", out_features=8),
    layer("Tanh"),
    layer("Linear", out_features=3),
    layer("Output"),
    epochs=2,
    batch_size=16,
    keep_best=False,
    optimiser=sgd(rate=0.1),
)


class Loop:
    """A plain loop over the same samples, to hang things into."""

    def __init__(self, project: Project) -> None:
        self.recipe = project.recipe
        self.module = build(project, project.recipe.seed).module.train()
        columns = prepare(project.data).train.batch(slice(None))
        self.x, self.y = torch.tensor(columns["features"]), torch.tensor(columns["species"])
        self.optimiser = torch.optim.SGD(self.module.parameters(), 0.1, 0.9, nesterov=True, fused=True)
        self.losses: list[float] = []

    def batches(self, size: int) -> Any:
        shuffle = torch.Generator().manual_seed(self.recipe.seed)
        for _ in range(self.recipe.epochs):
            yield torch.randperm(len(self.x), generator=shuffle).split(batch_sizes(len(self.x), size))

    def loss(self, rows: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(self.module(self.x[rows]), self.y[rows])

    def step(self) -> None:
        self.optimiser.step()
        self.optimiser.zero_grad()


# --------------------------------------------------------------------------- gradients


@pytest.mark.parametrize("clip", [None, 0.5])
def test_gradients_can_be_cut_off_number_by_number(clip: float | None) -> None:
    project = with_recipe(SMOOTH, clip_value=0.01, clip=clip)
    reports, _ = trained(project)
    loop = Loop(project)
    for epoch in loop.batches(16):
        for rows in epoch:
            loss = loop.loss(rows)
            loss.backward()
            nn.utils.clip_grad_value_(loop.module.parameters(), 0.01)
            if clip is not None:
                nn.utils.clip_grad_norm_(loop.module.parameters(), clip)
            loop.losses.append(loss.item())
            loop.step()
    assert losses(reports) == loop.losses
    assert losses(reports) != losses(trained(with_recipe(project, clip_value=None))[0])


def test_gradients_of_several_batches_add_up_to_one_step() -> None:
    project = with_recipe(SMOOTH, accumulate=4, batch_size=8)
    reports, result = trained(project)
    loop = Loop(project)
    steps = 0
    for epoch in loop.batches(32):
        for large in epoch:
            steps += 1
            for rows in large.split(batch_sizes(len(large), 8)):
                (loop.loss(rows) * (len(rows) / len(large))).backward()
            loop.step()
    assert result.step == steps == len(losses(reports)), "a step is what changes the weights"
    assert same(weights(result), loop.module.state_dict())
    whole = trained(with_recipe(project, accumulate=1, batch_size=32))
    assert losses(reports) == pytest.approx(losses(whole[0]), rel=1e-4), "as one large batch"


# --------------------------------------------------------------------------- averages


def test_a_moving_average_is_that_of_pytorch() -> None:
    project = with_recipe(PLAIN, averaging=MovingAverage(decay=0.8))
    reports, result = trained(project)
    loop = Loop(project)
    average = AveragedModel(loop.module, multi_avg_fn=get_ema_multi_avg_fn(0.8))
    for epoch in loop.batches(16):
        for rows in epoch:
            loop.loss(rows).backward()
            loop.step()
            average.update_parameters(loop.module)
    assert same(weights(result), average.module.state_dict())
    assert not same(weights(result), loop.module.state_dict())
    last = [one for one in reports if isinstance(one, Evaluated)][-1]
    assert last.validation["loss"] == pytest.approx(result.metrics["validation"]["loss"]), (
        "it is judged by it"
    )
    assert losses(reports) == losses(trained(with_recipe(PLAIN))[0]), "the steps are made from the weights"


def test_an_average_of_epochs_has_statistics_of_its_own() -> None:
    project = with_recipe(PLAIN, averaging=EpochAverage(begin=0.5), epochs=4)
    _, result = trained(project)
    loop = Loop(project)
    average = AveragedModel(loop.module)
    for number, epoch in enumerate(loop.batches(16), 1):
        for rows in epoch:
            loop.loss(rows).backward()
            loop.step()
        if number >= 2:
            average.update_parameters(loop.module)
    update_bn([loop.x], average)
    expected = average.module.state_dict()
    for name, value in weights(result).items():
        if "num_batches" not in name:
            torch.testing.assert_close(value, expected[name])
    assert average.n_averaged == 3


def test_statistics_that_are_measured_anew_draw_no_numbers_and_leave_frozen_ones() -> None:
    project = chain(
        layer("Linear", out_features=8),
        layer("BatchNorm1d"),
        layer("BatchNorm1d", frozen=True),
        layer("Dropout"),
        layer("Linear", out_features=3),
        layer("Output"),
    )
    built = build(project, 0)
    state = TrainingState(project, prepare(project.data), built, torch.device("cpu"), 1)
    before, stream = {k: v.clone() for k, v in built.module.state_dict().items()}, torch.get_rng_state()
    measure_anew(built.module, state.samples, 64)
    after = built.module.state_dict()
    assert torch.equal(torch.get_rng_state(), stream)
    assert torch.equal(after["norm2.running_mean"], before["norm2.running_mean"])
    assert not torch.equal(after["norm1.running_mean"], before["norm1.running_mean"])
    assert built.module.norm1.momentum == 0.1
    assert built.module.training


KEPT: dict[str, dict[str, Any]] = {
    "a moving average": {"averaging": MovingAverage(decay=0.9)},
    "an average of epochs": {"averaging": EpochAverage(begin=0.25)},
    "added gradients": {"accumulate": 2, "batch_size": 8},
    "balanced samples": {"sampling": "balanced"},
    "bfloat16": {"precision": "bfloat16"},
    "float16": {"precision": "float16"},
    "another measure": {"watch": "accuracy", "keep_best": True, "patience": 3},
}


@pytest.mark.parametrize("settings", KEPT.values(), ids=KEPT)
def test_going_on_in_the_midst_of_an_epoch_changes_no_bit(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.recorder.EVERY", 0.0)
    monkeypatch.setattr("engine.training.rollback.SHARE", 0)
    project = table(**{"epochs": 4, "batch_size": 16, "keep_best": False, "exact": True, **settings})
    kept: list[Checkpoint] = []
    _, whole = trained(project, on_checkpoint=kept.append)
    middle = next(one for one in kept if one.epoch == 2 and one.position == 3)
    middle.write(tmp_path / "checkpoint.pt")
    _, resumed = trained(project, checkpoint=checkpoints.read(tmp_path / "checkpoint.pt"))
    assert same(weights(whole), weights(resumed))
    assert resumed.metrics == whole.metrics


# --------------------------------------------------------------------------- samples and numbers


def test_rare_classes_are_drawn_as_often_as_common_ones() -> None:
    project = table("BreastCancer", 2, sampling="balanced", batch_size=32)
    prepared = prepare(project.data)
    state = TrainingState(project, prepared, build(project, 0), torch.device("cpu"), 1)
    labels = torch.cat(
        [targets[0] for _ in range(20) for _, targets in state.batches() if not state.next_epoch()]
    )
    share = labels.float().mean()
    own = torch.tensor(prepared.train.batch(slice(None))[prepared.schema.target]).float().mean()
    assert abs(share - 0.5) < 0.02 < abs(own - 0.5)


def test_classes_are_balanced_only_where_there_are_some() -> None:
    mse = registry(Loss)["MeanSquaredError"]()
    with pytest.raises(Trouble, match="there are none"):
        list(train(table("Diabetes", 1, loss=mse, sampling="balanced")))


@pytest.mark.parametrize("precision", ["bfloat16", "float16", "tf32"])
def test_fewer_digits_learn_nearly_the_same(precision: str) -> None:
    project = with_recipe(SMOOTH, epochs=6)
    whole, short = trained(project)[0], trained(with_recipe(project, precision=precision))[0]
    assert (losses(whole) == losses(short)) == (precision == "tf32"), "which a processor does not have"
    assert losses(short)[-5:] == pytest.approx(losses(whole)[-5:], rel=0.1)


def test_gradients_in_half_precision_are_kept_from_becoming_nothing() -> None:
    project = with_recipe(SMOOTH, precision="float16", epochs=1)
    kept: list[Checkpoint] = []
    trained(project, on_checkpoint=kept.append)
    assert kept[-1].scaler["scale"] >= 2**10


def test_channels_stand_side_by_side_in_memory() -> None:
    project = chain(
        layer("Conv2d", out_channels=6, kernel_size=3),
        layer("Conv2d", out_channels=6, kernel_size=3),
        layer("BatchNorm2d"),
        layer("ReLU"),
        layer("Flatten"),
        layer("Linear", out_features=10),
        layer("Output"),
        data="Digits",
        epochs=1,
        batch_size=256,
    )
    usual, other = trained(project), trained(with_recipe(project, channels_last=True))
    assert losses(other[0]) == pytest.approx(losses(usual[0]), rel=1e-3)
    weight = weights(other[1])["conv2.weight"]  # of one channel alone, both orders are one
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not weights(usual[1])["conv2.weight"].is_contiguous(memory_format=torch.channels_last)


# --------------------------------------------------------------------------- less memory


def deep(**recipe: Any) -> Project:
    return chain(
        layer("Reshape", sizes=(8, 8)),
        layer("TransformerEncoder", layers=3, heads=2, feedforward=32),
        layer("Flatten"),
        layer("Linear", out_features=10),
        layer("Output"),
        data="Digits",
        epochs=1,
        batch_size=256,
        **recipe,
    )


def test_what_is_computed_anew_gives_the_same_bits_in_less_memory() -> None:
    usual, anew = trained(deep()), trained(deep(recompute=True))
    assert losses(usual[0]) == losses(anew[0]), "dropout draws the same numbers again"
    assert same(weights(usual[1]), weights(anew[1]))
    held = []
    for project in (deep(), deep(recompute=True)):
        module = build(project, 0).module.train()
        if project.recipe.recompute:
            recompute(module)
        sizes: list[int] = []

        def keep(tensor: torch.Tensor, sizes: list[int] = sizes) -> torch.Tensor:
            sizes.append(tensor.nbytes)
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda one: one):
            module(torch.randn(64, 1, 8, 8))
        held.append(sum(sizes))
    assert held[1] < held[0] / 3


def test_statistics_are_taken_once_where_a_block_is_computed_anew() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block = nn.Sequential(nn.ModuleDict())  # only holds others
            self.part = Part()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.part(x)

    class Part(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.norm = nn.Linear(4, 4), nn.BatchNorm1d(4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.norm(self.one(x)).relu()

    torch.manual_seed(0)
    usual, anew = Two(), Two()
    anew.load_state_dict(usual.state_dict())
    recompute(anew)
    x = torch.randn(8, 4)
    for module in (usual, anew):
        module(x).square().sum().backward()
    assert same(usual.state_dict(), anew.state_dict())
    assert all(
        torch.equal(a.grad, b.grad) for a, b in zip(usual.parameters(), anew.parameters(), strict=True)
    )


# --------------------------------------------------------------------------- exact


def test_an_exact_training_asks_pytorch_for_it_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    for exact in (False, True):
        training = train(with_recipe(SMOOTH, exact=exact))
        started = next(training)
        assert isinstance(started, Started)
        assert started.exact, "a processor repeats itself"
        asked.append(torch.are_deterministic_algorithms_enabled())
        list(training)
        assert not torch.are_deterministic_algorithms_enabled()
    assert asked == [False, True]


# --------------------------------------------------------------------------- the best epoch, and the end


@pytest.mark.parametrize("watch", ["loss", "accuracy", "f1"])
def test_the_best_epoch_is_that_of_the_measure_that_is_watched(watch: str) -> None:
    project = table(epochs=12, batch_size=16, watch=watch, keep_best=True, optimiser=sgd(rate=0.3))
    reports, result = trained(project)
    found = [(one.epoch, one.validation[watch]) for one in reports if isinstance(one, Evaluated)]
    chosen = (min if watch == "loss" else max)(found, key=lambda one: one[1])
    assert result.kept_epoch == chosen[0]
    assert result.metrics["validation"][watch] == pytest.approx(chosen[1])


def test_a_small_change_does_not_count() -> None:
    project = table(epochs=40, batch_size=16, watch="accuracy", patience=2, least_change=2.0)
    _, result = trained(project)
    assert (result.reason, result.step) == ("early", 3 * 6), "no accuracy is better by 2"


@pytest.mark.parametrize(("watch", "goal"), [("accuracy", 0.6), ("loss", 0.7)])
def test_a_goal_ends_the_training(watch: str, goal: float) -> None:
    project = table(epochs=300, batch_size=16, watch=watch, goal=goal, optimiser=sgd(rate=0.1))
    reports, result = trained(project)
    found = [one.validation[watch] for one in reports if isinstance(one, Evaluated)]
    assert result.reason == "goal"
    assert len(found) < 300
    assert [value >= goal if watch == "accuracy" else value <= goal for value in found] == [False] * (
        len(found) - 1
    ) + [True]


def test_a_training_ends_when_its_time_is_over(tmp_path: Path) -> None:
    project = table(epochs=100_000, batch_size=16, minutes=0.3 / 60)
    run = Run(project, shelf=Shelf(tmp_path))
    run.start()
    assert run.wait(30)
    last = run.poll()[-1]
    assert isinstance(last, Finished)
    assert last.reason == "time"
    assert 0.3 <= last.seconds < 10
    assert Shelf(tmp_path).run(run.number).state == "time"


def test_a_file_of_the_weights_is_kept_every_few_epochs(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    project = table(epochs=5, batch_size=16, keep_every=2, keep_best=False)
    run = Run(project, shelf=Shelf(tmp_path))
    run.start()
    assert run.wait(30)
    record = Shelf(tmp_path).run(run.number)
    files = sorted(path.name for path in (record.folder / "epochs").iterdir())
    assert files == ["00002.safetensors", "00004.safetensors"]
    four = trained(with_recipe(project, epochs=4))[1]
    assert same(load_file(record.folder / "epochs" / files[1]), weights(four))


def test_what_is_not_measured_cannot_be_watched() -> None:
    with pytest.raises(Trouble, match="watches rmse, which is not measured here"):
        list(train(table(watch="rmse")))


def test_settings_that_nobody_uses_stand_in_no_file() -> None:
    written = kinds.values_to_json(table().recipe)
    assert list(written) == [
        "optimiser",
        "schedule",
        "epochs",
        "batch_size",
        "patience",
        "keep_best",
        "clip",
        "seed",
        "device",
        "threads",
    ]
    assert set(written["optimiser"]) == {"kind", "rate", "weight_decay", "beta1", "beta2", "eps", "amsgrad"}
    assert written["schedule"] == {"kind": "Constant"}


def test_a_failure_within_an_average_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    project = with_recipe(PLAIN, averaging=MovingAverage(), optimiser=sgd(rate=1e30))
    reports, _ = trained(project)
    assert isinstance(reports[-1], Failed)
