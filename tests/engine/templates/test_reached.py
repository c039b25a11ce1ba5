"""What the cards say a network reached is what it reaches: the median of three seeds on the test part."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median

import pytest

from engine.cli.main import main
from engine.templates import Template, famous, templates

LONG = 100  # epochs
TOLD = [one for one in (*templates(), *famous()) if one.reached]


def test_every_network_with_something_to_learn_says_what_it_reached() -> None:
    silent = {one.id for one in (*templates(), *famous()) if not one.reached}
    assert all(type(one.source).__name__.startswith("Random") == (one.id in silent) for one in templates())
    assert {type(one.source).__name__ for one in famous() if one.id in silent} == {
        "RandomPictures",
        "RandomWords",
        "RandomSequences",
    }


@pytest.mark.parametrize("one", templates(), ids=lambda one: one.id)
def test_what_may_train_for_long_ends_where_nothing_is_learnt_any_more(one: Template) -> None:
    assert one.recipe.epochs <= LONG or one.recipe.patience is not None


@pytest.mark.proof
@pytest.mark.parametrize("one", TOLD, ids=lambda one: one.id)
def test_it_is_reached_again(one: Template, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "network.loom"
    assert main(["new", one.id, "--to", str(project)]) == 0
    percent = one.reached.endswith("%")
    found = []
    for seed in range(3):
        capsys.readouterr()
        call = ["train", str(project), "--seed", str(seed), "--json", "--out", str(tmp_path / str(seed))]
        assert main(call) == 0
        metrics = json.loads(capsys.readouterr().out.strip().splitlines()[-1])["metrics"]["test"]
        name = "accuracy" if percent else one.reached.split()[0].lower()
        found.append(next(value for key, value in metrics.items() if key.split(".")[-1] == name))
    told = float(one.reached.removesuffix("%").split()[-1])
    # other machines round otherwise, and a test part is small: 1.5 of a hundred, or a tenth of an error
    assert median(found) * (100 if percent else 1) == pytest.approx(told, abs=1.5 if percent else told / 10)
