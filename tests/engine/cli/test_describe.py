"""What the command line tells other programs as JSON, and people as a list or a page."""

from __future__ import annotations

import json

import pytest

from engine import kinds
from engine.data.own.file_source import sets
from engine.data.transforms.transform import Transform
from engine.kinds import Layer, registry
from engine.layers.initialisations import Initialisation
from engine.losses.loss import Loss
from engine.metrics.metric import Metric
from engine.optim.averaging import Averaging
from engine.optim.optimiser import Optimiser, Schedule
from engine.templates import famous, templates
from tests.engine.cli.terminal import Call, saved
from tests.engine.mistakes import MISTAKES


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_json_is_what_other_programs_expect(call: Call, mistake: str) -> None:
    code, out, err = call("check", saved(MISTAKES[mistake][0]), "--json")
    assert (code, err) == (1, "")
    data = json.loads(out)
    assert {"parameters", "macs", "nodes", "problems"} <= set(data)
    for node in data["nodes"]:
        assert {"id", "kind", "inputs", "outputs", "parameters", "macs"} <= set(node)
        assert all(shape[0] == "N" for shape in node["outputs"].values())
    for problem in data["problems"]:
        assert {"node", "name", "message", "expected", "received", "why", "repairs"} <= set(problem)
        assert all(set(repair) == {"title", "parameters_delta", "edits"} for repair in problem["repairs"])


def test_templates(call: Call) -> None:
    code, out, _ = call("templates")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [one.id for one in (*templates(), *famous())]
    found = json.loads(call("templates", "--json")[1])
    assert set(found[0]) == {
        "id", "title", "line", "data", "layers", "parameters", "macs", "reached", "year"
    }  # fmt: skip


def test_layers(call: Call) -> None:
    code, out, _ = call("layers")
    assert code == 0
    found = json.loads(call("layers", "--json")[1])
    assert [one["kind"] for one in found] == [line.split()[0] for line in out.splitlines()]
    listed: dict[str, list[str]] = {}
    for one in found:
        listed.setdefault(one["role"], []).append(one["kind"])
    bases = (Layer, Loss, Metric, Optimiser, Schedule, Averaging, Initialisation, Transform)
    assert listed == {base.__name__.lower(): list(kinds.registry(base)) for base in bases}
    assert all(one["doc"] and one["formula"] and one["use"] and one["hint"] for one in found)
    assert all(setting["doc"] and setting["accepts"] for one in found for setting in one["settings"])
    conv = next(one for one in found if one["kind"] == "Conv2d")
    assert conv["inputs"][0] | {"doc": ""} == {
        "name": "x",
        "accepts": "N C H W",
        "numbers": "float",
        "many": False,
        "optional": False,
        "doc": "",
    }
    assert conv["settings"][0] | {"doc": ""} == {
        "name": "out_channels",
        "label": "Out channels",
        "type": "integer",
        "default": 32,
        "accepts": "a whole number from 1 to 1,000,000",
        "lo": 1,
        "hi": 1_000_000,
        "optional": False,
        "advanced": False,
        "doc": "",
    }
    settings = {setting["name"]: setting for setting in conv["settings"]}
    assert settings["kernel_size"]["unit"] == "px"
    assert settings["padding"]["options"] == ["same"]
    assert settings["initialisation"]["options"] == list(kinds.registry(Initialisation))


def test_all_about_one_layer_or_about_several(call: Call) -> None:
    code, out, _ = call("layers", "gru", "Cross-entropy", "Dice")
    assert code == 0
    heads = [line for line in out.splitlines() if line and line[0] != " "]
    assert heads == [
        "GRU (layer, recurrent)",
        "Cross-entropy (CrossEntropy, loss)",
        "Dice (loss)",
        "dice (Dice, metric)",
    ]
    for kind in (registry(Layer)["GRU"], registry(Loss)["CrossEntropy"]):
        said = " ".join(out.split())
        assert all(text in said for text in (kind.doc(), kind.use, kind.formula, kind.source))
        assert all(param.doc in said for param in kinds.params(kind))
    limits = "hidden_size = 64: How many numbers it remembers; a whole number from 1 to 1,000,000"
    assert limits in " ".join(out.split())
    assert "lengths: how many steps of each sample are no padding" in out
    assert [one["kind"] for one in json.loads(call("layers", "Adam", "--json")[1])] == ["Adam"]


def test_datasets(call: Call) -> None:
    code, out, _ = call("datasets")
    assert code == 0
    found = json.loads(call("datasets", "--json")[1])
    assert [one["kind"] for one in found] == list(sets())
    digits = next(one for one in found if one["kind"] == "Digits")
    assert digits["samples"] == 1797
    assert digits["columns"][0]["shape"] == ["N", 1, 8, 8]
    assert len(digits["columns"][1]["classes"]) == 10
    assert "1,797 samples" in out
