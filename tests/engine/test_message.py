"""Sentences whose words agree with the numbers and names in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.analysis.check import check
from engine.analysis.measure import incoming
from engine.cli.main import main
from engine.cli.settings import set_by_path
from engine.message import Message, Trouble, counted
from engine.store import project_file
from engine.templates import template
from tests.engine.projects import chain, layer


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 layer reaches"), (2, "2 layers reach"), (0, "0 layers reach"), ("1,024", "1,024 layers reach")],
)
def test_words_agree_with_a_number(number: object, said: str) -> None:
    assert str(Message("{n} layer{n:|s} reach{n:es|}", n=number)) == said


@pytest.mark.parametrize(("kind", "said"), [("layer", "a layer"), ("Optimiser", "an Optimiser")])
def test_an_article_agrees_with_the_word_after_it(kind: str, said: str) -> None:
    assert str(Message("a{kind:|n} {kind}", kind=kind)) == said


def test_a_number_may_stand_in_one_of_the_forms_alone() -> None:
    label = "Delete {number:a layer|{number} layers}"
    assert [str(Message(label, number=number)) for number in (1, 3)] == ["Delete a layer", "Delete 3 layers"]


def test_values_are_not_read_as_templates() -> None:
    assert str(Message("{name} has {n} wire{n:|s}", name="{n:a|b}", n=1)) == "{n:a|b} has 1 wire"


def test_what_is_counted() -> None:
    assert [counted(n, "entry", "entries") for n in (1, 1024)] == ["1 entry", "1,024 entries"]


@pytest.mark.parametrize(
    ("assignment", "said"),
    [("optimiser=Magic", "the name of an optimiser"), ("optimiser=3", "expected an optimiser, received 3")],
)
def test_an_optimiser_has_its_article(assignment: str, said: str) -> None:
    with pytest.raises(Trouble, match=said):
        set_by_path(template("wine-mlp").project(), assignment)


def test_one_of_each_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path))
    assert main(["train", "wine-mlp", "--epochs", "1", "--set", "batch_size=1000"]) == 0
    assert "Run 1 on cpu: 1 epoch of 1 step\n" in capsys.readouterr().err


def test_one_of_each_in_what_a_layer_says() -> None:
    linear: Any = layer("Linear", out_features=1)
    assert linear.summary() == "1 output"
    project = chain(linear, layer("Linear", out_features=3), layer("Output"))
    facts = check(project).nodes["n3"]
    second = project.graph.nodes["n3"].kind
    arrived = incoming(second.ports()[0], facts.inputs["x"][0])
    assert str(second.explain(arrived)) == "Each of the 3 outputs is a weighted sum of the input."


UGLY = "a\nb\x1b[31mred\x1b[0m\x07\u202edrow\u2066 \r\n c" + "x" * 5_000


@pytest.mark.parametrize("value", [UGLY, Message("{text}", text=UGLY), ValueError(UGLY), Path(UGLY)])
def test_a_refusal_is_one_line_that_can_be_read(value: object) -> None:
    """Whoever wrote what it quotes: a file, a plug-in, a library. What to do about it stays."""
    sentence = str(Trouble("{value} is no network. Choose another file.", value=value))
    assert sentence.startswith("a bred")
    assert sentence.endswith("… is no network. Choose another file.")
    assert sentence.isprintable()
    assert len(sentence) < 400


def test_words_of_any_language_stay_as_they_are() -> None:
    for name in ("卷积", "می\u200cخواهم", "👩\u200d🔬", "naïve"):
        assert str(Message("{name}", name=name)) == name


def test_a_wrong_use_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for call in (["fly\x1b[31m\u202e\n"], ["check", UGLY], ["train", "wine-mlp", "--set", UGLY + "=1"]):
        assert main(call) in (1, 2)
        (line,) = capsys.readouterr().err.splitlines()
        assert line.isprintable()
        assert len(line) < 400


def test_the_name_of_a_layer_spoils_no_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    project = chain(layer("Flatten"), layer("Conv2d", out_channels=8), layer("Output"))
    node = next(id for id, node in project.graph.nodes.items() if node.name == "conv1")
    path = tmp_path / "ugly.loom"
    project_file.save(project, path)
    written = json.loads(path.read_text())
    next(one for one in written["nodes"] if one["id"] == node)["name"] = UGLY
    path.write_text(json.dumps(written))
    for verb in ("check", "code", "train"):
        assert main([verb, str(path)]) == 1
        out, err = capsys.readouterr()
        lines = err.splitlines() + (out.splitlines() if verb == "check" else [])
        assert any("a bred" in line for line in lines)
        assert all(line.isprintable() for line in lines)
        assert all(len(line) < 400 for line in lines if line.startswith(("error", "the code", "a bred")))
