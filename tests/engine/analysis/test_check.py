"""What is found out about a network: facts, sums, and problems at their nodes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import edits
from engine.analysis.check import check
from engine.analysis.results import Analysis
from engine.cli import describe
from engine.data.sets.pictures import Digits
from engine.data.sets.tables import Iris
from engine.data.settings import DataSettings
from engine.kinds import Layer, registry
from engine.losses.loss import Loss
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.templates.builder import Sketch
from tests.engine.chains import FLAT, ONE, OUT, TAIL, TEN, WHOLE, chain, conv, joined
from tests.engine.mistakes import MISTAKES
from tests.engine.projects import layer


def named(project: Project, name: str) -> str:
    return next((id for id, node in project.graph.nodes.items() if node.name == name), "")


def shapes(analysis: Analysis) -> list[str]:
    return [" ".join(map(str, analysis.nodes[id].outputs.values())) for id in analysis.project.graph.order]


def test_shapes_parameters_and_cost_of_a_network() -> None:
    analysis = check(chain(conv(8), layer("ReLU"), FLAT, TEN, OUT))
    assert analysis.trainable
    assert analysis.problems == ()
    assert shapes(analysis) == ["N×1×8×8", "N×8×6×6", "N×8×6×6", "N×288", "N×10", ""]
    assert analysis.parameters == 8 * 9 + 8 + 288 * 10 + 10
    assert analysis.macs == 8 * 36 * 9 + 288 * 10
    assert analysis.activation_bytes == 4 * (8 * 36 * 2 + 288 + 10)
    assert all(facts.known and not facts.unused for facts in analysis.nodes.values())


def test_a_broken_network_is_known_up_to_the_first_fault() -> None:
    analysis = check(chain(conv(8), conv(8, size=9), *TAIL))
    assert [facts.known for facts in analysis.nodes.values()] == [True, True, False, False, False, False]
    assert [problem.name for problem in analysis.problems] == ["kernel-too-large"], "one fault, one problem"
    assert analysis.nodes[named(analysis.project, "conv2")].inputs["x"][0].json() == ["N", 8, 6, 6]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_has_its_problem(mistake: str) -> None:
    project, node, name, _ = MISTAKES[mistake]
    analysis = check(project)
    assert not analysis.trainable
    first = analysis.problems[0]
    found = next(p for p in analysis.problems if p.name == name and p.node == named(project, node))
    assert found.level == "error"
    assert first.level == "error"
    for words in (found.message, found.expected, found.received, found.why):
        assert str(words)
        assert "{" not in str(words)
    assert str(found.why).endswith(".")
    assert found in analysis.of(found.node)


@pytest.mark.parametrize(
    ("mistake", "message", "expected", "received"),
    [
        (
            "a Linear on a picture",
            "expects N×features, but receives N×1×8×8",
            "N×features",
            "N×1×8×8",
        ),
        (
            "a wire that is missing",
            "has no wire at its input (a row of numbers, or a sequence of rows)",
            "N×…×features",
            "nothing",
        ),
        ("a sum of one", "takes at least 2 wires but has one wire", "at least 2 wires", "one wire"),
        (
            "real numbers for an Embedding",
            "expects whole numbers, such as the ids of words but receives decimal numbers",
            "whole numbers, such as the ids of words",
            "decimal numbers",
        ),
        (
            "a column that the data lacks",
            "expects a column colour, but the data has image, label",
            "one of image, label",
            "colour",
        ),
    ],
)
def test_problems_in_words(mistake: str, message: str, expected: str, received: str) -> None:
    project, node, name, _ = MISTAKES[mistake]
    found = next(p for p in check(project).of(named(project, node)) if p.name == name)
    assert (str(found.message), str(found.expected), str(found.received)) == (message, expected, received)


def test_what_reaches_no_output_is_left_out_and_says_so() -> None:
    project = edits.connect(edits.add(WHOLE, "side", layer("Linear"), name="side"), "n2", "out", "side", "x")
    analysis = check(project)
    assert analysis.trainable
    assert analysis.parameters == check(WHOLE).parameters
    assert analysis.nodes["side"].unused
    assert analysis.nodes["side"].known, "shapes are known all the same"
    assert [(p.name, p.level) for p in analysis.of("side")] == [("left-out", "note")]
    assert str(analysis.of("side")[0].message) == "reaches no output, so it is left out of training"


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (2, "reaches no output, so it and the layer above are left out of training"),
        (12, "reaches no output, so it and the 11 layers above are left out of training"),
    ],
)
def test_a_part_that_is_left_out_says_so_once_at_its_end(layers: int, said: str) -> None:
    project, above = WHOLE, "n1"
    for place in range(layers):
        id = f"side{place}"
        project = edits.connect(edits.add(project, id, layer("ReLU")), above, "out", id, "x")
        above = id
    analysis = check(project)
    assert [(p.node, str(p.message)) for p in analysis.problems] == [(above, said)]
    assert sum(facts.unused for facts in analysis.nodes.values()) == layers
    assert not analysis.nodes["n1"].unused, "the Input goes on into the trained part"


def test_two_ends_of_what_is_left_out_both_say_so() -> None:
    project = WHOLE
    for id, above in (("stem", "n1"), ("left", "stem"), ("right", "stem")):
        project = edits.connect(edits.add(project, id, layer("ReLU")), above, "out", id, "x")
    assert [p.node for p in check(project).problems] == ["left", "right"]


def test_a_fault_in_what_is_left_out_does_not_stop_training() -> None:
    project = edits.connect(edits.add(WHOLE, "side", conv(size=20)), "n1", "out", "side", "x")
    analysis = check(project)
    assert analysis.trainable
    assert [(p.name, p.level) for p in analysis.problems] == [("kernel-too-large", "warning")]


def test_a_muted_layer_passes_on_what_arrives() -> None:
    project = chain(conv(8), *TAIL)
    muted = check(edits.mute(project, ["n2"], True))
    assert muted.trainable
    assert shapes(muted)[:3] == ["N×1×8×8", "N×1×8×8", "N×64"]
    assert muted.parameters == 650


def test_a_muted_join_passes_its_first_wire_and_leaves_the_other_branch_out() -> None:
    project = joined([], [conv(8), conv(8)], "Add")
    muted = check(edits.mute(project, [named(project, "add1")], True))
    assert muted.trainable
    assert [muted.project.graph.nodes[p.node].name for p in muted.problems] == ["conv2"]
    assert {p.name for p in muted.problems} == {"left-out"}


def test_a_muted_layer_below_a_fault_knows_nothing() -> None:
    project = joined([conv(size=20)], [layer("Identity")], "Add")
    id = named(project, "add1")
    muted = check(edits.mute(project, [id], True))
    assert not muted.nodes[id].known
    assert not muted.nodes[id].outputs


def test_several_inputs_and_outputs() -> None:
    sketch = Sketch("Several", DataSettings())
    one, two = sketch.add(layer("Input")), sketch.add(layer("Input"))
    both = sketch.add(layer("Add"), one, two)
    flat = sketch.add(FLAT, both)
    for _ in range(2):
        sketch.chain(flat, TEN, OUT)
    analysis = check(sketch.project())
    assert analysis.trainable
    assert analysis.parameters == 1300
    assert len(analysis.project.graph.outputs) == len(analysis.project.graph.inputs) == 2


def test_errors_come_before_warnings_and_notes() -> None:
    project = edits.add(edits.add(chain(conv(), OUT), "loose", layer("ReLU")), "odd", layer("Input"))
    levels = [problem.level for problem in check(project).problems]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    assert set(levels) == {"error", "warning", "note"}


def test_an_unknown_layer_stops_what_comes_after_it() -> None:
    project, *_ = MISTAKES["a layer that nobody knows"]
    analysis = check(project)
    assert "expected the name of a layer, received 'Imagined'" in str(analysis.problems[0].message)
    assert [p.name for p in analysis.problems] == ["unknown-kind", "left-out"]


def test_data_that_cannot_be_read_is_a_problem_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise Trouble("the file {path} is gone", path="measurements.csv")

    monkeypatch.setattr(Digits, "schema", broken)
    from engine.data import prepare

    prepare._schema.cache_clear()
    try:
        analysis = check(WHOLE)
    finally:
        prepare._schema.cache_clear()
    assert [(p.node, p.name, str(p.message)) for p in analysis.problems] == [
        ("", "data", "the file measurements.csv is gone")
    ]
    assert not analysis.trainable


# --------------------------------------------------------------------------- again and again


def test_what_did_not_change_is_taken_over() -> None:
    before = check(WHOLE)
    after = check(edits.set_param(WHOLE, "n3", "bias", False), before)
    assert after.results["n2"] is before.results["n2"]
    assert after.results["n4"] is before.results["n4"], "the same shape arrives"
    assert after.results["n3"] is not before.results["n3"]
    assert after.parameters == 640


@pytest.mark.parametrize(
    "change",
    [
        lambda p: edits.set_data(p, DataSettings(source=Iris())),
        lambda p: edits.disconnect(p, p.graph.wires[:1]),
        lambda p: edits.disconnect(p, p.graph.wires[-1:]),
        lambda p: edits.mute(p, ["n3"], True),
        lambda p: edits.remove(p, ["n4"]),
        lambda p: edits.set_param(p, "n1", "column", "label"),
        lambda p: edits.rename(p, "n2", "other"),
        lambda p: edits.insert(p, "new", conv(), p.graph.wires[0]),
    ],
)
def test_an_analysis_that_begins_with_another_says_the_same(change: Any) -> None:
    analysis = check(WHOLE)
    after = change(WHOLE)
    fresh, quick = check(after), check(after, analysis)
    assert describe.analysis(fresh) == describe.analysis(quick)
    back = check(WHOLE, quick)
    assert describe.analysis(back) == describe.analysis(analysis)


def test_an_analysis_as_json() -> None:
    project, *_ = MISTAKES["a Linear on a picture"]
    data = json.loads(json.dumps(describe.analysis(check(project))))
    assert data["parameters"] == 0
    assert data["trainable"] is False
    first, second, _ = data["nodes"]
    assert first["outputs"] == {"out": ["N", 1, 8, 8]}
    assert second["inputs"] == {"x": [["N", 1, 8, 8]]}
    assert {"id", "kind", "inputs", "outputs", "parameters", "macs"} <= set(second)
    (problem,) = data["problems"]
    assert set(problem) == {
        *("node", "node_name", "name", "level", "message", "expected", "received", "why", "repairs")
    }
    repair = problem["repairs"][0]
    assert (repair["title"], repair["parameters_delta"]) == ("Insert Flatten", 650)
    assert repair["edits"][0]["edit"] == "insert"
    assert repair["edits"][0]["kind"] == {"kind": "Flatten", "start": 1}


def test_the_whole_network_has_no_node_in_json() -> None:
    (problem,) = describe.analysis(check(MISTAKES["nothing at all"][0]))["problems"]
    assert problem["node"] is None
    assert problem["node_name"] is None


def test_a_layer_that_needs_two_inputs_names_the_one_that_is_missing() -> None:
    subtract: Layer = layer("Subtract")
    sketch = Sketch("One", DataSettings())
    sketch.add(OUT, sketch.add(TEN, sketch.add(FLAT, sketch.add(subtract, sketch.add(layer("Input"))))))
    problem = check(sketch.project()).problems[0]
    assert (problem.name, problem.port) == ("unwired", "b")
    assert isinstance(problem.message, Message)


@pytest.mark.parametrize(
    ("data", "loss", "metrics", "left"),
    [
        ("Diabetes", "MeanSquaredError", ("accuracy", "MAE"), ("MAE",)),
        ("Sunspots", "MeanSquaredError", ("MAPE",), ()),
        ("BreastCancer", "BinaryCrossEntropy", ("R2", "F1"), ("F1",)),
    ],
)
def test_a_metric_that_cannot_be_measured_is_noted_with_a_way_out(
    data: str, loss: str, metrics: tuple[str, ...], left: tuple[str, ...]
) -> None:
    judged = registry(Loss)[loss]()
    project = chain(FLAT, ONE, layer("Output", loss=judged, metrics=metrics), data=data)
    analysis = check(project)
    assert analysis.trainable
    (problem,) = analysis.problems
    assert (problem.name, problem.level) == ("unmeasured", "note")
    assert metrics[0] in str(problem.message)
    mended = propose(problem)[0].apply(project)
    assert mended.graph.nodes[problem.node].kind.metrics == left  # type: ignore[attr-defined]  # an Output
    assert not check(mended).problems
