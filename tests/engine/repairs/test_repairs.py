"""Ways out of problems: they were tried, they work, and they cost what they say."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
import torch
from attrs import evolve

from engine import edits
from engine.analysis.check import check
from engine.analysis.results import Problem
from engine.codegen.build import build
from engine.data.sets.tables import BreastCancer, Diabetes
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.layers.dense import Linear
from engine.layers.input_output import Output
from engine.message import Message, Refused
from engine.project.graph import Graph, Node
from engine.project.history import History
from engine.project.layout import WIDTH, height, tidy
from engine.project.project import Project
from engine.repairs.propose import MOST, propose, propose_each
from engine.repairs.repair import NamedEdit, Repair, to_json
from engine.templates import template
from tests.engine.chains import FLAT, ROWS, TEN, WHOLE, chain, conv, joined
from tests.engine.costs import plausible
from tests.engine.mistakes import MISTAKES
from tests.engine.mistakes_at_layers import AT_LAYERS
from tests.engine.mistakes_at_outputs import AT_OUTPUTS
from tests.engine.projects import layer


def problem_of(mistake: str) -> Problem:
    project, node, name, _ = MISTAKES[mistake]
    return next(
        p
        for p in check(project).problems
        if p.name == name and (project.graph.nodes[p.node].name if p.node else "") == node
    )


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_has_a_way_out(mistake: str) -> None:
    problem = problem_of(mistake)
    analysis = problem.analysis
    assert analysis is not None
    assert 0 < len(propose(problem)) <= MOST
    assert str(propose(problem)[0].title) == MISTAKES[mistake][3]
    breaking = [repair for repair in propose(problem) if repair.drops and repair.breaks]
    assert len(breaking) in (0, len(propose(problem))), (
        "taken away, and what follows broken, only as the last"
    )
    for repair in propose(problem):
        history = History(analysis.project)
        history.push(repair.apply(analysis.project), repair.title)
        after = check(history.present)
        assert (problem.node, problem.name, problem.port) not in [
            (p.node, p.name, p.port) for p in after.problems
        ]
        assert plausible(repair.parameters_delta, analysis, after)
        new = {(p.node, p.name) for p in after.problems if p.level == "error"}
        harmless = new <= {(p.node, p.name) for p in analysis.problems}
        assert repair.safe == (harmless and not repair.removes)
        assert history.undo()
        assert history.present == analysis.project
        assert not history.undo()


@pytest.mark.parametrize("mistake", {**AT_LAYERS, **AT_OUTPUTS})
def test_the_first_way_out_leaves_nothing_wrong(mistake: str) -> None:
    problem = problem_of(mistake)
    assert problem.analysis is not None
    assert check(propose(problem)[0].apply(problem.analysis.project)).trainable


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_two_ways_out_lead_to_the_same(mistake: str) -> None:
    problem = problem_of(mistake)
    assert problem.analysis is not None
    reached = [repair.apply(problem.analysis.project) for repair in propose(problem)]
    assert all(one not in reached[:i] for i, one in enumerate(reached))
    assert len({str(repair.title) for repair in propose(problem)}) == len(reached)
    assert [r.safe for r in propose(problem)] == sorted([r.safe for r in propose(problem)], reverse=True)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_repairs_as_json_name_edits(mistake: str) -> None:
    for item in json.loads(json.dumps(list(to_json(propose(problem_of(mistake)))))):
        assert set(item) == {"title", "parameters_delta", "edits"}
        assert item["edits"]
        assert all(callable(getattr(edits, step["edit"])) for step in item["edits"])


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_way_out_drops_the_target(mistake: str) -> None:
    """To make the prediction itself small would take the fault away, and what is to be learned with it."""
    for repair in propose(problem_of(mistake)):
        losses = [step.arguments["value"] for step in repair.steps if step.arguments.get("name") == "loss"]
        assert all(loss.judged for loss in losses)


def test_a_repair_shows_the_shapes_that_come_of_it() -> None:
    first = propose(problem_of("a Linear on a picture"))[0]
    assert first.shapes == "N×1×8×8 → N×64 → N×10"
    assert first.parameters_delta == 650


def overlaps(graph: Graph, new: Iterable[str]) -> list[tuple[str, str]]:
    """The new layers that stand on others, in pairs of names."""
    return [
        (node.name, other.name)
        for node in (graph.nodes[id] for id in new)
        for other in graph.nodes.values()
        if other is not node
        and abs(node.x - other.x) < WIDTH
        and node.y < other.y + height(other.kind)
        and other.y < node.y + height(node.kind)
    ]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_a_repair_adds_stands_on_nothing(mistake: str) -> None:
    problem = problem_of(mistake)
    assert problem.analysis is not None
    untidy = problem.analysis.project
    tidied = check(edits.place(untidy, tidy(untidy.graph)))
    problem = next(p for p in tidied.problems if p.key == problem.key)
    for repair in propose(problem):
        graph = repair.apply(tidied.project).graph
        assert overlaps(graph, graph.nodes.keys() - tidied.nodes.keys()) == [], repair.title


def test_repairs_are_computed_once_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Problem] = []
    monkeypatch.setattr(
        "engine.repairs.propose.proposals", lambda problem, _: asked.append(problem) or iter(())
    )
    problem = check(MISTAKES["a Linear on a picture"][0]).problems[0]
    assert asked == []
    assert propose(problem) == propose(problem) == ()
    assert len(asked) == 1


def test_a_broken_skip_can_be_mended_in_several_ways() -> None:
    titles = [str(repair.title) for repair in propose(problem_of("a skip with other channels"))]
    assert titles == [
        "Add a 1×1 Conv2d on the skip",
        "Turn stretch on",
    ], "neither the convolution made to one filter, nor a branch cut off"


@pytest.mark.parametrize("kind", ["Subtract", "Divide", "Multiply", "Minimum", "Maximum", "Where"])
def test_what_is_combined_number_by_number_may_stretch(kind: str) -> None:
    """A dueling network: the mean of ten numbers, taken from each. To make them one would leave nothing."""
    many, one = [FLAT, TEN], [FLAT, TEN, layer("Mean", keep=True)]
    project = joined(many, one, kind, *([many] if kind == "Where" else []))
    (problem,) = [p for p in check(project).problems if p.name == "unequal-shapes"]
    assert [str(repair.title) for repair in propose(problem)] == ["Turn stretch on"]
    mended = propose(problem)[0].apply(project)
    assert check(mended).trainable
    assert build(mended).module(torch.zeros(3, 1, 8, 8)).shape == (3, 10)


def test_what_lacks_axes_gets_them() -> None:
    """A sequence and the last state of another, and the same for what cannot stretch by itself."""
    gru = layer("GRU", hidden_size=8)
    for kind, titles in {
        "Add": (
            "Let gru1 give its sequence",
            "Insert Unsqueeze at axis 1 after gru1, and let it stretch",
            "Insert Unsqueeze at axis 2 after gru1, and let it stretch",
        ),
        "Stack": (
            "Let gru1 give its sequence",
            "Insert Unsqueeze and Expand at axis 1 after gru1",
            "Insert Unsqueeze and Expand at axis 2 after gru1",
        ),
    }.items():
        project = joined([ROWS], [ROWS, gru], kind)
        (problem,) = [p for p in check(project).problems if p.name == "unequal-shapes"]
        assert tuple(str(repair.title) for repair in propose(problem))[:3] == titles
        for repair in propose(problem)[:3]:
            assert repair.safe
            assert check(repair.apply(project)).nodes[problem.node].known


def test_a_layer_with_weights_is_removed_only_where_nothing_else_helps() -> None:
    """Heads that do not divide: to drop the layer is the last way out, and never counts as safe."""
    *others, last = propose(problem_of("heads that do not divide"))
    assert others
    assert (str(last.title), last.removes, last.safe) == ("Remove attention1", True, False)
    assert not any(repair.removes for repair in others)


def test_a_repair_does_not_cost_what_it_lets_be_seen_again() -> None:
    """All that stands below the fault is unknown, and no cost of mending it."""
    narrow, wide = conv(8, padding=1), conv(16, padding=1)
    project = joined([narrow], [narrow, wide], "Add")
    (problem,) = [p for p in check(project).problems if p.name == "unequal-shapes"]
    costs = {str(repair.title): repair.parameters_delta for repair in propose(problem)}
    assert costs["Set conv1 to 16 filters"] == 8 * (9 + 1)
    assert costs["Add a 1×1 Conv2d on the skip"] == 8 * (16 + 1)


def test_a_narrower_table_asks_for_other_heads_in_the_block_that_reads_it() -> None:
    """Inside the block more is wrong, further on; to mend the first of it is a way out all the same."""
    project = template("gpt-2").project()
    table = next(id for id, node in project.graph.nodes.items() if type(node.kind).__name__ == "Embedding")
    (problem,) = check(edits.set_param(project, table, "width", 512)).problems
    titles = [str(repair.title) for repair in propose(problem)]
    assert titles[:2] == ["Set heads to 16, in Decoder block", "Set heads to 8, in Decoder block"]
    assert not any(repair.removes for repair in propose(problem)[:2])
    assert propose(problem)[0].parameters_delta == 0
    assert problem.analysis is not None
    (further,) = check(propose(problem)[0].apply(problem.analysis.project)).problems
    costs = {str(repair.title): repair.parameters_delta for repair in propose(further)}
    narrower = (768 - 512) * (3072 + 1)
    assert costs["Set linear2 to 512 outputs, in Decoder block"] == -narrower * 12


def test_each_of_two_faults_at_one_layer_can_be_repaired_by_itself() -> None:
    """A layer with two ports that are both wrong: mending one is progress."""
    project = chain(layer("Flatten"), layer("Bilinear"), layer("Output"))
    analysis = check(project)
    (unwired,) = [p for p in analysis.problems if p.name == "unwired"]
    assert unwired.port == "x2"
    assert [str(r.title) for r in propose(unwired)][:1] == ["Wire it after flatten1"]
    nothing = check(edits.disconnect(project, [w for w in project.graph.wires if w.input == "x1"]))
    first, second = [p for p in nothing.problems if p.name == "unwired"]
    assert (first.port, second.port) == ("x1", "x2")
    assert any(str(r.title).startswith("Wire it after") for r in propose(first))


def test_a_layer_without_a_wire_is_wired_after_one_that_has_all_of_its_own() -> None:
    """Though others that wait for a wire as well stand nearer: after those it would wait with them."""
    project = WHOLE
    for place in range(3):
        project = edits.add(project, f"free{place}", conv(4), (2000.0, 80.0 * place))
    analysis = check(project)
    problems = [p for p in analysis.problems if p.name == "unwired"]
    assert len(problems) == 3
    for problem in problems:
        (wiring,) = propose(problem)[0].steps
        assert analysis.nodes[wiring.arguments["source"]].known
        assert not analysis.nodes[problem.node].known


def test_a_fault_in_what_is_left_out_is_not_repaired_by_doing_nothing() -> None:
    project = edits.connect(edits.add(WHOLE, "side", conv(size=20), name="side"), "n1", "out", "side", "x")
    (problem,) = check(project).problems
    assert problem.level == "warning"
    assert [str(r.title) for r in propose(problem)][:1] == ["Set kernel size to 8"]


def test_a_note_can_be_answered() -> None:
    project = edits.connect(edits.add(WHOLE, "side", layer("ReLU"), name="side"), "n2", "out", "side", "x")
    (problem,) = check(project).problems
    assert [str(r.title) for r in propose(problem)] == ["Remove side"]
    waiting = edits.disconnect(project, [w for w in project.graph.wires if w.target == "n4"])
    note = next(p for p in check(edits.remove(waiting, ["side"])).problems if p.node == "n3")
    assert [str(r.title) for r in propose(note)][:1] == ["Wire it to output1"]


def test_steps_are_applied_in_order_or_refused() -> None:
    repair = Repair(
        Message("Two"),
        (
            NamedEdit("rename", {"id": "n2", "name": "first"}),
            NamedEdit("rename", {"id": "n3", "name": "first"}),
        ),
    )
    with pytest.raises(Refused):
        repair.apply(WHOLE)


def test_a_deep_network_has_ways_out_as_well() -> None:
    project = chain(*[layer("Tanh") for _ in range(300)], layer("Linear"), layer("Output"))
    analysis = check(project)
    assert propose(analysis.problems[0])


def rows(project: Project) -> list[bool]:
    """Which Linears take a picture row by row, in their order."""
    kinds = [node.kind for node in project.graph.nodes.values()]
    return [kind.each for kind in kinds if isinstance(kind, Linear)]


def test_a_picture_is_kept_row_by_row_through_a_whole_piece_at_once() -> None:
    piece = (Linear(out_features=8), layer("GELU"), Linear(out_features=4), layer("LayerNorm"), Linear())
    project = chain(layer("Permute", order=(2, 3, 1)), *piece, FLAT, Linear(out_features=10), layer("Output"))
    (problem,) = [one for one in check(project).problems if one.name == "not-flat"]
    repair = next(one for one in propose(problem) if str(one.title) == "Keep it, row by row")
    mended = repair.apply(project)
    assert check(mended).trainable
    assert rows(mended) == [True, True, True, False], "the row behind Flatten needs no such thing"


def loose(copies: int) -> Project:
    """A network beside which so many copies of a layer lie that nobody has wired yet."""
    project = template("digits-mlp").project()
    kind = layer("Linear")
    nodes = [Node(f"x{i}", kind, f"loose{i}", 300.0 + i % 20 * 300, 60.0 * (i // 20)) for i in range(copies)]
    return evolve(project, graph=project.graph.with_nodes(nodes))


def test_trying_a_repair_touches_what_it_changes_however_many_problems_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    analysis = check(loose(200))
    assert len(analysis.problems) == 200
    made: list[str] = []
    monkeypatch.setattr(
        Problem, "key", property(lambda self, key=Problem.key: made.append("") or key.fget(self))
    )
    for problem in analysis.problems[:5]:
        assert len(propose(problem)) == MOST
    assert len(made) < 5 * MOST * 10, "keys of problems: of each trial only those that may be new"


def test_ways_out_are_not_sought_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.repairs.propose.PATIENCE_FOR_ALL", 0.01)
    found = list(propose_each(check(loose(60)).problems))
    assert len(found) == 60
    assert len(found[0][1] or ()) == MOST
    assert found[-1][1] is None
    monkeypatch.setattr("engine.repairs.propose.PATIENCE", 0.0)
    assert len(propose(check(loose(3)).problems[0])) < MOST


@pytest.mark.parametrize(
    ("source", "size", "loss"), [(BreastCancer(), 2, "CrossEntropy"), (Diabetes(), 1, "MeanSquaredError")]
)
def test_the_target_of_other_data_is_taken_with_the_outputs_and_the_loss_that_it_needs(
    source: Source, size: int, loss: str
) -> None:
    project = template("wine-mlp").project()
    output = next(node for node in project.graph.nodes.values() if isinstance(node.kind, Output))
    project = edits.set_param(project, output.id, "target", "cultivar")
    analysis = check(edits.set_data(project, DataSettings(source=source)))
    (problem,) = (one for one in analysis.problems if one.name == "missing-column")
    repair = propose(problem)[0]
    mended = check(repair.apply(analysis.project))
    assert not mended.errors
    after = mended.project.graph.nodes[output.id].kind
    assert isinstance(after, Output)
    assert type(after.loss).__name__ == loss
    (arriving,) = mended.nodes[output.id].inputs["x"]
    assert arriving.sample == (size,)
