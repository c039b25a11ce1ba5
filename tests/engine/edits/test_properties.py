"""What holds for every project that a person can make, by whatever edits."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import edits, kinds
from engine.analysis.check import check
from engine.analysis.results import Analysis
from engine.codegen.build import Built, build
from engine.codegen.emit import emit
from engine.data.prepare import prepare
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.layers.input_output import Input, Output
from engine.message import Message, Trouble
from engine.project.blocks import clash
from engine.project.graph import Graph
from engine.project.history import History
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.project.sharing import can_share
from engine.repairs.propose import propose
from engine.store import project_file
from engine.training import objectives
from tests.engine.costs import plausible
from tests.engine.drawings import SOURCES, bounded, edits_of, folded, networks
from tests.engine.interpreter import interpret
from tests.engine.strategies import settings_of

EMPTY = Project(Graph(), DataSettings(), Recipe())


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of slow or unusual settings, which are legal
        yield


def plain(analysis: Analysis) -> Any:
    """Everything an analysis says, to be compared."""
    problems = [
        (p.node, p.name, p.level, str(p.message), str(p.expected), str(p.received), str(p.why), p.port)
        for p in analysis.problems
    ]
    return dict(analysis.nodes), problems, analysis.parameters, analysis.macs, analysis.trainable


@bounded
@given(st.data())
def test_any_edits(data: st.DataObject) -> None:
    """Edits by chance: the refused change nothing, all can be undone, and what is derived keeps up."""
    start = data.draw(st.one_of(st.just(EMPTY), networks(most=4), folded(most=4)))
    history = History(start)
    values = [start]
    analysis = check(start)
    for _ in range(data.draw(st.integers(1, 12))):
        before = history.present
        text = project_file.dumps(before)
        edit = data.draw(edits_of(before))
        try:
            after = edit(before)
        except Trouble:
            after = before
        assert project_file.dumps(before) == text, "a project never changes, and what is refused least of all"
        holds(after)
        analysis = check(after, analysis)
        assert plain(analysis) == plain(check(after))
        compile(emit(after, analysis).text, "network", "exec")
        assert project_file.loads(project_file.dumps(after)) == after
        history.push(after, Message("edit"))
        if after != before:
            values.append(after)
    for value in reversed(values):
        assert history.present == value
        history.undo()
    assert not history.undo()
    for value in values[1:]:
        assert history.redo()
        assert history.present == value
    assert not history.redo()


def holds(project: Project) -> None:
    """Here and inside every block: names are unique, wires end at ports that are there, single ports have
    one, nothing circles.
    """
    graph = project.graph
    assert all(id == node.id for id, node in graph.nodes.items())
    assert len({node.name for node in graph.nodes.values()}) == len(graph.nodes)
    assert len(set(graph.wires)) == len(graph.wires)
    fresh = Graph(graph.name, graph.nodes, graph.wires)
    assert known(graph) == known(fresh), "what an edit hands on still holds"
    place = {id: i for i, id in enumerate(graph.order)}
    assert set(place) == set(graph.nodes)
    for wire in graph.wires:
        port = graph.nodes[wire.target].kind.port(wire.input)
        assert port is not None
        assert wire.output in graph.nodes[wire.source].kind.outputs
        assert place[wire.source] < place[wire.target]
        assert port.many or len(graph.arriving(wire.target, wire.input)) == 1
    for node in graph.nodes.values():
        assert not node.shares or can_share(graph.nodes[node.shares].kind, node.kind)
        assert not node.shares or not graph.nodes[node.shares].shares
    assert clash(graph.nodes.values()) is None
    for block in graph.blocks.values():
        holds(evolve(project, graph=block.graph))


def known(graph: Graph) -> Any:
    """Everything that is derived of a graph, in its order."""
    return (
        (graph.order, graph.alive, graph.inputs, graph.outputs, list(graph.blocks.items())),
        [(graph.incoming(id), graph.outgoing(id)) for id in graph.nodes],
        (list(graph.sharers.items()), graph.last_number),
        [graph.names.owner(node.name) for node in graph.nodes.values()],
        [graph.names.free(node.kind) for node in graph.nodes.values()],
    )


@settings(bounded, max_examples=60)
@given(st.one_of(networks(), folded()))
def test_what_can_be_trained_trains(project: Project) -> None:
    """One step of training, with the very shapes, parameters and names that were foretold."""
    trains_or_says_why(project)


@pytest.mark.proof
@settings(bounded, max_examples=150)
@given(st.one_of(networks(most=38), folded(most=38)))
def test_large_networks_train_as_well(project: Project) -> None:
    trains_or_says_why(project)


@pytest.mark.proof
@settings(bounded, max_examples=300)
@given(networks(most=38), st.data())
def test_whatever_is_wrong_has_a_name(project: Project, data: st.DataObject) -> None:
    """Layers with any settings, on any data: problems say what is wrong, and nothing raises."""
    nodes = project.graph.nodes
    for id in data.draw(st.lists(st.sampled_from(sorted(nodes)), max_size=6, unique=True)):
        kind = data.draw(settings_of(type(nodes[id].kind)))
        if (kind.ports(), kind.outputs) == (nodes[id].kind.ports(), nodes[id].kind.outputs):
            project = evolve(project, graph=project.graph.with_nodes([evolve(nodes[id], kind=kind)]))
    source = kinds.registry(Source)[data.draw(st.sampled_from(SOURCES))]()
    project = edits.set_data(project, DataSettings(source=source))
    analysis = check(project)
    errors = [problem for problem in analysis.problems if problem.level == "error"]
    assert analysis.trainable == (not errors)
    for problem in analysis.problems:
        assert problem.name
        assert str(problem.message)
        assert all(str(repair.title) for repair in propose(problem))
    compile(emit(project, analysis).text, "network", "exec")


def trains_or_says_why(project: Project) -> None:
    analysis = check(project)
    text = emit(project, analysis).text
    compile(text, "network", "exec")
    if not analysis.trainable:
        with pytest.raises(Trouble):
            build(project, 0, analysis)
        return
    built = build(project, 0, analysis)
    assert built.source.complete
    assert sum(p.numel() for p in built.module.parameters()) == analysis.parameters
    prepared = prepare(project.data)
    aims = objectives.objectives(project, prepared, built.source.outputs)
    columns = prepared.train.batch(slice(0, 4))
    inputs = objectives.inputs(columns, built.inputs, torch.device("cpu"))
    torch.manual_seed(0)
    predictions = built.module(*inputs)
    same_as_drawn(built, analysis, inputs, objectives.as_tuple(predictions))
    shapes = [tuple(p.shape[1:]) for p in objectives.as_tuple(predictions)]
    targets = [aim.target(columns, shape) for aim, shape in zip(aims, shapes, strict=True)]
    loss = objectives.total_loss(aims)(predictions, targets)
    loss.backward()
    assert any(p.grad is not None for p in built.module.parameters())
    for id, shape in zip(built.source.outputs, shapes, strict=True):
        assert analysis.nodes[id].inputs["x"][0].sample == shape


def same_as_drawn(
    built: Built, analysis: Analysis, inputs: list[torch.Tensor], results: tuple[torch.Tensor, ...]
) -> None:
    """The emitted code gives what the graph says, and every value has the shape that was foretold."""
    torch.manual_seed(0)
    values, arrived = interpret(built, analysis, inputs)
    for (id, output), value in values.items():
        assert tuple(value.shape) == analysis.nodes[id].outputs[output].at(4)
    for result, value in zip(results, arrived, strict=True):
        torch.testing.assert_close(result, value, rtol=0, atol=0, equal_nan=True)


@settings(bounded, max_examples=15)
@given(networks(most=5))
def test_every_repair_does_what_it_says(project: Project) -> None:
    """Also in networks where everything is broken at once, by other data."""
    analysis = check(edits.set_data(project, DataSettings()))
    for problem in analysis.problems[:3]:
        for repair in propose(problem):
            after = check(repair.apply(analysis.project))
            assert (problem.node, problem.name, problem.port) not in [
                (p.node, p.name, p.port) for p in after.problems
            ]
            assert plausible(repair.parameters_delta, analysis, after)


def test_the_smallest_projects_can_be_drawn() -> None:
    """What hypothesis starts from is not trivial by accident."""
    project = edits.add(edits.add(EMPTY, "n1", Input()), "n2", Output())
    assert not check(edits.connect(project, "n1", "out", "n2", "x")).trainable
