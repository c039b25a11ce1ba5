"""Layers folded into blocks: the same network as before, in every respect but how it is drawn."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
import torch
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from engine import edits, kinds
from engine.analysis.check import block_analysis, check
from engine.cli import describe
from engine.codegen.build import Built, build
from engine.codegen.emit import emit
from engine.data.prepare import prepare
from engine.edits.blocks import detach, expose, inside, redefine, rename_block, unexpose, used_at
from engine.edits.folding import fold, unfold
from engine.kinds import Unknown
from engine.layers.block_ends import Entry, Exit
from engine.message import Refused, Trouble
from engine.project.blocks import Block, Use
from engine.project.graph import Graph
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.repairs.repair import NamedEdit
from engine.runs.record import Record
from engine.store import clipboard, project_file
from engine.templates.builder import Sketch
from engine.training.train import train
from tests.engine.blocks import answers, layers_of, nested, network, one_is, residual
from tests.engine.drawings import bounded, neighbours, networks
from tests.engine.networks import record
from tests.engine.projects import layer, node, with_recipe


def with_weights_of(built: Built, other: Built) -> Built:
    """The same with each layer's weights taken from the layer with its id."""
    theirs = layers_of(other)
    for id, mine in layers_of(built).items():
        if isinstance(mine, nn.Module):
            mine.load_state_dict(theirs[id].state_dict())
        else:
            mine.data.copy_(theirs[id].data)
    return built


# --------------------------------------------------------------------------- one block


def test_blocks_train_and_go_on_the_shelf(tmp_path: Any) -> None:
    project = with_recipe(network(Use(block=residual(), repeat=2)), epochs=1)
    reports = list(train(project, prepare(project.data)))
    assert reports[-1].json()["report"] == "finished"
    kept: Record = record(project, tmp_path / "run")
    assert kept.project == project
    assert any(name.startswith("residual_block1.0.conv") for name in kept.module().state_dict())


# --------------------------------------------------------------------------- folding and unfolding


@settings(bounded, max_examples=40)
@given(st.data())
def test_folding_changes_no_number(data: st.DataObject) -> None:
    project = data.draw(networks(most=6))
    analysis = check(project)
    chosen = data.draw(neighbours(project))
    # a muted layer reads one of its wires alone; a block has an input for each, so that all are computed
    muted = [id for id in chosen if project.graph.nodes[id].muted]
    assume(all(len(project.graph.incoming(id)) <= 1 for id in muted))
    try:
        folded = fold(project, chosen, data.draw(st.sampled_from(["Block", "Größe 2", "class", "nn"])))
    except Refused:
        assume(False)
    after = check(folded)
    assert (after.parameters, after.macs) == (analysis.parameters, analysis.macs)
    assert after.trainable == analysis.trainable
    assert project_file.loads(project_file.dumps(folded)) == folded
    flat = unfold(folded, edits.new_id(project.graph))
    assert likeness(flat.graph) == likeness(project.graph)
    if analysis.trainable:
        built = build(project, 0, analysis)
        other = with_weights_of(build(folded, 1, after), built)
        assert sum(p.numel() for p in other.module.parameters()) == after.parameters
        once, twice = answers(built, project), answers(build(project, 0, analysis), project)
        if all(torch.equal(a, b) for a, b in zip(once, twice, strict=True)):
            torch.testing.assert_close(answers(other, folded), once, rtol=0, atol=0, equal_nan=True)


def likeness(graph: Graph) -> Any:
    """What a graph is, whatever the ids: nodes by name, and the wires into each port in order."""
    names = {id: one.name for id, one in graph.nodes.items()}
    wires: dict[Any, list[Any]] = {}
    for wire in graph.wires:
        wires.setdefault((names[wire.target], wire.input), []).append((names[wire.source], wire.output))
    return {one.name: (one.kind, one.muted) for one in graph.nodes.values()}, wires


def test_the_ends_of_a_fold_are_the_wires_that_cross() -> None:
    project = unfold(network(Use(block=residual())), "n2")
    chosen = [node(project, name) for name in ("conv", "norm", "skip", "add")]
    folded = fold(project, chosen, "Both ways")
    use = folded.graph.nodes[edits.new_id(project.graph)].kind
    assert [port.name for port in use.ports()] == ["x"]
    assert str(use.ports()[0].pattern) == "N×C×H×W"
    assert use.outputs == ("out",)
    assert use.summary() == "4 layers inside"
    assert (use.family, use.label()) == ("convolution", "Both ways")
    assert use.doc() == "Made of 4 layers: 2 Conv2d, BatchNorm2d and Add."


def test_a_block_stands_where_most_of_its_layers_stood() -> None:
    project = unfold(network(Use(block=residual())), "n2")
    chosen = [node(project, name) for name in ("conv", "norm", "skip", "add")]
    places = {id: (640.0, 100.0 + 90 * place) for place, id in enumerate(chosen)}
    project = edits.place(project, places | {node(project, "skip"): (200.0, 80.0)})
    folded = fold(project, chosen, "Moved")
    (use,) = (one for one in folded.graph.nodes.values() if isinstance(one.kind, Use))
    assert (use.x, use.y) == (640.0, 100.0), "and not beside the topmost, where another may stand"


def test_folding_refuses_what_would_close_a_circle() -> None:
    project = unfold(network(Use(block=residual())), "n2")
    with pytest.raises(Refused, match="comes back"):
        fold(project, [node(project, "conv"), node(project, "add")])


def test_folding_everything_folds_what_is_between_the_ends() -> None:
    project = network(layer("ReLU"))
    folded = fold(project, project.graph.nodes, "All")
    assert [one.name for one in folded.graph.nodes.values()] == ["input1", "output1", "all1"]
    assert check(folded).trainable


@pytest.mark.parametrize("chosen", [[], ["n1"]])
def test_folding_takes_layers_alone(chosen: list[str]) -> None:
    with pytest.raises(Refused):
        fold(network(layer("ReLU")), chosen)


def test_a_repeated_block_unfolds_to_as_many_copies() -> None:
    project = network(Use(block=residual(), repeat=3))
    flat = unfold(project, "n2")
    assert sum(one_is(flat, id, "Conv2d") for id in flat.graph.nodes) == 6
    assert check(flat).parameters == check(project).parameters
    boxes = [one.y for one in flat.graph.nodes.values()]
    assert max(boxes) > max(one.y for one in project.graph.nodes.values()), "it makes room"


def test_unfolding_refuses_to_draw_one_wire_twice() -> None:
    sketch = Sketch("Twice")
    x = sketch.add(Entry())
    sketch.add(Exit(), x, name="one")
    sketch.add(Exit(), x, name="two")
    sketch = _twice(Block(sketch.project().graph))
    with pytest.raises(Refused, match="twice"):
        unfold(sketch, "n2")


def _twice(block: Block) -> Project:
    sketch = Sketch("Net", network(layer("ReLU")).data)
    pair = sketch.add(Use(block=block), sketch.add(layer("Input")))
    total = sketch.add(layer("Add"), (pair, "one"), (pair, "two"))
    sketch.chain(total, layer("Flatten"), layer("Linear", out_features=10), layer("Output"))
    return sketch.project()


def test_blocks_nest() -> None:
    project = network(Use(block=residual(), repeat=2), layer("ReLU"))
    inner = fold(project, ["n2", "n3"], "Stage")
    outer = fold(inner, ["n7"], "Trunk")
    top = edits.new_id(inner.graph)
    stage = outer.graph.nodes[top].kind
    assert isinstance(stage, Use)
    assert [block.name for block in stage.blocks] == ["Residual block", "Stage", "Trunk"]
    analysis = check(outer)
    assert analysis.parameters == check(project).parameters
    assert project_file.loads(project_file.dumps(outer)) == outer
    deep = block_analysis(block_analysis(block_analysis(analysis, top), "n7"), "n2", 1)
    assert str(next(iter(deep.nodes.values())).outputs["out"]) == "N×4×8×8"
    source = emit(outer, analysis)
    places = [source.text.index(f"class {name}(") for name in ("ResidualBlock", "Stage", "Trunk", "Net")]
    assert all(one < two for one, two in pairwise(places))
    assert source.inside((top, "n7", "n2"))
    assert sum(p.numel() for p in build(outer).module.parameters()) == analysis.parameters


# --------------------------------------------------------------------------- definitions


def test_every_use_follows_a_change_inside() -> None:
    project = nested()
    changed = inside(project, ("n9", "n3"), edits.set_param, id="n4", name="kernel_size", value=3)
    changed = inside(changed, ("n2",), edits.set_param, id="n4", name="padding", value=1)
    kernels = [
        used_at(changed.graph, path).graph.nodes["n4"].kind.kernel_size  # type: ignore[attr-defined]  # a Conv2d
        for path in (("n2",), ("n9", "n3"))
    ]
    assert kernels == [3, 3]
    assert check(changed).trainable
    assert len(changed.graph.blocks) == 2


def test_an_edit_inside_can_be_told_in_words_and_undone() -> None:
    project = nested()
    step = NamedEdit("set_param", {"id": "n4", "name": "kernel_size", "value": 5}).within("n3").within("n9")
    assert step.json() == {
        "edit": "set_param",
        "path": ["n9", "n3"],
        "id": "n4",
        "name": "kernel_size",
        "value": 5,
    }
    assert step.apply(project) != project
    assert step.apply(project).fingerprint != project.fingerprint


def test_renaming_an_end_keeps_the_wires_of_every_use() -> None:
    project = nested()
    renamed = inside(project, ("n2",), edits.rename, id="n1", name="picture")
    assert [port.name for port in renamed.graph.nodes["n2"].kind.ports()] == ["picture"]
    assert [wire.input for wire in renamed.graph.incoming("n2")] == ["picture"]
    assert check(renamed).trainable


def test_an_end_that_goes_takes_its_wires_with_it() -> None:
    renamed = inside(nested(), ("n2",), edits.remove, ids=["n1"])
    assert renamed.graph.incoming("n2") == ()


def test_a_block_cannot_stand_inside_itself() -> None:
    project = nested()
    with pytest.raises(Refused, match="inside itself"):
        inside(project, ("n2",), edits.add, id="n99", kind=project.graph.nodes["n2"].kind)
    with pytest.raises(Refused, match="inside itself"):
        inside(project, ("n9", "n3"), edits.add, id="n99", kind=project.graph.nodes["n9"].kind)


def test_names_of_blocks_are_their_own() -> None:
    project = nested()
    with pytest.raises(Refused, match="both be called"):
        rename_block(project, ("n2",), "Stage")
    renamed = rename_block(project, ("n9", "n3"), "Skip")
    assert set(renamed.graph.blocks) == {"Skip", "Stage"}
    added = edits.add(renamed, "n50", Use(block=residual("Skip", channels=9)))
    assert set(added.graph.blocks) == {"Skip", "Stage", "Skip 2"}


def test_a_detached_use_goes_its_own_way() -> None:
    project = detach(nested(), "n2")
    assert set(project.graph.blocks) == {"Residual block", "Residual block 2", "Stage"}
    changed = inside(project, ("n2",), edits.set_param, id="n2", name="out_channels", value=5)
    assert used_at(changed.graph, ("n9", "n3")) == used_at(project.graph, ("n9", "n3"))


def test_a_setting_can_be_offered_to_every_use() -> None:
    project = expose(nested(), ("n2",), "n4", "bias")
    kind = project.graph.nodes["n2"].kind
    assert [param.name for param in kinds.params(kind)] == ["bias", "repeat"]
    assert kind.bias  # type: ignore[attr-defined]  # it is offered
    own = edits.set_param(project, "n2", "bias", False)
    own = edits.set_param(own, "n2", "repeat", 2)
    assert not own.graph.nodes["n2"].kind.bias  # type: ignore[attr-defined]  # as above
    assert own.graph.nodes["n9"] == project.graph.nodes["n9"]
    assert project_file.loads(project_file.dumps(own)) == own
    assert block_analysis(check(own), "n2").nodes["n4"].parameters == 4
    assert "def __init__(self, in_channels: int, bias: bool = True):" in emit(own).text
    assert "nn.Sequential(ResidualBlock(1, bias=False), ResidualBlock(4, bias=False))" in emit(own).text
    with pytest.raises(Trouble, match="Bias"):
        edits.set_param(own, "n2", "bias", 3)
    again = unexpose(own, ("n2",), "bias")
    assert [param.name for param in kinds.params(again.graph.nodes["n2"].kind)] == ["repeat"]
    assert block_analysis(check(again), "n2").nodes["n4"].parameters == 8


def test_one_name_drives_the_settings_of_several_layers() -> None:
    project = expose(nested(), ("n2",), "n2", "out_channels", "filters")
    project = expose(project, ("n2",), "n4", "out_channels", "filters")
    assert [param.name for param in kinds.params(project.graph.nodes["n2"].kind)] == ["filters", "repeat"]
    own = edits.set_param(project, "n2", "filters", 7)
    analysis = check(own)
    assert analysis.trainable, "both branches of the sum have seven maps"
    assert str(analysis.nodes["n2"].outputs["out"]) == "N×7×8×8"
    assert project_file.loads(project_file.dumps(own)) == own
    assert "def __init__(self, in_channels: int, filters: int = 4):" in emit(own, analysis).text
    changed = inside(own, ("n9", "n3"), edits.set_param, id="n2", name="out_channels", value=5)
    block = used_at(changed.graph, ("n2",)).block
    assert block.graph.nodes["n4"].kind.out_channels == 5  # type: ignore[attr-defined]  # a Conv2d
    with pytest.raises(Refused, match="another kind of setting"):
        expose(project, ("n2",), "n4", "bias", "filters")
    alone = unexpose(own, ("n2",), "filters", "n4")
    assert [one.node for one in used_at(alone.graph, ("n2",)).block.exposed] == ["n2"]


def test_settings_are_offered_through_several_blocks() -> None:
    project = expose(nested(), ("n2",), "n4", "bias")
    project = expose(project, ("n9",), "n3", "bias", "shift")
    own = edits.set_param(project, "n9", "shift", False)
    assert block_analysis(block_analysis(check(own), "n9"), "n3").nodes["n4"].parameters == 16


@pytest.mark.parametrize("name", ["block", "class", "repeat", "label", "two words", "_own"])
def test_an_offered_setting_has_a_name_that_nothing_else_has(name: str) -> None:
    with pytest.raises(Refused):
        expose(nested(), ("n2",), "n4", "kernel_size", name)


def test_redefining_forgets_what_is_no_longer_offered() -> None:
    project = edits.set_param(expose(nested(), ("n2",), "n4", "kernel_size"), "n2", "kernel_size", 5)
    gone = inside(project, ("n2",), edits.dissolve, ids=["n4"])
    kind = gone.graph.nodes["n2"].kind
    assert isinstance(kind, Use)
    assert (kind.block.exposed, kind.values) == ((), ())
    assert redefine(gone, kind.block, kind.block) == gone


# --------------------------------------------------------------------------- mistakes


def test_a_mistake_inside_is_named_with_its_layer_and_can_be_repaired() -> None:
    project = inside(nested(), ("n2",), edits.set_param, id="n2", name="out_channels", value=6)
    analysis = check(project)
    problem = analysis.problems[0]
    assert (problem.node, problem.name, problem.path) == ("n2", "inside", ("n2", "n5"))
    assert str(problem.message).startswith("has a problem inside: add expects")
    assert propose(problem)
    for repair in propose(problem):
        assert check(repair.apply(project)).trainable, repair.title


def test_a_muted_layer_without_a_wire_inside_is_a_problem_with_repairs() -> None:
    block = residual()
    relu = next(id for id, one in block.graph.nodes.items() if one.name == "relu")
    wires = tuple(wire for wire in block.graph.wires if wire.target != relu)
    graph = edits.mute(evolve(network(), graph=evolve(block.graph, wires=wires)), [relu], True)
    analysis = check(network(Use(block=Block(graph.graph))))
    problem = next(problem for problem in analysis.problems if problem.name == "inside")
    assert str(problem.message).startswith("has a problem inside: relu is muted and has no wire")
    assert any(str(one.title).startswith("Wire it after add") for one in propose(problem))


def test_a_mistake_deep_inside_is_repaired_through_every_wall() -> None:
    project = inside(nested(), ("n9", "n3"), edits.set_param, id="n2", name="out_channels", value=6)
    project = fold(project, ["n2", "n9"], "Trunk", "n20")
    problem = check(project).problems[0]
    assert problem.path == ("n20", "n2", "n5")
    assert propose(problem)[0].steps[0].arguments["path"] == ("n20", "n2")
    assert check(propose(problem)[0].apply(project)).trainable


def test_a_block_without_an_exit_says_so_and_gets_one() -> None:
    project = inside(nested(), ("n2",), edits.remove, ids=["n7"])
    problem = next(p for p in check(project).problems if p.name == "no-exit")
    assert problem.node == "n2"
    assert any("Exit" in str(repair.title) for repair in propose(problem))
    repaired = propose(problem)[0].apply(project)
    assert repaired.graph.nodes["n2"].kind.outputs


# --------------------------------------------------------------------------- files


def test_a_file_has_each_definition_once() -> None:
    data = json.loads(project_file.dumps(nested()))
    assert [block["name"] for block in data["blocks"]] == ["Residual block", "Stage"]
    use = next(item["layer"] for item in data["nodes"] if item["id"] == "n2")
    assert use == {"kind": "Use", "block": "Residual block", "repeat": 1, "values": {}}


def test_uses_of_one_definition_are_one_value_after_reading() -> None:
    project = project_file.loads(project_file.dumps(nested()))
    assert used_at(project.graph, ("n2",)).block is used_at(project.graph, ("n9", "n3")).block


def test_copied_layers_bring_their_blocks() -> None:
    piece = clipboard.from_text(clipboard.to_text(nested().graph, ["n9"]))
    pasted = edits.paste(network(layer("ReLU")), piece)
    assert set(pasted.graph.blocks) == {"Residual block", "Stage"}
    other = edits.paste(network(Use(block=residual(channels=9))), piece)
    assert set(other.graph.blocks) == {"Residual block", "Residual block 2", "Stage"}
    assert block_analysis(check(other), edits.new_id(network(Use(block=residual())).graph)).problems == ()


@pytest.mark.parametrize("damage", ["missing", "broken", "settings", "repeat"])
def test_a_damaged_block_is_kept_as_it_is(damage: str) -> None:
    data = json.loads(project_file.dumps(nested()))
    use = next(item["layer"] for item in data["nodes"] if item["id"] == "n2")
    if damage == "missing":
        data["blocks"] = []
    elif damage == "broken":
        data["blocks"][0]["wires"].append(["n1", "out", "nobody", "x"])
    elif damage == "settings":
        use["values"] = {"rate": 3}
    else:
        use["repeat"] = "often"
    project = project_file.loads(json.dumps(data))
    assert isinstance(project.graph.nodes["n2"].kind, Unknown)
    assert any(problem.name == "unknown-kind" for problem in check(project).problems)
    assert project_file.loads(project_file.dumps(project)) == project
    if damage == "broken":
        assert "nobody" in project_file.dumps(project)


def test_blocks_nested_without_end_are_refused_with_a_reason() -> None:
    inner: dict[str, Any] = {"name": "B0", "nodes": [], "wires": []}
    for depth in range(1, 100):
        use = {"kind": "Use", "block": f"B{depth - 1}", "definition": inner}
        item = {"id": "n1", "name": "b", "at": [0, 0], "layer": use}
        inner = {"name": f"B{depth}", "nodes": [item], "wires": []}
    data = {**json.loads(project_file.dumps(network(layer("ReLU")))), "blocks": [inner]}
    assert project_file.loads(json.dumps(data)) == network(layer("ReLU"))


def test_the_fingerprint_sees_inside_and_looks_past_places() -> None:
    project = nested()
    assert inside(project, ("n2",), edits.move, ids=["n2"], dx=9, dy=9).fingerprint == project.fingerprint
    assert inside(project, ("n2",), edits.mute, ids=["n6"], muted=True).fingerprint != project.fingerprint


# --------------------------------------------------------------------------- cost


def test_programs_are_told_of_blocks_and_of_what_is_wrong_inside() -> None:
    project = inside(nested(), ("n2",), edits.set_param, id="n2", name="out_channels", value=6)
    told = describe.analysis(check(project))
    assert next(one for one in told["nodes"] if one["id"] == "n2")["block"] == "Residual block"
    problem = told["problems"][0]
    assert (problem["node"], problem["path"]) == ("n2", ["n2", "n5"])
    assert problem["repairs"][0]["edits"][0]["path"] == ["n2"]
