"""Networks to begin with: they train, and their cards tell the truth."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

from engine.analysis.check import check
from engine.layers.activation import ReLU
from engine.layers.convolution import Conv1d, Conv2d
from engine.layers.input_output import Output
from engine.layers.pooling import MaxPool2d
from engine.message import Trouble
from engine.templates import Template, famous, measured, neighbours, template, templates

NEEDED = ("digits-mlp", "digits-cnn", "digits-resnet", "fashion-cnn", "wine-mlp", "sunspots-lstm")


def test_what_stands_near_what_is_counted_from_the_networks() -> None:
    kept = json.loads(neighbours.NEIGHBOURS.read_text(encoding="utf-8"))
    counts = neighbours.counted(one.project().graph for one in (*templates(), *famous()))
    assert kept == counts, "write the file anew with: python -m engine.templates"
    for conv in (Conv1d(), Conv2d()):
        after = Counter(neighbours.after(conv))
        assert [name for name, _ in after.most_common(4)] == ["BatchNorm", "ReLU", "Conv", "MaxPool"]
    assert neighbours.before(MaxPool2d())["ReLU"] == neighbours.after(ReLU())["MaxPool"] > 0
    assert neighbours.after(Output()) == {}
    assert neighbours.anywhere()["Conv2d"] > neighbours.anywhere()["Conv1d"]


def test_the_facts_on_the_cards_are_what_check_finds() -> None:
    assert {one.id: dict(one.facts) for one in (*templates(), *famous())} == measured()


@pytest.mark.parametrize("one", templates(), ids=lambda one: one.id)
def test_every_template_can_be_trained_as_it_is(one: Template) -> None:
    analysis = check(one.project())
    assert analysis.trainable
    assert analysis.problems == ()
    assert one.project() == one.project()
    assert one.project().graph.name == one.title


def test_the_templates_and_their_names() -> None:
    assert set(NEEDED) <= {one.id for one in templates()}
    assert len({one.title for one in templates()}) == len(templates())
    for one in templates():
        assert template(one.id) is one
        assert one.line.endswith(".")
        assert len(one.line) <= 46
        assert one.data_label
    with pytest.raises(Trouble, match=r"^there is no template nonsense; the templates are digits-mlp, "):
        template("nonsense")


def test_the_first_networks_are_what_their_titles_say() -> None:
    def kinds(id: str) -> list[str]:
        return [type(node.kind).__name__ for node in template(id).project().graph.nodes.values()]

    assert kinds("digits-cnn").count("Conv2d") == 3
    assert {"BatchNorm2d", "Dropout"} <= set(kinds("digits-cnn"))
    assert "Add" not in kinds("digits-cnn")
    assert "Add" in kinds("digits-resnet")
    assert "LSTM" in kinds("sunspots-lstm")


def test_cards_are_drawn_without_torch() -> None:
    code = (
        "import sys; from engine.templates import templates;"
        "[(one.facts, one.project()) for one in templates()];"
        "sys.exit(bool({'torch', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
