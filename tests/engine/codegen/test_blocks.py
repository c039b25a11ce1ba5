"""Blocks in the code: classes, their arguments, and repetitions in loops."""

from __future__ import annotations

import torch
from torch import nn

from engine import edits
from engine.analysis.block_results import BlockModule
from engine.analysis.check import check
from engine.analysis.measure import runner
from engine.analysis.walk import measure
from engine.codegen.build import block_module, build, layer_module
from engine.codegen.emit import emit
from engine.edits.blocks import expose
from engine.edits.folding import fold, unfold
from engine.kinds.shapes import per_sample
from engine.layers.block_ends import Entry, Exit
from engine.layers.combine import Add
from engine.layers.dense import Linear
from engine.project.blocks import Block, Use
from engine.templates.builder import Sketch
from tests.engine.blocks import answers, network, one_is, residual
from tests.engine.projects import chain, layer, node


def test_the_code_has_a_class_for_the_block() -> None:
    source = emit(network(Use(block=residual(), repeat=3), Use(block=residual())))
    assert source.text.count("class ResidualBlock(nn.Module):") == 1
    assert "def __init__(self, in_channels: int):" in source.text
    assert "nn.Sequential(ResidualBlock(1), *[ResidualBlock(4) for _ in range(2)])" in source.text
    assert "self.residual_block2 = ResidualBlock(4)" in source.text
    assert '"""Residual block. 56 to 176 parameters."""' in source.text
    assert source.text.index("class ResidualBlock") < source.text.index("class Net(")
    assert source.uses["n2"] == ("ResidualBlock",) * 3
    lines = source.text.splitlines()
    graph = residual().graph
    conv = next(id for id, one in graph.nodes.items() if one.name == "conv")
    lit = [lines[number - 1].strip() for number in source.inside(("n2",))[conv]]
    assert lit == ["self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)", "x = self.conv(x0)"]


def test_numbers_that_grow_from_one_repetition_to_the_next_are_a_loop() -> None:
    sketch = Sketch("Dense layer")
    x = sketch.add(Entry(), name="x")
    more = sketch.add(layer("Conv2d", out_channels=3, padding=1), x)
    sketch.add(Exit(), sketch.add(layer("Concatenate"), x, more), name="out")
    built = build(network(Use(block=Block(sketch.project().graph), repeat=4)))
    assert "*[DenseLayer(in_channels) for in_channels in range(1, 13, 3)]" in built.source.text
    weights = [tuple(part.conv1.weight.shape) for part in built.module.dense_layer1]
    assert weights == [(3, 1, 3, 3), (3, 4, 3, 3), (3, 7, 3, 3), (3, 10, 3, 3)]


def test_uses_that_differ_in_more_than_values_have_classes_of_their_own() -> None:
    sketch = Sketch("Curve")
    power = sketch.add(layer("Power"), sketch.add(Entry()))
    sketch.add(Exit(), power)
    project = network(*[Use(block=Block(sketch.project().graph))] * 2)
    project = edits.set_param(expose(project, ("n2",), power, "exponent"), "n3", "exponent", 3.0)
    source = emit(project)
    assert (source.uses["n2"], source.uses["n3"]) == (("Curve",), ("Curve2",))


def test_the_arguments_of_blocks_go_through_the_blocks_around_them() -> None:
    project = fold(network(Use(block=residual()), layer("ReLU")), ["n2", "n3"], "Stage", "n9")
    use = project.graph.nodes["n9"].kind
    assert isinstance(use, Use)
    twice = network(use, use)
    text = emit(twice).text
    assert "self.residual_block1 = ResidualBlock(in_channels)" in text
    assert "self.stage1 = Stage(1)" in text
    assert "self.stage2 = Stage(4)" in text
    assert sum(p.numel() for p in build(twice).module.parameters()) == check(twice).parameters


def test_shapes_that_differ_between_uses_are_not_written_beside_their_common_lines() -> None:
    sketch = Sketch("Act")
    sketch.add(Exit(), sketch.chain(sketch.add(Entry()), layer("MaxPool2d"), layer("ReLU")))
    block = Block(sketch.project().graph)
    text = emit(network(Use(block=block), Use(block=block))).text
    assert text.count("class Act(") == 1
    assert "class Act2(" not in text
    assert "#" not in text[text.index("class Act(") : text.index("class Net(")]


def test_inputs_beyond_the_outputs_reach_every_repetition() -> None:
    sketch = Sketch("Step")
    x, way = sketch.add(Entry(), name="x"), sketch.add(Entry(), name="the way")
    mixed = sketch.add(layer("Add"), sketch.add(layer("Linear", out_features=4), x), way)
    sketch.add(Exit(), mixed, name="out")
    step = Block(sketch.project().graph)
    sketch = Sketch("Net", network(Use(block=step)).data)
    start = sketch.chain(sketch.add(layer("Input")), layer("Flatten"))
    first = sketch.add(layer("Linear", out_features=4), start)
    second = sketch.add(layer("Linear", out_features=4), start)
    looped = sketch.add(Use(block=step, repeat=3), first, second, name="steps")
    sketch.chain(looped, layer("Linear", out_features=10), layer("Output"))
    project = sketch.project()
    folded = build(project, 0)
    assert isinstance(folded.module.steps, nn.ModuleList)
    flat = unfold(project, node(project, "steps"))
    plain = build(flat, 1)
    steps = [
        id for id, one in flat.graph.nodes.items() if id not in project.graph.nodes or one.name == "steps"
    ]
    linears = [id for id in flat.graph.order if id in steps and one_is(flat, id, "Linear")]
    assert len(linears) == 3
    for id, part in zip(linears, folded.module.steps, strict=True):
        getattr(plain.module, plain.source.names[id]).load_state_dict(part.linear1.state_dict())
    for id, name in plain.source.names.items():
        if id in project.graph.nodes and id not in steps and hasattr(folded.module, name):
            getattr(plain.module, name).load_state_dict(getattr(folded.module, name).state_dict())
    torch.testing.assert_close(answers(folded, project), answers(plain, flat))


def test_blocks_with_several_outputs_repeat_too() -> None:
    sketch = Sketch("Swap")
    a, b = sketch.add(Entry(), name="a"), sketch.add(Entry(), name="b")
    sketch.add(Exit(), sketch.add(layer("Tanh"), b), name="first")
    sketch.add(Exit(), a, name="second")
    use = Use(block=Block(sketch.project().graph), repeat=3)
    flat = layer("Flatten")
    shape = check(chain(flat, data="Digits")).nodes["n2"].outputs["out"]
    found = measure(use, (shape, shape))
    assert found.outputs == (shape, shape)
    assert found.code is not None
    assert isinstance(found.code.make, BlockModule)
    run = runner(found.code.lines, ("a", "b"), use.outputs)
    one, two = torch.rand(2, 64), torch.rand(2, 64)
    first, second = run(block_module(found.code.make), one, two)
    torch.testing.assert_close(first, two.tanh().tanh())
    torch.testing.assert_close(second, one.tanh())


def test_a_layer_or_a_block_by_itself_is_a_module() -> None:
    analysis = check(network(Use(block=residual())))
    block = analysis.nodes["n2"].code
    assert block is not None
    module = layer_module(block)
    assert isinstance(module, nn.Module)
    assert sum(p.numel() for p in module.parameters()) == analysis.nodes["n2"].parameters
    single = measure(Linear(out_features=3), (per_sample(4),)).code
    assert single is not None
    assert isinstance(layer_module(single), nn.Linear)
    bare = measure(Add(), ((per_sample(4), per_sample(4)),)).code
    assert bare is not None
    assert layer_module(bare) is None
