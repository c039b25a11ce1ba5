"""A project file in which a layer of a known kind has an illegal setting: what is said, and the ways out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.analysis.check import check
from engine.cli.main import main
from engine.project.history import History
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.store import project_file
from engine.templates import template


def damaged(**settings: object) -> Project:
    """The digits CNN as a file brings it, with other settings of its first convolution."""
    data = project_file.to_json(template("digits-cnn").project())
    layer = next(node["layer"] for node in data["nodes"] if node["layer"]["kind"] == "Conv2d")
    layer.update(settings)
    return project_file.loads(json.dumps(data))


def test_it_says_which_setting_and_offers_legal_ones() -> None:
    project = damaged(out_channels=-3)
    (problem,) = check(project).problems
    name = project.graph.nodes[problem.node].name
    assert problem.name == "illegal-setting"
    assert str(problem.message) == (
        "has a setting that is not legal: "
        "Out channels: expected a whole number from 1 to 1,000,000, received -3"
    )
    assert [str(repair.title) for repair in propose(problem)] == [
        "Set out channels to 1",
        "Set out channels to 32",
        f"Remove {name}",
    ]
    for repair, filters in zip(propose(problem), (1, 32), strict=False):
        mended = repair.apply(project)
        assert check(mended).trainable
        assert mended.graph.nodes[problem.node].kind.out_channels == filters  # type: ignore[attr-defined]  # a Conv2d
        assert mended.graph.wires == project.graph.wires


def test_its_data_is_kept_until_a_person_chooses_and_undo_takes_that_back() -> None:
    project = damaged(out_channels=-3, colour="red")
    assert project_file.loads(project_file.dumps(project)) == project
    assert '"out_channels": -3' in project_file.dumps(project)
    history = History(project)
    (problem,) = check(project).problems
    history.push(propose(problem)[0].apply(project), propose(problem)[0].title)
    assert check(history.present).trainable
    history.undo()
    assert '"out_channels": -3' in project_file.dumps(history.present)


def test_several_settings_are_mended_at_once() -> None:
    project = damaged(out_channels=-3, stride="wide", colour="red")
    (problem,) = check(project).problems
    assert "Out channels: expected" in str(problem.message)
    assert "; colour: there is no such setting" in str(problem.message)
    assert [str(repair.title) for repair in propose(problem)[:2]] == [
        "Take the nearest legal values",
        "Take the usual values",
    ]


def test_an_output_with_an_illegal_setting_is_still_the_end_of_the_network() -> None:
    data = project_file.to_json(template("digits-cnn").project())
    data["nodes"][-1]["layer"]["weight"] = -1
    project = project_file.loads(json.dumps(data))
    analysis = check(project)
    assert [problem.name for problem in analysis.problems if problem.level == "error"] == ["illegal-setting"]
    (problem,) = (problem for problem in analysis.problems if problem.level == "error")
    assert check(propose(problem)[0].apply(project)).trainable


def test_the_command_line_can_set_it_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))
    path = tmp_path / "damaged.loom"
    project_file.save(damaged(out_channels=-3), path)
    assert main(["check", str(path)]) == 1
    assert "conv1 has a setting that is not legal: Out channels" in capsys.readouterr().out
    assert main(["train", str(path), "--epochs", "1"]) == 1
    assert main(["train", str(path), "--epochs", "1", "--set", "conv1.out_channels=4"]) == 0


def test_a_wire_to_a_port_that_it_never_had_goes_when_it_is_mended() -> None:
    data = project_file.to_json(template("digits-cnn").project())
    first = data["nodes"][0]
    first["layer"]["column"] = 3
    data["nodes"].append({"id": "odd", "name": "odd", "at": [0, 0], "layer": {"kind": "Nobody"}})
    data["wires"].append(["odd", "out", first["id"], "x"])
    project = project_file.loads(json.dumps(data))
    mended = propose(check(project).of(first["id"])[0])[0].apply(project)
    assert not mended.graph.incoming(first["id"])
