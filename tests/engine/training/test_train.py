from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from attrs import evolve

from engine import edits
from engine.codegen.build import build
from engine.data.dataset import Columns, Dataset
from engine.data.prepare import prepare
from engine.data.schema import Raw
from engine.edits.blocks import expose
from engine.hardware import memory
from engine.hardware.device import choose_device, choose_threads
from engine.kinds import registry
from engine.losses.loss import Loss
from engine.message import Trouble
from engine.optim.optimiser import Optimiser, Schedule
from engine.project.blocks import Use
from engine.project.project import Project
from engine.training import checkpoint as checkpoints
from engine.training.checkpoint import Checkpoint
from engine.training.control import Control
from engine.training.divergence import Diverged, find
from engine.training.evaluation import evaluate, final_metrics
from engine.training.fused_update import FusedUpdate
from engine.training.metrics import Judged, Meter
from engine.training.recorder import Recorder
from engine.training.reports import Evaluated, Failed, Finished, Progress, Report, Started
from engine.training.rollback import Rollback
from engine.training.samples import TensorSamples
from engine.training.state import TrainingState, batch_sizes, make_optimiser
from engine.training.steps.eager import EagerStep
from engine.training.train import Trained, train
from tests.engine.projects import chain, layer, node, table, with_recipe


def trained(project: Project, **options: Any) -> tuple[list[Report], Trained]:
    """Every report, and the result."""
    found: list[Report] = []
    training = train(project, **options)
    while True:
        try:
            found.append(next(training))
        except StopIteration as end:
            return found, end.value


def weights(result: Trained) -> dict[str, torch.Tensor]:
    return result.built.module.state_dict()


def same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], two[name]) for name in one)


def of(kind: type[Any], reports: list[Report]) -> list[Any]:
    return [report for report in reports if isinstance(report, kind)]


# --------------------------------------------------------------------------- learning


def test_a_small_network_learns_flowers() -> None:
    reports, result = trained(
        table(epochs=30, batch_size=16, optimiser=registry(Optimiser)["Adam"](rate=0.02))
    )
    assert result.metrics["test"]["accuracy"] >= 0.9
    assert result.reason == "done"
    assert isinstance(reports[0], Started)
    assert isinstance(reports[-1], Finished)
    assert not result.built.module.training


def test_every_step_is_told_once_and_the_last_small_batch_is_kept() -> None:
    project = table(epochs=3, batch_size=20)
    reports, result = trained(project)
    samples = len(prepare(project.data).train)
    assert (
        sum(len(report.losses) for report in of(Progress, reports))
        == result.step
        == 3 * math.ceil(samples / 20)
    )
    assert all(len(report.metrics["accuracy"]) == len(report.losses) for report in of(Progress, reports))
    assert [report.epoch for report in of(Evaluated, reports)] == [1, 2, 3]
    assert reports[0].steps == result.step


@pytest.mark.parametrize(
    ("samples", "batch", "expected"),
    [(10, 4, [4, 4, 2]), (9, 4, [4, 5]), (8, 4, [4, 4]), (3, 8, [3]), (1, 8, [1]), (3, 1, [1, 1, 1])],
)
def test_a_lone_last_sample_joins_the_batch_before(samples: int, batch: int, expected: list[int]) -> None:
    assert batch_sizes(samples, batch) == expected


def test_each_epoch_sees_every_sample_once_in_an_order_of_its_own() -> None:
    state = made(table(batch_size=16))
    seen = []
    for _ in range(2):
        batches = list(state.batches())
        seen.append(torch.cat([inputs[0] for inputs, _ in batches]))
        state.next_epoch()
    assert not torch.equal(seen[0], seen[1])
    everything = state.samples.columns(slice(None))[0]
    for order in seen:
        assert torch.equal(order.sort(0).values, everything.sort(0).values)


class Streamed:
    """Samples that are read batch by batch, as of a set that is larger than memory."""

    resident = False

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.largest = 0

    def __len__(self) -> int:
        return len(self.dataset)

    def batch(self, rows: slice | np.ndarray) -> Columns:
        columns = self.dataset.batch(rows)
        self.largest = max(self.largest, *map(len, columns.values()))
        return columns


def test_samples_that_are_read_batch_by_batch_train_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.state.PIECE", 1)
    monkeypatch.setattr("engine.training.state.EVALUATED", 1)
    project = table(epochs=2, batch_size=16)
    prepared = prepare(project.data)
    parts = [Streamed(part) for part in (prepared.train, prepared.validation, prepared.test)]
    streamed = evolve(prepared, train=parts[0], validation=parts[1], test=parts[2])
    _, whole = trained(project)
    _, again = trained(project, prepared=streamed)
    assert same(weights(whole), weights(again))
    assert whole.metrics == again.metrics
    assert max(part.largest for part in parts) <= 17


def test_a_step_leaves_the_mean_loss_and_the_sums_of_measures_of_each_batch() -> None:
    state = made(table("Diabetes", 1, loss=registry(Loss)["MeanSquaredError"](), batch_size=100))
    step = EagerStep(state)
    assert step.results() is None
    batches = list(state.batches())
    for batch in batches:
        step([batch], [0.0], measure_norm=batch is batches[-1])  # at rate 0 no weight changes
    results = step.results()
    assert results is not None
    assert step.results() is None, "it is told once"
    assert results.samples.tolist() == [len(targets[0]) for _, targets in batches]
    assert results.norm is not None
    assert results.sums.shape == (1, len(batches))
    size = float(np.asarray(state.objectives[0].scaler.size).item())  # type: ignore[union-attr]  # numbers are scaled
    means = results.sums[0] / results.samples
    assert means == pytest.approx(np.array(results.losses) * size**2, rel=1e-4)


def test_reports_are_plain_json() -> None:
    reports, _ = trained(table(epochs=2))
    lines = [json.loads(json.dumps(report.json(), allow_nan=False)) for report in reports]
    assert lines[0]["report"] == "started"
    assert {"step", "epoch", "loss", "accuracy"} <= lines[1].keys()
    assert lines[-1]["report"] == "finished"
    assert set(lines[-1]["metrics"]) == {"train", "validation", "test"}


def test_errors_of_a_regression_are_in_the_targets_own_units() -> None:
    project = table("Diabetes", 1, loss=registry(Loss)["MeanSquaredError"](), epochs=20)
    reports, result = trained(project)
    assert 40 < result.metrics["test"]["rmse"] < 90  # the disease score has a spread of 77
    assert {"rmse", "mae", "r2", "loss"} == result.metrics["test"].keys()
    assert all(20 < value < 300 for value in of(Progress, reports)[-1].metrics["rmse"])


def test_one_score_can_say_yes_or_no() -> None:
    project = table("BreastCancer", 1, loss=registry(Loss)["BinaryCrossEntropy"](), epochs=8)
    _, result = trained(project)
    assert result.metrics["test"]["accuracy"] > 0.9


def test_several_outputs_are_trained_by_the_weighted_sum_of_their_losses() -> None:
    project = chain(layer("Linear", out_features=3), layer("Output"), epochs=2)
    project = edits.add(project, "other", layer("Output", weight=0.5), name="second")
    project = edits.connect(project, node(project, "linear1"), "out", "other", "x")
    _, result = trained(project)
    single = trained(chain(layer("Linear", out_features=3), layer("Output", weight=1.5), epochs=2))[1]
    test = result.metrics["test"]
    assert test["loss"] == pytest.approx(single.metrics["test"]["loss"], rel=1e-5)
    assert test["output1.accuracy"] == test["second.accuracy"]
    reports, _ = trained(project)
    for told in (test, of(Evaluated, reports)[-1].validation):
        assert told["output1.loss"] + 0.5 * told["second.loss"] == pytest.approx(told["loss"], rel=1e-5)


def test_the_penalty_on_large_weights_is_told_beside_the_loss() -> None:
    project = chain(layer("Linear", out_features=3, l2=0.5), layer("Output"), epochs=2, keep_best=False)
    reports, result = trained(project)
    last, judged = of(Progress, reports)[-1], of(Evaluated, reports)[-1]
    final = 0.5 * float(result.built.module.linear1.weight.detach().square().sum())  # type: ignore[operator,union-attr]  # a Linear
    assert last.penalty is not None
    assert last.json()["penalty"] == last.penalty
    assert judged.validation["penalty"] == pytest.approx(final, rel=1e-5)
    assert result.metrics["test"]["penalty"] == pytest.approx(final, rel=1e-5)
    assert (
        "penalty" not in result.metrics["test"]
        or "penalty" not in of(Progress, trained(table())[0])[-1].json()
    )


def test_only_what_reaches_an_output_is_trained() -> None:
    project = chain(layer("Linear", out_features=3), layer("Output"), epochs=1)
    project = edits.add(project, "spare", layer("Input"))
    project = edits.add(project, "loose", layer("Linear", out_features=9), name="loose")
    project = edits.connect(project, "spare", "out", "loose", "x")
    _, result = trained(project)
    assert not any("loose" in name for name in weights(result))


# --------------------------------------------------------------------------- the same again


def test_the_same_seed_gives_the_same_bits_whatever_else_draws_random_numbers() -> None:
    project = table(epochs=4, batch_size=16)
    first, second = train(project), train(project)
    results = []
    for training, disturb in ((first, False), (second, True)):
        while True:
            try:
                next(training)
            except StopIteration as end:
                results.append(end.value)
                break
            if disturb:
                torch.rand(7)
    assert same(weights(results[0]), weights(results[1]))
    other = trained(with_recipe(project, seed=1))[1]
    assert not same(weights(results[0]), weights(other))


def test_training_leaves_the_random_numbers_of_others_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trained(table(epochs=1))
    assert torch.equal(torch.rand(3), expected)


def test_training_gives_back_the_number_of_threads() -> None:
    before = torch.get_num_threads()
    training = train(table(epochs=1, threads=2))
    next(training)
    assert torch.get_num_threads() == 2
    for _ in training:
        pass
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Adam", {}),
        ("Adam", {"amsgrad": True, "weight_decay": 0.01}),
        ("AdamW", {}),
        ("SGD", {}),
        ("SGD", {"momentum": 0.0, "weight_decay": 0.1}),
        ("RMSprop", {}),
    ],
)
def test_a_step_of_ours_has_the_bits_of_the_optimisers_own(name: str, options: dict[str, Any]) -> None:
    kind = registry(Optimiser)[name](**options)
    torch.manual_seed(0)
    ours = torch.nn.Linear(5, 3)
    theirs = torch.nn.Linear(5, 3)
    theirs.load_state_dict(ours.state_dict())
    step = FusedUpdate(make_optimiser(kind, ours), kind.rate)
    plain = make_optimiser(kind, theirs)
    for i in range(6):
        step.rate = plain.param_groups[0]["lr"] = kind.rate * (0.9**i)
        for module in (ours, theirs):
            torch.manual_seed(i)
            module(torch.randn(4, 5)).square().sum().backward()
        step()
        plain.step()
        plain.zero_grad()
        assert same(ours.state_dict(), theirs.state_dict())
        assert all(weight.grad is None for weight in ours.parameters())
    for one, two in zip(ours.parameters(), theirs.parameters(), strict=True):
        state, expected = step.optimiser.state[one], plain.state[two]
        assert all(torch.equal(state[key], expected[key]) for key in expected)


GROUPS = {
    "spared": ("AdamW", {"spare_biases": True, "weight_decay": 0.5, "rate": 0.1}, {}),
    "slower": ("SGD", {"rate": 0.1}, {"rate_factor": 0.25}),
    "both": ("Adam", {"spare_biases": True, "weight_decay": 0.5, "rate": 0.01}, {"rate_factor": 3.0}),
    "plain steps": ("NAdam", {"spare_biases": True, "weight_decay": 0.5}, {"rate_factor": 0.5}),
}


@pytest.mark.parametrize(("name", "settings", "first"), GROUPS.values(), ids=GROUPS)
def test_layers_learn_at_rates_of_their_own_and_biases_are_spared(
    name: str, settings: dict[str, Any], first: dict[str, Any]
) -> None:
    kind = registry(Optimiser)[name](**settings)
    project = chain(
        layer("Linear", out_features=5, **first),
        layer("Tanh"),
        layer("BatchNorm1d"),
        layer("Linear", out_features=3),
        layer("Output"),
        optimiser=kind,
        batch_size="all",
        epochs=3,
        keep_best=False,
    )
    theirs = build(project, 0).module.train()
    decay, factor = settings.get("weight_decay", 0.0), first.get("rate_factor", 1.0)
    groups = [
        {
            "params": [weight],
            "lr": kind.rate * (factor if "linear1" in name_ else 1.0),
            "weight_decay": 0.0 if weight.dim() < 2 and kind.spares() else decay,
        }
        for name_, weight in theirs.named_parameters()
    ]
    options = {"SGD": {"momentum": 0.9, "nesterov": True}}.get(name, {})
    optimiser = getattr(torch.optim, name)(groups, **options)
    columns = prepare(project.data).train.batch(slice(None))
    x, y = torch.tensor(columns["features"]), torch.tensor(columns["species"])
    expected = []
    for _ in range(3):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(theirs(x), y)
        loss.backward()
        optimiser.step()
        expected.append(loss.item())
    reports, result = trained(project)
    losses = [loss for report in of(Progress, reports) for loss in report.losses]
    assert losses == pytest.approx(expected, rel=1e-5), "samples come in another order"
    for key, value in theirs.named_parameters():
        torch.testing.assert_close(weights(result)[key], value.detach(), rtol=1e-4, atol=1e-6)


def test_each_use_of_a_block_may_learn_at_a_rate_of_its_own_or_not_at_all() -> None:
    project = chain(
        layer("Linear", out_features=4), layer("Tanh"), layer("Linear", out_features=3), layer("Output")
    )
    project = edits.fold(project, [node(project, "linear1"), node(project, "tanh1")], "Half")
    (use,) = [id for id, one in project.graph.nodes.items() if isinstance(one.kind, Use)]
    inner = next(iter(project.graph.blocks["Half"].layers)).id
    project = edits.set_param(expose(project, (use,), inner, "rate_factor"), use, "rate_factor", 0.5)
    project = expose(project, (use,), inner, "frozen")
    groups = make_optimiser(project.recipe.optimiser, build(project, 0).module).param_groups
    assert [(group["factor"], len(group["params"])) for group in groups] == [(0.5, 2), (1.0, 2)]
    still = build(edits.set_param(project, use, "frozen", True), 0).module
    assert [weight.requires_grad for weight in still.parameters()] == [False, False, True, True]


def test_a_rate_of_its_own_stands_in_the_code() -> None:
    project = chain(layer("Linear", out_features=3, rate_factor=0.1), layer("Output"))
    built = build(project, 0)
    assert "self.linear1.rate_factor = 0.1\n" in built.source.text
    assert "rate_factor" not in build(table(), 0).source.text
    groups = make_optimiser(project.recipe.optimiser, built.module).param_groups
    assert [group["factor"] for group in groups] == [0.1]


def test_a_rate_that_falls_on_a_plateau_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.rollback.SHARE", 0)
    schedule = registry(Schedule)["ReduceOnPlateau"](patience=0, threshold=0.5, by=0.5)
    project = table(epochs=6, batch_size=32, keep_best=False, schedule=schedule)
    taken: list[Checkpoint] = []
    reports, whole = trained(project, on_checkpoint=taken.append)
    rates = [report.rate for report in of(Progress, reports)]
    assert rates[-1] < rates[0] / 4
    middle = next(one for one in taken if one.epoch == 3)
    middle.write(tmp_path / "checkpoint.pt")
    _, on = trained(project, checkpoint=checkpoints.read(tmp_path / "checkpoint.pt"))
    assert same(weights(on), weights(whole))


@pytest.mark.parametrize("optimiser", ["Adam", "SGD", "RMSprop", "SignMomentum", "Muon"])
def test_going_on_from_a_checkpoint_changes_no_bit(
    optimiser: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.recorder.EVERY", 0.0)
    monkeypatch.setattr("engine.training.rollback.SHARE", 0)
    project = table(
        epochs=4,
        batch_size=16,
        optimiser=registry(Optimiser)[optimiser](),
        schedule=registry(Schedule)["Cosine"](warm_up=1.0),
    )
    kept: list[Checkpoint] = []
    reports, whole = trained(project, on_checkpoint=kept.append)
    middle = next(one for one in kept if one.epoch == 2 and one.position == 3)
    middle.write(tmp_path / "checkpoint.pt")
    later, resumed = trained(project, checkpoint=checkpoints.read(tmp_path / "checkpoint.pt"))
    assert same(weights(whole), weights(resumed))
    assert resumed.metrics == whole.metrics
    assert resumed.kept_epoch == whole.kept_epoch
    assert of(Evaluated, later)[0].train == pytest.approx(of(Evaluated, reports)[2].train)
    again = trained(project, checkpoint=middle)[1]
    assert same(weights(again), weights(whole)), "a checkpoint in memory is not changed by going on from it"


def test_a_damaged_checkpoint_says_so(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(Trouble, match="cannot be read"):
        checkpoints.read(path)


# --------------------------------------------------------------------------- pause and stop


def test_a_stop_is_obeyed_before_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.recorder.EVERY", 0.0)
    control = Control()
    training = train(table(epochs=1000, batch_size=16), control=control)
    report: Report = next(training)
    while not isinstance(report, Progress) or report.step < 9:
        report = next(training)
    control.stop()
    rest = list(training)
    finished = rest[-1]
    assert isinstance(finished, Finished)
    assert finished.step == report.step
    assert finished.reason == "stopped"
    assert isinstance(rest[0], Evaluated), (
        "the epoch that was broken off is judged, so that it can be the best"
    )
    assert rest[0].epoch == pytest.approx(report.epoch)


def test_a_stop_before_the_first_step_keeps_the_first_weights() -> None:
    control = Control()
    control.stop()
    project = table(epochs=5)
    _, result = trained(project, control=control)
    assert (result.reason, result.step, result.kept_epoch) == ("stopped", 0, 0)
    assert same(weights(result), build(project, project.recipe.seed).module.state_dict())


def test_a_pause_holds_the_training_and_changes_no_bit() -> None:
    project = table(epochs=30, batch_size=16)
    plain = trained(project)[1]
    control = Control()
    control.pause()
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.extend(trained(project, control=control)))
    thread.start()
    for _ in range(3):
        time.sleep(0.05)
        assert thread.is_alive()
        control.resume()
        time.sleep(0.02)
        control.pause()
    control.resume()
    thread.join(30)
    assert same(weights(found[1]), weights(plain))
    assert found[0][-1].seconds < 30


def test_a_stop_ends_a_pause() -> None:
    control = Control()
    control.pause()
    control.stop()
    assert control.obey() is False
    assert not control.paused


# --------------------------------------------------------------------------- which weights are kept


def overfitting(**recipe: Any) -> Project:
    """A network that soon learns its few samples by heart, so that its validation loss rises again."""
    return chain(
        layer("Linear", out_features=64),
        layer("ReLU"),
        layer("Linear", out_features=3),
        layer("Output"),
        data="Wine",
        optimiser=registry(Optimiser)["Adam"](rate=0.05),
        **recipe,
    )


def test_the_best_weights_are_kept() -> None:
    reports, result = trained(overfitting(epochs=25))
    found = of(Evaluated, reports)
    best = min(found, key=lambda report: report.validation["loss"])
    assert best.epoch < 25
    assert result.kept_epoch == best.epoch
    assert result.metrics["validation"]["loss"] == pytest.approx(best.validation["loss"], rel=1e-5)
    assert [report.best for report in found] == [
        report.validation["loss"] < min((r.validation["loss"] for r in found[:i]), default=math.inf)
        for i, report in enumerate(found)
    ]


def test_the_last_weights_are_kept_where_the_recipe_says_so() -> None:
    reports, result = trained(overfitting(epochs=25, keep_best=False))
    assert result.kept_epoch == 25
    last = of(Evaluated, reports)[-1]
    assert result.metrics["validation"]["loss"] == pytest.approx(last.validation["loss"], rel=1e-5)


@pytest.mark.parametrize("keep_best", [True, False])
def test_stopping_early_waits_for_its_patience_and_goes_back_to_the_best(keep_best: bool) -> None:
    reports, result = trained(overfitting(epochs=200, patience=4, keep_best=keep_best))
    found = of(Evaluated, reports)
    best = min(found, key=lambda report: report.validation["loss"])
    assert result.reason == "early"
    assert found[-1].epoch == best.epoch + 4
    assert result.kept_epoch == best.epoch


def test_going_on_after_the_patience_is_over_does_not_train_on() -> None:
    kept: list[Checkpoint] = []
    project = overfitting(epochs=200, patience=2)
    _, whole = trained(project, on_checkpoint=kept.append)
    state = made(project)
    state.restore(kept[-1])
    state.epochs_without_improvement = 2
    _, resumed = trained(project, checkpoint=state.checkpoint(()))
    assert resumed.reason == "early"
    assert resumed.step == kept[-1].step <= whole.step


@pytest.mark.parametrize(
    "loss",
    [
        {"kind": "CrossEntropy", "class_weights": "0.2, 5, 1"},
        {"kind": "CrossEntropy", "class_weights": "0, 5, 1", "label_smoothing": 0.1},
        {"kind": "CrossEntropy", "ignore": 1},
        {"kind": "NegativeLogLikelihood", "class_weights": "0.2, 5, 1"},
        {"kind": "Focal", "class_weights": "balanced", "ignore": 2},
        {"kind": "Dice"},
        {"kind": "Hinge"},
    ],
    ids=lambda loss: "-".join(map(str, loss.values())),
)
def test_what_a_part_of_the_data_costs_does_not_depend_on_how_it_is_cut(loss: dict[str, object]) -> None:
    project = table(loss=loss)
    state = made(project)
    samples = state.samples
    found = []
    for rows in (7, 64, len(state.prepared.train)):
        state.evaluation_batch = rows
        found.append(evaluate(state, samples))
    assert found[0] == pytest.approx(found[2], rel=1e-6)
    assert found[1] == pytest.approx(found[2], rel=1e-6)
    assert found[2]["loss"] == pytest.approx(
        final_metrics(state, state.prepared.train).values["loss"], rel=1e-6
    )


# --------------------------------------------------------------------------- what goes wrong


def made(project: Project) -> TrainingState:
    return TrainingState(project, prepare(project.data), build(project, 0), torch.device("cpu"), 1)


def failed(project: Project) -> tuple[Failed, Trained]:
    reports, result = trained(project)
    assert isinstance(reports[-1], Failed)
    assert result.reason == "failed"
    assert all(bool(value.isfinite().all()) for value in weights(result).values())
    return reports[-1], result


def test_a_rate_that_is_too_high_is_told_with_the_layer_and_the_step() -> None:
    project = chain(
        layer("Linear", out_features=8),
        layer("Linear", out_features=3),
        layer("Output"),
        optimiser=registry(Optimiser)["SGD"](rate=1e30),
    )
    failure, _ = failed(project)
    assert failure.node in {node(project, "linear1"), node(project, "linear2")}
    assert failure.step in {2, 3}
    assert "learning rate (it was 1e+30)" in str(failure.message)
    assert project.graph.nodes[failure.node].name in str(failure.message)


def test_a_layer_that_is_only_a_line_of_code_is_named_too() -> None:
    project = squares(12)
    failure, _ = failed(project)
    assert failure.step == 1
    assert failure.node is not None
    assert project.graph.nodes[failure.node].kind == layer("Multiply")
    first = min(int(id[6:]) for id in overflowing(project))
    assert failure.node == f"square{first}"


def squares(times: int) -> Project:
    """A network that squares what a layer gives again and again, until it leaves the range of numbers."""
    project = chain(layer("Linear", out_features=3))
    before = node(project, "linear1")
    for i in range(times):
        project = edits.add(project, f"copy{i}", layer("Identity"))
        project = edits.connect(project, before, "out", f"copy{i}", "x")
        project = edits.add(project, f"square{i}", layer("Multiply"))
        project = edits.connect(project, before, "out", f"square{i}", "xs")
        project = edits.connect(project, f"copy{i}", "out", f"square{i}", "xs")
        before = f"square{i}"
    project = edits.add(project, "end", layer("Output"))
    return edits.connect(project, before, "out", "end", "x")


def overflowing(project: Project) -> list[str]:
    """The squares that are not finite on the first batch, computed by hand."""
    state = made(project)
    inputs, _ = next(state.batches())
    value = next(state.module.children())(inputs[0])
    found = []
    for i in range(12):
        value = value * value
        if not bool(value.isfinite().all()):
            found.append(f"square{i}")
    return found


def test_a_gradient_that_is_not_finite_names_its_layer() -> None:
    project = chain(layer("Linear", out_features=8), layer("Linear", out_features=3), layer("Output"))
    state = made(project)
    rollback = Rollback(state, Recorder(state, EagerStep(state), Control()), None)
    rollback.save()
    state.module.get_parameter("linear1.weight").register_hook(lambda gradient: gradient / 0)
    finding = find(state, rollback.checkpoint, Diverged(2))
    assert finding.node == node(project, "linear1")
    assert finding.step == 1
    assert "gradient of linear1" in str(finding.message)
    assert state.step == 0


def test_validation_that_is_not_finite_stops_the_run_too() -> None:
    project = chain(
        layer("Linear", out_features=8),
        layer("Linear", out_features=3),
        layer("Output"),
        epochs=3,
        batch_size=1000,
        optimiser=registry(Optimiser)["SGD"](rate=1e38),
    )
    failure, _ = failed(project)
    assert failure.node is not None
    assert failure.step == 1


def raising(self: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    raise IndexError("no such row")


def test_an_error_inside_a_layer_is_told_with_the_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    project = table()
    training = train(project)
    next(training)
    monkeypatch.setattr(torch.nn.BatchNorm1d, "forward", raising)
    *_, failure = training
    assert isinstance(failure, Failed)
    assert failure.node == node(project, "norm1")
    assert "PyTorch says: no such row" in str(failure.message)
    assert "Traceback" in failure.trace


def test_a_layer_that_cannot_begin_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.nn.BatchNorm1d, "forward", raising)
    with pytest.raises(Trouble, match="norm1 cannot work on the first samples: PyTorch says: no such row"):
        next(train(table()))


def test_counts_are_left_in_their_own_units() -> None:
    loss = registry(Loss)["PoissonLoss"]()
    adam = registry(Optimiser)["Adam"](rate=0.05)
    _, result = trained(table("Diabetes", 1, loss=loss, epochs=60, optimiser=adam))
    assert result.metrics["train"]["r2"] > 0.2, "the scaled target is below zero for half of the patients"


def test_a_target_that_is_no_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    project = table("Diabetes", 1, loss=registry(Loss)["PoissonLoss"]())
    raw = project.data.source.load()
    columns = {name: -values if name == "progression" else values for name, values in raw.columns.items()}
    monkeypatch.setattr(type(project.data.source), "load", lambda self: Raw(columns))
    prepared = prepare(evolve(project.data, seed=77))
    with pytest.raises(Trouble, match="expects a target from 0 up, received -3"):
        next(train(project, prepared))


def test_what_failed_keeps_the_best_weights_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    project = table(epochs=6)
    reports: list[Report] = []
    training = train(project)
    calls = 0

    def sometimes(state: TrainingState, samples: TensorSamples) -> dict[str, float]:
        nonlocal calls
        calls += 1
        return {"loss": math.nan} if calls == 4 else evaluate(state, samples)

    monkeypatch.setattr("engine.training.train.evaluate", sometimes)
    try:
        while True:
            reports.append(next(training))
    except StopIteration as end:
        result: Trained = end.value
    best = min(of(Evaluated, reports), key=lambda report: report.validation["loss"])
    assert isinstance(reports[-1], Failed)
    assert result.kept_epoch == best.epoch
    assert result.metrics["validation"]["loss"] == pytest.approx(best.validation["loss"], rel=1e-5)


def unmeasurable(*values: object) -> float:
    raise RuntimeError("no room for that many pairs")


def test_a_metric_that_raises_takes_nothing_of_what_was_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = layer("Output", metrics=("accuracy", "AUROC"))
    project = chain(layer("Linear", out_features=3), measured, epochs=2, keep_best=False)
    _, whole = trained(project)
    monkeypatch.setattr("engine.metrics.classification.auroc", unmeasurable)
    reports, result = trained(project)
    assert isinstance(reports[-1], Finished)
    assert same(weights(result), weights(whole))
    assert result.unmeasured == {"auroc": "no room for that many pairs"}
    assert result.metrics["test"]["accuracy"] == whole.metrics["test"]["accuracy"]
    assert "auroc" not in result.metrics["test"]


def test_a_part_that_cannot_be_judged_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    project = table(epochs=1)
    prepared = prepare(project.data)

    def judged(state: TrainingState, dataset: Dataset) -> Judged:
        if dataset is prepared.test:
            raise MemoryError
        return final_metrics(state, dataset)

    monkeypatch.setattr("engine.training.train.final_metrics", judged)
    reports, result = trained(project)
    assert isinstance(reports[-1], Finished)
    assert result.metrics["test"] == {}
    assert result.metrics["train"]["accuracy"] > 0
    assert result.unmeasured == {"test": "MemoryError"}


def test_a_curve_that_cannot_be_measured_ends_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    project = table(epochs=2)
    _, whole = trained(project)
    monkeypatch.setattr(Meter, "_measured", unmeasurable)
    reports, result = trained(project)
    assert isinstance(reports[-1], Finished)
    assert same(weights(result), weights(whole))
    assert result.unmeasured == {"accuracy": "no room for that many pairs"}


def test_what_was_learnt_is_kept_where_validation_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    project = table(epochs=3, keep_best=False)
    learnt: list[dict[str, torch.Tensor]] = []

    def judge(state: TrainingState, samples: TensorSamples) -> dict[str, float]:
        learnt.append(state.weights())
        if len(learnt) == 2:
            raise RuntimeError("no kernel for this batch")
        return evaluate(state, samples)

    monkeypatch.setattr("engine.training.train.evaluate", judge)
    reports, result = trained(project)
    failed = reports[-1]
    assert isinstance(failed, Failed)
    assert "cannot be judged on the validation data after step" in str(failed.message)
    assert "what was learnt is kept. PyTorch says: no kernel for this batch" in str(failed.message)
    assert result.step == 2 * len(made(project).sizes)
    assert same(weights(result), learnt[1])


@pytest.mark.parametrize("held", [1, 400, 64_000_000])
def test_accuracy_does_not_depend_on_when_it_is_reported(monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    """Steps are measured many at once, as many as the clock allows; each counts what it has to count."""
    monkeypatch.setattr("engine.training.steps.eager.HELD", held)
    end = layer("Output", loss={"kind": "CrossEntropy", "ignore": 1})
    project = chain(layer("Linear", out_features=3), end, batch_size=16, epochs=1)
    reports, _ = trained(project)
    steps = [share for report in of(Progress, reports) for share in report.metrics["accuracy"]]
    state = made(project)
    step, right, counted = EagerStep(state), [], []
    for batch in state.batches():
        target = batch[1][0]
        said = state.module(*batch[0]).argmax(1)
        right.append(int(((said == target) & (target != 1)).sum()))
        counted.append(int((target != 1).sum()))
        step([batch], [state.rate()], measure_norm=False)
    assert steps == pytest.approx([one / all for one, all in zip(right, counted, strict=True)], abs=1e-6)
    (epoch,) = of(Evaluated, reports)
    assert epoch.train["accuracy"] == pytest.approx(sum(right) / sum(counted), abs=1e-6)


def test_a_network_that_cannot_be_trained_is_refused_before_it_starts() -> None:
    with pytest.raises(Trouble, match="Output"):
        next(train(chain(layer("Linear", out_features=3))))


def test_what_does_not_fit_into_memory_is_refused_with_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 2_000_000)
    parts = layer("Linear", out_features=100_000), layer("Linear", out_features=3), layer("Output")
    wide = chain(*parts, batch_size=2)
    sentence = (
        r"about [\d.]+ MB of memory, and 2\.0 MB are free\. .* Make \w+ smaller, which has most of them\."
    )
    with pytest.raises(Trouble, match=sentence):
        next(train(wide))
    next(train(table()))


def test_the_memory_that_is_free_is_known() -> None:
    found = memory.available()
    assert found is None or 10_000_000 < found < 10**15


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Trouble, match="finds none here"):
        choose_device("cuda")


def test_small_networks_compute_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.hardware.device.usable_cores", lambda: 8)
    assert choose_threads(None, macs=5_000, batch=32) == 1
    assert choose_threads(None, macs=500_000_000, batch=32) == 4
    assert choose_threads(3, macs=5_000, batch=32) == 3


@pytest.mark.parametrize(("every", "expected"), [(1e9, 2), (0.0, 10)])
def test_losses_leave_in_batches_not_one_by_one(
    every: float, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.recorder.EVERY", every)
    reports, _ = trained(table(epochs=2, batch_size=20))
    assert len(of(Progress, reports)) == expected


@pytest.mark.parametrize("moment", ["setup", "step"])
def test_a_device_without_memory_left_is_told(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    project = table(epochs=1, batch_size=32)
    if moment == "setup":
        monkeypatch.setattr("engine.training.samples.inputs", full)
        with pytest.raises(Trouble, match=r"memory of cpu is full. Halve the batch \(it is 32\)"):
            next(train(project))
    else:
        monkeypatch.setattr(FusedUpdate, "__call__", full)
        failure, _ = failed(project)
        assert "Halve the batch (it is 32)" in str(failure.message)


def test_a_gradient_can_be_clipped() -> None:
    project = table(epochs=2, clip=0.01, optimiser=registry(Optimiser)["SGD"](rate=0.1, momentum=0.0))
    start = build(project, 0).module.state_dict()
    reports, result = trained(with_recipe(project, epochs=1, batch_size=1000, keep_best=False))
    moved = torch.cat(
        [(weights(result)[name] - value).flatten() for name, value in start.items() if "linear" in name]
    )
    assert float(moved.norm()) <= 0.1 * 0.01 * 1.001
    (progress,) = of(Progress, reports)
    assert progress.gradient_norm > 0.01, "the length before it was clipped"


def test_the_rate_follows_its_schedule() -> None:
    schedule = registry(Schedule)["Step"](every=1, by=0.5)
    reports, _ = trained(table(epochs=3, schedule=schedule, optimiser=registry(Optimiser)["Adam"](rate=0.4)))
    assert [report.rate for report in of(Progress, reports)] == pytest.approx([0.4, 0.2, 0.1])


def test_a_single_step_of_warm_up_learns() -> None:
    project = table(epochs=1, batch_size=5000, schedule=registry(Schedule)["Cosine"](warm_up=1.0))
    start = build(project, 0).module.state_dict()
    reports, result = trained(project)
    (progress,) = of(Progress, reports)
    assert progress.rate == project.recipe.optimiser.rate
    assert not torch.equal(start["linear1.weight"], weights(result)["linear1.weight"])


def test_warming_up_imports_what_the_first_step_needs() -> None:
    code = "import sys, engine.hardware.device as d; assert 'torch' not in sys.modules; d.warm_up(); "
    code += "import gc; assert len(gc.get_objects()) < 50_000, 'collecting goes through all imports'; "
    code += "sys.exit(not {'torch', 'torch._dynamo', 'safetensors.torch'} <= sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
