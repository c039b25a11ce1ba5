"""Whole networks in Keras: the numbers of PyTorch, lines an engineer would write, a place for every layer."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from engine import edits, kinds
from engine.analysis.check import check
from engine.codegen.build import build
from engine.codegen.emit import emit
from engine.codegen.keras.emit import emit_keras
from engine.codegen.keras.forms.catalogue import writer_of
from engine.codegen.keras.forms.form import KerasForm, Value, call, one_layer
from engine.codegen.keras.source import KerasSource
from engine.codegen.keras.weights import copy_weights, instantiate, largest_difference
from engine.data.prepare import prepare
from engine.data.settings import DataSettings
from engine.edits.sharing import share
from engine.exports.keras_proof import agree_aside
from engine.kinds import BlockEnd, Layer
from engine.kinds.shapes import Shape, per_sample
from engine.message import Trouble
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project
from engine.templates import template, templates
from engine.templates.builder import Sketch
from tests.engine.codegen.keras.keras_trial import CLOSE, agrees, block_tried, keras, randomised
from tests.engine.drawings import HOSTILE, networks
from tests.engine.networks import record
from tests.engine.projects import chain, layer, node
from tests.engine.projects import source as source_of


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of slow or unusual settings, which are legal
        yield


def both(project: Project, samples: tuple[int, ...] = (1, 7)) -> KerasSource:
    """Run a whole project in both dialects on its own data."""
    source = emit_keras(project)
    assert source.complete, source.missing
    built = build(project, seed=3)
    randomised(built.module)
    model = instantiate(source)
    copy_weights(built.module, model, source.copies)
    part = prepare(project.data).train
    for number in samples:
        values = [part.columns[name][:number] for name in built.inputs]
        with torch.no_grad():
            answers = built.module.eval()(*[torch.from_numpy(value) for value in values])
        every = answers if isinstance(answers, tuple) else (answers,)
        top = max(float(one.abs().max()) for one in every)  # a float32 is exact to a share of itself
        assert largest_difference(built.module, model, source, values) < CLOSE * max(1.0, top)
    return source


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_every_template_is_the_same_network(template: Any) -> None:
    project = template.project()
    if check(project).parameters > 5_000_000:
        assert emit_keras(project).text  # running it would take long; its layers are all tried above
        return
    source = emit_keras(project)
    if source.missing:
        assert all("raise NotImplementedError" in source.text for _ in source.missing)
    else:
        both(project)


@pytest.mark.proof
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(networks())
def test_networks_that_grew_by_chance(project: Project) -> None:
    if check(project).trainable and not emit_keras(project).missing:
        both(project, (2,))


def cnn(*more: Layer) -> Project:
    return chain(
        layer("Conv2d", out_channels=4, padding=1),
        layer("ReLU"),
        layer("MaxPool2d"),
        *more,
        layer("Flatten"),
        layer("Linear", out_features=10),
        layer("Output"),
        data="Digits",
    )


def test_it_reads_as_an_engineer_would_write_it() -> None:
    assert emit_keras(cnn()).text == (
        "import keras\n"
        "from keras import layers\n"
        "\n"
        "\n"
        "def net():\n"
        '    """Net. 690 parameters."""\n'
        "    # channels last: N×8×8×1\n"
        "    x = inputs = keras.Input((8, 8, 1))\n"
        '    x = layers.Conv2D(4, 3, padding="same", name="conv1")(x)\n'
        '    x = layers.ReLU(name="relu1")(x)\n'
        '    x = layers.MaxPooling2D(2, name="pool1")(x)\n'
        "    # PyTorch flattens channels first\n"
        "    x = layers.Permute((3, 1, 2))(x)\n"
        '    x = layers.Flatten(name="flatten1")(x)\n'
        '    x = layers.Dense(10, name="linear1")(x)\n'
        "    return keras.Model(inputs, x)\n"
    )


def test_what_differs_is_told_at_its_nodes() -> None:
    source = emit_keras(cnn())
    told = {(str(note.title), str(note.text)): ids for note, ids in source.notes}
    assert told == {
        ("Padding", '3×3 with padding 1 at stride 1 is "same" in Keras.'): ("n2",),
        ("Flatten order", "A Permute keeps the 64 numbers in PyTorch order, so weights carry over."): ("n5",),
    }


def test_every_layer_has_lines_and_every_line_its_layer() -> None:
    project = cnn()
    source = emit_keras(project)
    text = source.text.splitlines()
    assert set(source.lines) == set(project.graph.nodes)
    assert [text[line - 1].strip() for line in source.lines["n2"]] == [
        'x = layers.Conv2D(4, 3, padding="same", name="conv1")(x)'
    ]
    assert len(source.lines["n5"]) == 3  # the comment and the Permute belong to Flatten
    for id, lines in source.lines.items():
        assert all(id == source.owners[line] or id == "n7" for line in lines)


def test_a_layer_without_a_form_raises_at_its_place() -> None:
    source = emit_keras(cnn(layer("FractionalMaxPool2d")))
    assert not source.complete
    assert set(source.missing) == {"n5"}
    text = source.text.splitlines()
    assert [text[line - 1].strip() for line in source.lines["n5"]] == [
        "# pool2: Keras has no pooling over windows that are spread at random",
        'raise NotImplementedError("pool2 has no Keras form")',
    ]
    assert "layers.Dense" in source.text
    with pytest.raises(Trouble, match="spread at random"):
        instantiate(source)


def test_a_broken_network_shows_what_there_is() -> None:
    project = edits.set_param(cnn(), "n2", "kernel_size", 99)
    source = emit_keras(project)
    assert not source.complete
    assert "keras.Input" in source.text
    assert emit_keras(Project(Graph("Empty"), project.data, project.recipe)).text.endswith(
        "return None  # the network is not finished\n"
    )
    unwired = edits.mute(
        edits.disconnect(cnn(), cnn().graph.wires[-2:-1]), [cnn().graph.wires[-1].source], True
    )
    assert "not finished" in emit_keras(unwired).text


def test_muted_and_left_out_layers_are_left_out() -> None:
    project = edits.mute(cnn(), ["n3"], True)
    project = edits.connect(edits.add(project, "aside", layer("ReLU6")), "n2", "out", "aside", "x")
    source = both(project)
    assert "ReLU" not in source.text
    assert "aside" not in source.lines


def test_skips_several_ends_and_both_orders_of_axes() -> None:
    project = cnn()
    graph = project.graph
    ends = [layer("Permute", order=(2, 3, 1)), layer("Mean", axis=1), layer("Mean", axis=1)]
    before = "n4"
    for i, kind in enumerate([*ends, layer("Linear", out_features=10), layer("Output")]):
        project = edits.connect(edits.add(project, f"s{i}", kind), before, "out", f"s{i}", "x")
        before = f"s{i}"
    assert graph.outputs
    source = both(project)
    assert len(source.outputs) == 2
    assert "keras.Model(inputs, [" in source.text
    assert source.text.count("Permute") == 1  # the branch has its axes so already


def test_a_value_that_is_wanted_both_ways_is_turned_once() -> None:
    project = cnn()
    for i in range(2):
        project = edits.connect(
            edits.add(project, f"r{i}", layer("Reshape", sizes=(64,))), "n4", "out", f"r{i}", "x"
        )
    project = edits.add(project, "sum", layer("Add"))
    for i in range(2):
        project = edits.connect(project, f"r{i}", "out", "sum", "xs")
    project = edits.connect(project, "sum", "out", "n6", "x", replace=True)
    source = both(edits.remove(project, ["n5"]))
    assert source.text.count("layers.Permute") == 1


def test_hostile_names_stay_names() -> None:
    for name in (*HOSTILE, "layers", "keras", "ops", "inputs", "name"):
        project = cnn()
        nodes = [evolve(project.graph.nodes[id], name=name) for id in ("n2", "n3", "n6")]
        project = evolve(project, graph=evolve(project.graph.with_nodes(nodes), name=name))
        source = emit_keras(project)
        compile(source.text, "<hostile>", "exec")
    both(project)


def block(*layers: Layer, skip: bool = False) -> Graph:
    """A block of layers in a row, with a skip around them."""
    ends = kinds.registry(BlockEnd)
    nodes = {"in": Node("in", ends["Entry"](), "x")}
    wires: list[Wire] = []
    before = "in"
    for i, kind in enumerate(layers):
        nodes[f"l{i}"] = Node(f"l{i}", kind, f"part {i}")
        wires.append(Wire(before, "out", f"l{i}", kind.ports()[0].name))
        before = f"l{i}"
    if skip:
        nodes["sum"] = Node("sum", layer("Add"), "sum")
        wires += [Wire(before, "out", "sum", "xs"), Wire("in", "out", "sum", "xs")]
        before = "sum"
    nodes["end"] = Node("end", ends["Exit"](), "out")
    return Graph("Residual", nodes, (*wires, Wire(before, "out", "end", "x")))


RESIDUAL = (layer("Conv2d", out_channels=6, padding=1), layer("BatchNorm2d"), layer("ReLU"))


def test_a_repeated_block_is_a_function_with_weights_of_its_own_each_time() -> None:
    from engine.project.blocks import Block, Use

    inner = Use(block=Block(block(*RESIDUAL, skip=True)), repeat=3)
    agrees(
        block_tried(
            block(inner, layer("Conv2d", out_channels=6), inner.with_setting("repeat", 1)),
            [per_sample(6, 9, 11)],
        )
    )
    project = cnn(layer("Conv2d", out_channels=6), inner)
    source = both(project)
    assert source.text.count("def residual(x0, name):") == 1
    assert "for i in range(3):" in source.text
    assert 'x = residual(x, f"residual1-{i}")' in source.text
    assert source.uses["n6"] == ("residual",)
    assert set(source.inside(["n6"])) == {"in", "l0", "l1", "l2", "sum", "end"}


def test_a_repeated_block_brings_its_axes_back_for_the_next_time() -> None:
    from engine.project.blocks import Block, Use

    turning = Use(
        block=Block(block(layer("Conv1d", out_channels=8, padding=1), layer("Transpose"))), repeat=2
    )
    agrees(block_tried(block(turning), [per_sample(8, 8)]))


def test_shared_weights_are_one_layer() -> None:
    project = chain(
        layer("Linear", out_features=4),
        layer("Tanh"),
        layer("Linear", out_features=4),
        layer("Linear", out_features=3),
        layer("Output"),
    )
    node = project.graph.nodes["n4"]
    project = evolve(project, graph=project.graph.with_nodes([evolve(node, shares="n2")]))
    source = both(project)
    assert source.text.count("layers.Dense") == 2
    assert source.text.count("linear1_layer") == 3


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("id", "owner"), [("head", "table"), ("table", "head")])
def test_a_tied_head_uses_the_table_of_its_embedding(id: str, owner: str, bias: bool, tmp_path: Path) -> None:
    sketch = Sketch("Tied", DataSettings(source=source_of("Digits")))
    x = sketch.add(layer("Input", column="label"))
    x = sketch.add(layer("Embedding", entries=10, width=6), x, name="table")
    x = sketch.add(layer("Linear", out_features=6), x)
    x = sketch.add(layer("Linear", out_features=10, bias=bias), x, name="head")
    sketch.add(layer("Output"), x)
    project = sketch.project()
    source = both(share(project, node(project, id), node(project, owner)))
    assert source.text.count("class TiedDense(layers.Layer):") == 1
    assert f'x = TiedDense(table_layer{"" if bias else ", use_bias=False"}, name="head")(x)' in source.text
    model = instantiate(source)
    assert model.count_params() == 10 * 6 + 6 * 6 + 6 + 10 * bias
    assert sum(weight.shape == (10, 6) for weight in model.trainable_weights) == 1
    model.save(tmp_path / "tied.keras")
    again = keras.saving.load_model(tmp_path / "tied.keras")
    assert again.count_params() == model.count_params()  # still one table
    numbers = np.arange(10, dtype=np.int32)
    np.testing.assert_allclose(
        again.predict(numbers, verbose=0), model.predict(numbers, verbose=0), atol=1e-6
    )


def test_gpt_2_has_a_whole_keras_form() -> None:
    source = emit_keras(template("gpt-2").project())
    assert source.complete
    assert "TiedDense(" in source.text


# --------------------------------------------------------------------------- around it


def test_a_process_of_its_own_compares_them(tmp_path: Path) -> None:
    found = agree_aside(cnn())
    assert (found.rows, found.run) == (64, None)
    assert found.largest < CLOSE
    other, own = record(cnn(layer("PReLU")), tmp_path / "other"), record(cnn(), tmp_path / "own")
    found = agree_aside(cnn(), [tmp_path / "absent", other.folder, own.folder])
    assert found.run == own.number == 1
    assert found.largest < CLOSE
    with pytest.raises(Trouble, match="spread at random"):
        agree_aside(cnn(layer("FractionalMaxPool2d")))


def test_a_kind_of_ones_own_may_bring_its_form() -> None:
    base = kinds.registry(Layer)["ReLU"]

    class Doubled(base):  # type: ignore[misc,valid-type]  # a class that is found while running
        keras_wants = True

        def keras(self, x: Value) -> KerasForm:
            return one_layer(call("Rescaling", 2.0), turned=x.turned)

    writer = writer_of(Doubled)
    assert writer is not None
    assert writer.wants is True
    made = writer.write(Doubled(), Value(per_sample(2, 3, 4), {}, True))
    assert (made.makes, made.turned) == ({"": "layers.Rescaling(2.0)"}, True)


def test_writing_it_needs_no_keras() -> None:
    code = (
        "import sys; sys.modules['keras'] = None\n"
        "from engine.codegen.keras.emit import emit_keras; from engine.templates import template\n"
        "assert 'keras.Input' in emit_keras(template('digits-cnn').project()).text\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_keras_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(Trouble, match=r"layerloom\[keras\]"):
        instantiate(emit_keras(cnn()))


def test_both_dialects_name_layers_alike() -> None:
    project = cnn()
    assert emit(project).names == emit_keras(project).names
    module = build(project, seed=0).module
    model = instantiate(emit_keras(project))
    assert {name for name, _ in module.named_children()} <= {one.name for one in model.layers}
    assert isinstance(Shape, type)
    assert torch.is_tensor(module.conv1.weight)
    assert np.prod(model.get_layer("conv1").get_weights()[0].shape) == 36
