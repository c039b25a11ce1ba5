"""The templates learn what they are for: the median of three seeds on the test part reaches its goal."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

import pytest

from engine.cli.main import main


@pytest.mark.proof
@pytest.mark.parametrize(
    ("template", "epochs", "accuracy"),
    [
        ("digits-cnn", 20, 0.96),
        ("digits-mlp", 40, 0.95),
        ("wine-mlp", 60, 0.94),
        ("fashion-cnn", 15, 0.86),
        ("spoken-digits-cnn", 8, 0.85),
        ("moving-digits-cnn", 6, 0.90),
    ],
)
def test_classes_are_told_apart(
    template: str, epochs: int, accuracy: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = [_metrics(template, epochs, seed, tmp_path, capsys)["accuracy"] for seed in range(3)]
    assert statistics.median(reached) >= accuracy, reached


@pytest.mark.proof
def test_shifting_and_turning_lets_digits_be_read_better(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = "data.image+=ShiftAndTurn:shift=0.7,degrees=8"
    plain, moved = (
        [_metrics("digits-cnn", None, seed, tmp_path, capsys, *more) for seed in range(3)]
        for more in ((), ("--set", step))
    )
    losses = [statistics.median(one["loss"] for one in found) for found in (plain, moved)]
    assert losses[1] < losses[0], losses
    reached = [statistics.median(one["accuracy"] for one in found) for found in (plain, moved)]
    assert reached[1] >= reached[0], reached


@pytest.mark.proof
def test_the_forecast_beats_persistence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = [_metrics("sunspots-lstm", 150, seed, tmp_path, capsys) for seed in range(3)]
    shares = [metrics["rmse"] / metrics["persistence"] for metrics in found]
    assert statistics.median(shares) <= 0.75, shares


@pytest.mark.proof
@pytest.mark.parametrize(
    ("template", "metric", "goal"),
    [
        ("cancer-mlp", "accuracy", 0.92),
        ("diabetes-mlp", "r2", 0.25),
        ("co2-forecast", "persistence", 0.65),
        ("bidirectional-lstm", "accuracy", 0.88),
        ("names-cnn", "accuracy", 0.85),
        ("poems-cnn", "accuracy", 0.80),
        ("spirals-mlp", "accuracy", 0.98),
        ("names-writer", "perplexity", 7.0),
    ],
)
def test_as_it_comes_a_template_reaches_its_goal_within_a_minute(
    template: str, metric: str, goal: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = []
    for seed in range(3):
        started = time.monotonic()
        found = _metrics(template, None, seed, tmp_path, capsys)
        assert time.monotonic() - started < 60
        reached.append(found["rmse"] / found["persistence"] if metric == "persistence" else found[metric])
    median = statistics.median(reached)
    smaller = metric in {"persistence", "perplexity"}
    assert median <= goal if smaller else median >= goal, reached


def _metrics(
    template: str,
    epochs: int | None,
    seed: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *more: str,
) -> dict[str, float]:
    """Train as a person does on the command line, so many epochs or as many as the template says, with `more`
    of what stands there; the metrics of the test part.
    """
    project = tmp_path / f"{template}.loom"
    if not project.exists():
        assert main(["new", template, "--to", str(project)]) == 0
    capsys.readouterr()
    call = ["train", str(project), "--seed", str(seed), "--json"]
    longest = [] if epochs is None else ["--epochs", str(epochs)]
    folder = tmp_path / f"{template}-{seed}{len(more)}"
    assert main([*call, *longest, *more, "--out", str(folder)]) == 0
    last = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert last["report"] == "finished"
    test: dict[str, float] = last["metrics"]["test"]
    return test
