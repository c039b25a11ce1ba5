"""Project files: what is written comes back, what is broken says so, and nothing is ever half written."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from engine import edits
from engine.analysis.check import check
from engine.data.sets.tables import Wine
from engine.data.settings import DataSettings
from engine.kinds import Unknown
from engine.layers.activation import ReLU
from engine.message import Trouble
from engine.project.graph import Wire
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.store import clipboard, project_file
from engine.templates import templates
from tests.engine.chains import WHOLE, joined
from tests.engine.drawings import bounded, networks
from tests.engine.projects import layer

DATA = project_file.to_json(WHOLE)


def refused(read: Callable[[], object]) -> str:
    with pytest.raises(Trouble) as caught:
        read()
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def changed(**parts: Any) -> str:
    """A project file with other parts; None takes one out."""
    data = {**DATA, **parts}
    return json.dumps({name: value for name, value in data.items() if value is not None})


# --------------------------------------------------------------------------- there and back


@bounded
@given(networks())
def test_what_is_written_comes_back(project: Project) -> None:
    text = project_file.dumps(project)
    assert project_file.loads(text) == project
    assert project_file.dumps(project_file.loads(text)) == text


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.id)
def test_templates_come_back(template: Any, tmp_path: Path) -> None:
    path = tmp_path / "Netz ü 网.loom"
    project_file.save(template.project(), path)
    assert project_file.load(path) == template.project()


def test_a_file_begins_with_its_format_and_has_a_line_for_each_layer_and_wire() -> None:
    text = project_file.dumps(WHOLE)
    assert text.startswith('{"format": 1')
    assert text.endswith("}\n")
    assert json.loads(text) == DATA
    before, after = (
        text.splitlines(),
        project_file.dumps(edits.set_param(WHOLE, "n3", "bias", False)).splitlines(),
    )
    assert len([1 for one, two in zip(before, after, strict=True) if one != two]) == 1


def test_everything_is_kept_places_names_muting_order_data_and_recipe() -> None:
    project = joined([layer("ReLU")], [], "Add")
    project = edits.mute(
        edits.rename(edits.move(project, ["n2"], 0.125, -7), "n2", 'Größe "2" 🙂'), ["n2"], True
    )
    add = next(id for id, node in project.graph.nodes.items() if node.name == "add1")
    project = edits.reorder(project, add, "xs", [1, 0])
    project = edits.set_recipe(
        edits.set_data(project, DataSettings(source=Wine(), seed=3)), Recipe(patience=4)
    )
    assert project_file.loads(project_file.dumps(project)) == project
    assert "🙂" in project_file.dumps(project), "letters are readable"


@pytest.mark.parametrize("name", ["\u202eevil", "a\u2028b", "tab\t", "\ud800", '"', "\\", "\x00"])
def test_names_that_only_a_file_can_hold(name: str, tmp_path: Path) -> None:
    nodes = [{**DATA["nodes"][0], "name": name}, *DATA["nodes"][1:]]
    project = project_file.loads(changed(name=name, nodes=nodes))
    project_file.save(project, tmp_path / "odd.loom")
    assert project_file.load(tmp_path / "odd.loom") == project
    assert len((tmp_path / "odd.loom").read_text(encoding="utf-8").splitlines()) == len(
        project_file.dumps(WHOLE).splitlines()
    )


@pytest.mark.parametrize("text", [project_file.dumps(WHOLE), json.dumps(DATA), json.dumps(DATA, indent=8)])
def test_other_ways_to_write_the_same_json(text: str, tmp_path: Path) -> None:
    assert project_file.loads(text) == WHOLE
    path = tmp_path / "other.loom"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert project_file.load(path) == WHOLE


# --------------------------------------------------------------------------- layers that nobody knows


@pytest.mark.parametrize(
    "raw",
    [
        {"kind": "SpikingLIF", "decay": 0.9, "a": [1, {"b": None}]},
        {"kind": "Linear", "out_features": -4},
        {"kind": "Linear", "out_features": 4, "colour": "red"},
        {"kind": "Linear", "out_features": "many"},
        {"kind": 7},
        {"kind": ["Linear"]},
        {},
        {"zebra": 1, "kind": "Z", "alpha": 2},
    ],
)
def test_a_layer_that_cannot_be_read_is_kept_to_the_letter(raw: dict[str, Any]) -> None:
    nodes = [*DATA["nodes"], {"id": "odd", "name": "odd", "at": [0, 500], "layer": raw}]
    wires = [*DATA["wires"], ["n2", "out", "odd", "anything"], ["odd", "whatever", "n4", "x"]]
    wires.remove(["n3", "out", "n4", "x"])
    project = project_file.loads(changed(nodes=nodes, wires=wires))
    kind = project.graph.nodes["odd"].kind
    assert isinstance(kind, Unknown)
    assert str(kind.reason)
    again = json.loads(project_file.dumps(project))
    assert json.dumps(again["nodes"][-1]["layer"]) == json.dumps(raw)
    assert again["wires"] == wires
    analysis = check(project)
    assert not analysis.trainable
    assert analysis.of("odd")[0].name in {"unknown-kind", "illegal-setting"}
    assert project_file.loads(project_file.dumps(project)) == project


# --------------------------------------------------------------------------- files that are no projects


NO_PROJECT = "expected a Layerloom project, a .loom file as the window or layerloom new writes it"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", f"{NO_PROJECT}, but f.loom is empty"),
        (
            "h",
            f'{NO_PROJECT}, but f.loom begins with "h"',
        ),
        ("\na,b\n1,2\n", f'{NO_PROJECT}, but f.loom begins with "a,b"'),
        ("{", "f.loom breaks off or is damaged in line 1; open an earlier copy"),
        (
            "[1, 2]",
            'expected a Layerloom project, but f.loom is JSON of another program (it has no "format")',
        ),
        ("{}", 'expected a Layerloom project, but f.loom is JSON of another program (it has no "format")'),
        ('{"format": "one"}', "expected a format number in f.loom, received 'one'"),
        ('{"format": true}', "expected a format number in f.loom, received True"),
        ('{"format": 0}', "expected a format number in f.loom, received 0"),
        (
            '{"format": 99}',
            "f.loom was written by a newer Layerloom (format 99; this one reads up to 1); "
            "update Layerloom to open it",
        ),
        ("[" * 100_000, "f.loom is nested too deeply; open an earlier copy"),
        (
            '{"format": ' + "1" * 5000 + "}",
            "f.loom has a number with too many digits in line 1; open an earlier copy",
        ),
    ],
    ids=range(12),
)
def test_a_foreign_text_says_what_it_is(text: str, sentence: str) -> None:
    assert refused(lambda: project_file.loads(text, "f.loom")) == sentence


def test_a_file_that_breaks_off_anywhere_is_refused() -> None:
    text = project_file.dumps(WHOLE)
    for end in range(0, len(text) - 3, 7):
        refused(lambda end=end: project_file.loads(text[:end]))  # type: ignore[misc]  # bound at once


NODE = DATA["nodes"][0]


DAMAGED_LAYER = 'expected a layer with "id", "name", "at" (two numbers on the canvas) and "layer"'


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"nodes": None}, 'expected a list under "nodes", received nothing'),
        ({"nodes": {}}, 'expected a list under "nodes", received dict'),
        ({"name": 3}, 'expected a text under "name", received int'),
        ({"data": []}, 'expected an object under "data", received list'),
        ({"recipe": None}, 'expected an object under "recipe", received nothing'),
        (
            {"recipe": {"epochs": -1}},
            "Recipe, Epochs: expected a whole number from 1 to 100,000, received -1",
        ),
        ({"recipe": {"speed": 1}}, "Recipe has no setting speed"),
        ({"data": {"source": {"kind": "Moon"}}}, "expected the name of a source"),
        ({"nodes": [NODE, NODE]}, "two layers have the id n1"),
        ({"nodes": [NODE, {**NODE, "id": "z"}]}, "two layers have the same name"),
        ({"nodes": [{**NODE, "id": ""}]}, DAMAGED_LAYER),
        ({"nodes": [{**NODE, "at": [1]}]}, DAMAGED_LAYER),
        ({"nodes": [{**NODE, "at": [1, 1e300]}]}, DAMAGED_LAYER),
        ({"nodes": [{**NODE, "at": [0, float("nan")]}]}, 'expected a layer with "id", "name", "at"'),
        ({"nodes": [7]}, f"{DAMAGED_LAYER}, received 7"),
    ],
    ids=range(15),
)
def test_a_damaged_project_says_where(parts: dict[str, Any], reason: str) -> None:
    sentence = refused(lambda: project_file.loads(changed(**parts), "f.loom"))
    assert reason in sentence
    assert sentence.startswith("f.loom is not a whole Layerloom project: ")
    assert sentence.endswith("; nothing was changed, open an earlier copy")


@pytest.mark.parametrize(
    ("wires", "reason"),
    [
        ([["n1", "n2"]], "expected a wire as four names (from, output, to, input), received"),
        ([["n1", "out", "n9", "x"]], "a wire goes to the layer n9, which is not there"),
        ([["n1", "no", "n2", "x"]], "a wire leaves input1 at no, which it does not have"),
        ([["n1", "out", "n2", "no"]], "a wire arrives at flatten1 at no, which it does not have"),
        (
            [["n2", "out", "n3", "x"], ["n3", "out", "n2", "x"]],
            "its wires form a circle through linear1",
        ),
        ([["n2", "out", "n2", "x"]], "its wires form a circle through flatten1"),
        (
            [["n1", "out", "n3", "x"], ["n2", "out", "n3", "x"]],
            "two wires arrive at one input of linear1",
        ),
        ([["n1", "out", "n2", "x"]] * 2, "the same wire stands there twice"),
    ],
    ids=range(8),
)
def test_a_wire_that_cannot_be_is_left_out_and_told(wires: list[Any], reason: str) -> None:
    text = changed(wires=wires)
    project = project_file.loads(text)
    assert [one for one in project.graph.dropped if reason in str(one)]
    assert project.graph.nodes == WHOLE.graph.nodes
    told = [one for one in check(project).problems if one.name == "dropped-wires"]
    assert [one.level for one in told] == ["warning"]
    assert "left out here: " in str(told[0].message)
    again = project_file.loads(project_file.dumps(project))
    assert again == project
    assert not again.graph.dropped
    with pytest.raises(Trouble):
        clipboard.from_text(text)


def test_a_project_whose_layer_is_gone_opens_without_its_wires() -> None:
    nodes = [node for node in DATA["nodes"] if node["id"] != "n3"]
    project = project_file.loads(changed(nodes=nodes))
    assert list(project.graph.nodes) == [node["id"] for node in nodes]
    assert [wire for wire in project.graph.wires if "n3" in (wire.source, wire.target)] == []
    (told,) = [one for one in check(project).problems if one.name == "dropped-wires"]
    assert str(told.message) == (
        "The file has 2 wires that cannot be, left out here: a wire goes to the layer n3, which is not there"
    )


def test_every_reason_for_which_wires_are_left_out_is_told_once() -> None:
    double = [["n1", "out", "n2", "x"]] * 3
    lost = [["n1", "out", f"m{place}", "x"] for place in range(5)]
    gone = "a wire goes to the layer m{}, which is not there"
    for wires, reasons in (
        (double + lost[:1], {"the same wire stands there twice", gone.format(0)}),
        (lost, {gone.format(0), gone.format(1), gone.format(2), "and 2 more"}),
    ):
        project = project_file.loads(changed(wires=wires))
        (told,) = [one for one in check(project).problems if one.name == "dropped-wires"]
        assert set(str(told.message).partition("left out here: ")[2].split("; ")) == reasons


@bounded
@given(
    st.recursive(
        st.one_of(st.none(), st.integers(), st.text(), st.booleans(), st.floats()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(["id", "name", "at", "layer", "kind"]), inner, max_size=4),
        ),
        max_leaves=8,
    ),
    st.sampled_from(["name", "nodes", "wires", "data", "recipe"]),
)
def test_no_json_whatever_makes_reading_raise_anything_else(value: Any, part: str) -> None:
    for text in (changed(**{part: value}), changed(**{part: [value]}), json.dumps(value)):
        try:
            project = project_file.loads(text)
        except Trouble:
            continue
        assert project_file.loads(project_file.dumps(project)) == project


def test_files_that_are_not_text(tmp_path: Path) -> None:
    binary = tmp_path / "b.loom"
    binary.write_bytes(bytes(range(256)))
    assert "is not text" in refused(lambda: project_file.load(binary))
    assert "is a folder" in refused(lambda: project_file.load(tmp_path))
    assert "there is no file" in refused(lambda: project_file.load(tmp_path / "none.loom"))


def test_a_reading_error_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.loom"
    path.write_text("{}")

    def fail(*_: object, **__: object) -> str:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("engine.files.reading.os.open", fail)
    assert refused(lambda: project_file.load(path)).endswith("cannot be read: Input/output error.")


# --------------------------------------------------------------------------- saving


def test_saving_replaces_the_file_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "p.loom"
    path.write_text("old")
    path.chmod(0o640)
    project_file.save(WHOLE, path)
    assert project_file.load(path) == WHOLE
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["p.loom"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "may not be written to"),
        (errno.EIO, "cannot be written"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failed_save_says_why_and_leaves_the_file_as_it_was(
    call: str, number: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.loom"
    project_file.save(WHOLE, path)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, fail)
    changed_project = edits.rename(WHOLE, "n3", "other")
    sentence = refused(lambda: project_file.save(changed_project, path))
    assert words in sentence
    assert str(path) in sentence
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["p.loom"], "nothing is left lying about"


def test_saving_where_there_is_no_folder(tmp_path: Path) -> None:
    assert "There is no folder" in refused(lambda: project_file.save(WHOLE, tmp_path / "no" / "p.loom"))
    (tmp_path / "file").write_text("x")
    assert "There is no folder" in refused(lambda: project_file.save(WHOLE, tmp_path / "file" / "p.loom"))


# --------------------------------------------------------------------------- large ones


def test_a_large_project_is_read_and_written() -> None:
    node = next(iter(WHOLE.graph.nodes.values()))
    nodes = {f"n{i}": evolve(node, id=f"n{i}", name=f"relu{i}", kind=ReLU()) for i in range(2000)}
    wires = tuple(Wire(f"n{i}", "out", f"n{i + 1}", "x") for i in range(1999))
    project = evolve(WHOLE, graph=evolve(WHOLE.graph, nodes=nodes, wires=wires))
    assert project_file.loads(project_file.dumps(project)) == project
