"""What is known of blocks, and what is wrong with them: as of the layers they are made of."""

from __future__ import annotations

import pytest
from attrs import evolve

from engine import edits
from engine.analysis import walk
from engine.analysis.check import block_analysis, check
from engine.analysis.wiring import fits, outcome
from engine.codegen.emit import emit
from engine.edits.blocks import inside
from engine.edits.folding import unfold
from engine.kinds import Layer
from engine.layers.block_ends import Entry, Exit
from engine.message import Message
from engine.project.blocks import Block, Use
from engine.repairs.propose import propose
from engine.store import project_file
from engine.templates.builder import Sketch
from tests.engine.blocks import nested, network, residual
from tests.engine.projects import layer


def test_a_block_is_checked_like_the_layers_it_is_made_of() -> None:
    folded = network(Use(block=residual()))
    analysis = check(folded)
    assert analysis.problems == ()
    flat = check(unfold(folded, "n2"))
    assert (analysis.parameters, analysis.macs, analysis.activation_bytes) == (
        flat.parameters,
        flat.macs,
        flat.activation_bytes,
    )
    assert str(analysis.nodes["n2"].outputs["out"]) == "N×4×8×8"


def test_what_stands_inside_is_known_node_by_node() -> None:
    analysis = check(network(Use(block=residual(), repeat=3)))
    first, last = block_analysis(analysis, "n2", 0), block_analysis(analysis, "n2", 2)
    graph = first.project.graph
    conv = next(id for id, one in graph.nodes.items() if one.name == "conv")
    assert str(first.nodes[conv].inputs["x"][0]) == "N×1×8×8"
    assert str(last.nodes[conv].inputs["x"][0]) == "N×4×8×8"
    assert first.problems == ()
    assert analysis.nodes["n2"].parameters == sum(
        block_analysis(analysis, "n2", turn).parameters for turn in range(3)
    )


def test_what_can_be_asked_of_a_network_can_be_asked_of_an_inside() -> None:
    analysis = block_analysis(check(network(Use(block=residual()))), "n2")
    ids = {one.name: id for id, one in analysis.project.graph.nodes.items()}
    assert str(outcome(analysis, ids["norm"], "out", layer("MaxPool2d"))) == "N×4×4×4"
    assert not fits(analysis, ids["x"], "out", ids["conv"], "x")
    wider = edits.set_param(analysis.project, ids["conv"], "out_channels", 7)
    again = check(wider, analysis)
    assert [problem.name for problem in again.problems] == ["unequal-shapes"]
    assert propose(again.problems[0])


def test_the_inside_of_a_block_that_nothing_reaches_is_unknown_without_blame() -> None:
    project = edits.disconnect(network(Use(block=residual())), [])
    project = edits.remove(project, ["n1"])
    analysis = check(project)
    assert [problem.name for problem in analysis.of("n2")] == ["unwired"]
    assert block_analysis(analysis, "n2").problems == ()


def test_more_outputs_than_inputs_cannot_be_repeated() -> None:
    sketch = Sketch("Fork")
    x = sketch.add(Entry())
    sketch.add(Exit(), x, name="one")
    sketch.add(Exit(), x, name="two")
    fork = Use(block=Block(sketch.project().graph), repeat=2)
    problem = check(edits.set_kind(network(layer("ReLU")), "n2", fork)).of("n2")[0]
    assert problem.name == "cannot-repeat"
    assert str(propose(problem)[0].title) == "Set repeat to 1"


def test_what_a_block_cannot_take_is_said_at_its_port() -> None:
    project = network(layer("Flatten"), Use(block=residual()))
    problem = check(project).problems[0]
    assert (problem.node, problem.name, problem.port) == ("n3", "wrong-shape", "x")
    assert any(check(repair.apply(project)).trainable for repair in propose(problem))


@pytest.mark.parametrize(("kind", "instead"), [("Input", Entry), ("Output", Exit)])
def test_inputs_and_outputs_stay_outside(kind: str, instead: type[Layer]) -> None:
    project = inside(nested(), ("n2",), edits.add, id="n70", kind=layer(kind))
    project = (
        inside(project, ("n2",), edits.connect, source="n1", output="out", target="n70", input="x")
        if (kind == "Output")
        else inside(project, ("n2",), edits.connect, source="n70", output="out", target="n5", input="xs")
    )
    problem = next(p for p in check(project).problems if p.node == "n2")
    assert problem.inner is not None
    assert problem.inner.name == "misplaced"
    changed = inside(project, ("n2",), edits.set_kind, id="n70", kind=instead())
    assert all(p.inner is None for p in check(changed).problems)


def test_ends_of_blocks_stay_inside() -> None:
    project = edits.add(network(layer("ReLU")), "n70", Exit())
    project = edits.connect(project, "n2", "out", "n70", "x")
    problem = check(project).problems[0]
    assert problem.name == "misplaced"
    for repair in propose(problem):
        assert "misplaced" not in [p.name for p in check(repair.apply(project)).problems]


def test_equal_uses_are_looked_at_once() -> None:
    project = network(*[Use(block=residual()) for _ in range(100)])
    walk._walk_block.cache_clear()
    walk._repetitions.cache_clear()
    analysis = check(project)
    assert walk._walk_block.cache_info().misses == 2  # the first has one channel, the others four
    changed = inside(project, ("n9",), edits.rename, id="n2", name="other")
    check(changed, analysis)
    assert walk._walk_block.cache_info().misses == 4


def test_a_tower_of_blocks_costs_its_height() -> None:
    """Ten uses of ten uses of … : 10²⁰ layers, of which each is looked at once."""
    block = residual("B")
    for level in range(20):
        sketch = Sketch(f"B{level}")
        x = sketch.chain(sketch.add(Entry()), *[Use(block=block) for _ in range(10)])
        sketch.add(Exit(), x)
        block = Block(sketch.project().graph)
    project = network(Use(block=block))
    analysis = check(project)
    assert [problem.name for problem in analysis.problems] == ["memory"]  # there is nothing else wrong
    assert len(repr(analysis)) < 10**6
    assert analysis.parameters > 10**20
    assert emit(project, analysis).text.count("\nclass ") < 50
    assert project_file.loads(project_file.dumps(project)) == project
    assert Message("{n}", n=evolve(project).fingerprint)
