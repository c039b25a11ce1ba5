"""What training needs of memory is told before it begins, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import edits
from engine.analysis.check import check
from engine.cli.main import main
from engine.hardware import memory
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.store import project_file
from engine.templates import template
from tests.engine.projects import chain, layer, with_recipe

GB = 10**9


def machine(monkeypatch: pytest.MonkeyPatch, installed: float, free: float) -> None:
    """A machine with so much memory, of which so much is free, in GB."""
    monkeypatch.setattr(memory, "installed", lambda: int(installed * GB))
    monkeypatch.setattr(memory, "available", lambda: int(free * GB))
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)


def famous(id: str, **recipe: object) -> Project:
    return with_recipe(template(id).project(), **recipe)


@pytest.mark.parametrize(
    ("installed", "free", "levels"), [(64, 32, []), (64, 2, ["warning"]), (2, 1, ["error"])]
)
def test_a_large_network_is_refused_only_where_it_cannot_fit(
    monkeypatch: pytest.MonkeyPatch, installed: float, free: float, levels: list[str]
) -> None:
    machine(monkeypatch, installed, free)
    analysis = check(famous("vgg-16"))
    assert [problem.level for problem in analysis.problems] == levels
    assert analysis.trainable == (levels != ["error"])


def test_it_says_how_much_and_a_smaller_batch_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 64, 2)
    project = famous("resnet-50", batch_size=1024)
    (problem,) = check(project).problems
    assert str(problem.message).startswith("Training needs at least ")
    assert str(problem.message).endswith(" of memory, and 2.0 GB are free")
    assert "are for what the layers put out. Make the batch smaller" in str(problem.why)
    (repair,) = propose(problem)
    assert str(repair.title) == "Set the batch size to 8"
    mended = repair.apply(project)
    assert not check(mended).problems
    assert mended == edits.set_recipe(project, project.recipe.with_setting("batch_size", 8))


def test_where_the_weights_are_too_many_a_narrower_layer_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 16, 12)
    wide = layer("Linear", out_features=100_000)
    project = chain(
        wide, layer("ReLU"), wide, layer("ReLU"), layer("Linear", out_features=3), layer("Output")
    )
    (problem,) = check(project).problems
    assert problem.level == "error"
    assert "Make the largest layers smaller." in str(problem.why)
    (repair,) = propose(problem)
    assert str(repair.title) == "Set linear2 to 3,125 outputs"
    assert not check(repair.apply(project)).problems


def test_a_network_on_another_device_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 2, 1)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert not check(famous("vgg-16")).problems
    assert check(famous("vgg-16", device="cpu")).problems


def test_the_command_line_says_it_before_and_at_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))
    machine(monkeypatch, 2, 1)
    path = tmp_path / "vgg.loom"
    project_file.save(famous("vgg-16"), path)
    assert main(["check", str(path)]) == 1
    assert "error: Training needs at least 4." in capsys.readouterr().out
    assert main(["train", str(path)]) == 1
    assert "Training needs at least 4." in capsys.readouterr().err
