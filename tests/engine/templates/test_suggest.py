"""A first network for any data: it can be trained as it comes, says what it is, and learns."""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

import attrs
import numpy as np
import pytest

from engine import edits, kinds
from engine.analysis.check import check
from engine.data.columns.arrays import ArrayColumn
from engine.data.columns.categories import EMBEDDING, CategoryColumn, LabelsColumn
from engine.data.columns.numbers import NumberColumn
from engine.data.opening import open_data
from engine.data.own.file_source import sets
from engine.data.own.table_file import TableFile
from engine.data.sets.series import CarbonDioxide
from engine.data.settings import ColumnSettings, DataSettings
from engine.data.table_types import class_counts
from engine.layers.attention import Embedding
from engine.layers.input_output import Input, Output
from engine.losses.classification import BALANCED, CrossEntropy
from engine.message import Trouble
from engine.project.graph import Graph
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.templates.suggest import suggest, suggested
from engine.training.train import train

HUGE = {"RandomPictures", "RandomWords", "RandomSequences"}
"""Sets that are made up to be large."""


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def described(*columns: ColumnSettings, samples: int = 1000) -> DataSettings:
    """Data of such columns, which nobody has read."""
    return DataSettings(source=TableFile(path="a.csv", samples=samples), columns=columns)


def column(name: str, type: object, role: str = "input") -> ColumnSettings:
    return ColumnSettings(name=name, type=type, role=role)


def outputs(project: Project) -> list[Output]:
    return [node.kind for node in project.graph.outputs if isinstance(node.kind, Output)]


@pytest.mark.parametrize("name", sorted(sets()))
def test_what_is_suggested_for_a_set_can_be_trained(name: str) -> None:
    found = suggest(DataSettings(source=sets()[name]()))
    analysis = check(found.project)
    if name not in HUGE:
        assert analysis.problems == ()
    assert analysis.trainable
    assert found.project == suggest(DataSettings(source=sets()[name]())).project
    assert str(found.network).endswith(".")
    assert str(found.training).startswith("It learns from ")


@pytest.mark.parametrize(
    ("target", "loss", "metric"),
    [
        (CategoryColumn(names=("a", "b", "c")), "CrossEntropy", "accuracy"),
        (CategoryColumn(names=("no", "yes")), "BinaryCrossEntropy", "accuracy"),
        (LabelsColumn(names=("sad", "long", "old")), "BinaryCrossEntropy", "F1"),
        (NumberColumn(), "MeanSquaredError", "RMSE"),
        (ArrayColumn(shape=(3, 4)), "MeanSquaredError", "RMSE"),
        (ArrayColumn(shape=(6,), whole=True, names=("a", "b", "c")), "CrossEntropy", "accuracy"),
    ],
)
@pytest.mark.parametrize("samples", [60, 100_000])
@pytest.mark.parametrize(
    "entering",
    [
        NumberColumn(),
        CategoryColumn(names=tuple(map(str, range(90))), encoding=EMBEDDING),
        ArrayColumn(shape=(20, 3)),
        ArrayColumn(shape=(500, 2)),
        ArrayColumn(shape=(1, 28, 28)),
        ArrayColumn(shape=(3, 5, 70)),
        ArrayColumn(shape=(6, 1, 16, 16)),
    ],
    ids=lambda one: str(getattr(one, "shape", type(one).__name__)),
)
def test_any_input_and_any_target(
    entering: object, samples: int, target: object, loss: str, metric: str
) -> None:
    data = described(column("x", entering), column("y", target, "target"), samples=samples)
    project = suggest(data).project
    analysis = check(project)
    assert analysis.problems == ()
    (output,) = outputs(project)
    assert type(output.loss).__name__ == loss
    assert metric in output.metrics
    assert project.recipe.patience


def test_a_mask_has_an_answer_for_each_pixel() -> None:
    mask = ArrayColumn(shape=(24, 40), whole=True, names=("sky", "tree", "road"))
    data = described(column("x", ArrayColumn(shape=(3, 24, 40))), column("y", mask, "target"))
    found = suggest(data)
    assert check(found.project).problems == ()
    assert "U-Net" in str(found.network)
    assert "IoU" in outputs(found.project)[0].metrics


def test_several_inputs_and_targets_have_an_input_and_an_output_each() -> None:
    zip_codes = CategoryColumn(names=tuple(map(str, range(99))), encoding=EMBEDDING)
    data = described(
        column("size", NumberColumn()),
        column("zip", zip_codes),
        column("picture", ArrayColumn(shape=(1, 16, 16))),
        column("price", NumberColumn(), "target"),
        column("sold", CategoryColumn(names=("no", "yes")), "target"),
    )
    project = suggest(data).project
    assert check(project).problems == ()
    assert [one.target for one in outputs(project)] == ["price", "sold"]
    entered = [node.kind.column for node in project.graph.inputs if isinstance(node.kind, Input)]
    assert entered == ["features", "zip", "picture"]
    (table,) = (node.kind for node in project.graph.nodes.values() if isinstance(node.kind, Embedding))
    assert table.entries == 100  # and one for those that nobody has seen


def test_rare_classes_count_more() -> None:
    data = described(
        column("x", NumberColumn()), column("y", CategoryColumn(names=("sound", "ill")), "target")
    )
    (output,) = outputs(suggest(data, counts={"y": (950, 50)}).project)
    assert output.loss == CrossEntropy(class_weights=BALANCED)
    assert "balanced accuracy" in output.metrics


def test_as_an_edit_it_keeps_data_title_and_machine() -> None:
    data = described(column("x", NumberColumn()), column("y", NumberColumn(), "target"))
    before = Project(Graph("mine"), data, Recipe(seed=7, device="cpu", threads=2))
    after = suggested(before)
    assert after.data == data
    assert after.graph.name == "mine"
    assert after.graph.nodes
    assert (after.recipe.seed, after.recipe.device, after.recipe.threads) == (7, "cpu", 2)


def test_what_nobody_knows_a_network_for_is_said() -> None:
    data = described(column("x", ArrayColumn(shape=(2, 2, 2, 2, 2))), column("y", NumberColumn(), "target"))
    with pytest.raises(Trouble, match="No network is known for the column x: expected numbers, names"):
        suggest(data)


# --------------------------------------------------------------------------- it learns


def written(name: str) -> Path:
    """A set of scikit-learn as a person has it: a CSV with names for classes."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    names = getattr(bunch, "target_names", None)
    named = name in {"iris", "wine", "breast_cancer"}
    path = Path(f"{name}.csv")
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([*(f"f{place}" for place in range(bunch.data.shape[1])), "target"])
        for values, target in zip(bunch.data.tolist(), bunch.target.tolist(), strict=True):
            rows.writerow([*values, names[target] if named else target])
    return path


@pytest.mark.proof
@pytest.mark.parametrize(
    ("name", "metric", "goal"),
    [
        ("iris", "accuracy", 0.93),
        ("wine", "accuracy", 0.94),
        ("breast_cancer", "accuracy", 0.92),
        ("diabetes", "r2", 0.24),
        ("digits", "accuracy", 0.94),
    ],
)
def test_a_table_is_learnt_as_well_as_by_the_templates(name: str, metric: str, goal: float) -> None:
    data = open_data(written(name))
    project = suggest(data, counts=class_counts(data)).project
    reached = [_reached(project, seed)[metric] for seed in range(3)]
    assert statistics.median(reached) >= goal, reached


@pytest.mark.proof
@pytest.mark.parametrize(
    ("name", "metric", "goal"),
    [
        ("Digits", "accuracy", 0.96),
        ("JapaneseVowels", "accuracy", 0.88),
        ("FirstNames", "accuracy", 0.85),
        ("Poems", "accuracy", 0.78),
        ("Spirals", "accuracy", 0.98),
        ("CarbonDioxide", "persistence", 0.65),
        ("Sunspots", "persistence", 0.75),
    ],
)
def test_a_set_is_learnt_as_well_as_by_the_templates(name: str, metric: str, goal: float) -> None:
    source = CarbonDioxide(window=104, horizon=4) if name == "CarbonDioxide" else sets()[name]()
    found = _reached(suggest(DataSettings(source=source)).project, 0)
    if metric == "persistence":
        assert found["rmse"] <= goal * found["persistence"], found
    else:
        assert found[metric] >= goal, found


def _reached(project: Project, seed: int) -> dict[str, float]:
    """The metrics on the test part."""
    training = train(edits.set_recipe(project, kinds.changed(project.recipe, "seed", seed)))
    while True:
        try:
            next(training)
        except StopIteration as end:
            return dict(end.value.metrics["test"])


def test_it_learns_in_a_moment_what_is_plain() -> None:
    chance = np.random.default_rng(0)
    rows = [(round(x, 4), round(y, 4), "in" if x + y > 0 else "out") for x, y in chance.normal(size=(200, 2))]
    with open("a.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("east", "north", "where"), *rows])
    project = suggest(open_data(Path("a.csv"))).project
    project = attrs.evolve(project, recipe=kinds.changed(project.recipe, "epochs", 25))
    assert _reached(project, 0)["accuracy"] >= 0.9
