"""The famous networks: as many parameters and multiply-adds as in the papers and the reference code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.analysis.check import check
from engine.cli.main import main
from engine.codegen.emit import emit
from engine.hardware import memory
from engine.project.layout import tidy
from engine.store import project_file
from engine.templates import Template, famous, template, templates

NUMBERS = {
    "lenet-5": (61_706, 416_520),
    "alexnet": (61_100_840, 714_188_480),
    "vgg-16": (138_357_544, 15_470_264_320),
    "googlenet": (6_624_904, 1_498_376_192),
    "resnet-18": (11_689_512, 1_814_073_344),
    "resnet-50": (25_557_032, 4_089_184_256),
    "densenet-121": (7_978_856, 2_834_161_664),
    "squeezenet": (1_235_496, 349_151_936),
    "mobilenet-v2": (3_504_872, 300_774_272),
    "u-net": (31_031_745, 48_167_387_136),
    "vit-b-16": (86_567_656, 17_563_828_224),
    "transformer": (44_140_544, None),
    "bert-base": (109_482_240, None),
    "gpt-2": (124_439_808, None),
    "lstm-language-model": (19_780_400, None),
}
SMALL = {
    "perceptron",
    "bidirectional-lstm",
    "autoencoder",
    "variational-autoencoder",
    "seq2seq-attention",
}


def test_these_are_the_famous_networks() -> None:
    assert {one.id for one in famous()} == {*NUMBERS, *SMALL}
    assert [one.year for one in famous()] == sorted(one.year for one in famous())
    for one in famous():
        assert template(one.id) is one
        assert one.line.endswith(".")
        assert len(one.line) <= 46


@pytest.mark.parametrize("id", NUMBERS)
def test_their_numbers_are_exact(
    id: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda: None)  # they are not smaller where memory is scarce
    assert main(["check", id, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    parameters, macs = NUMBERS[id]
    assert found["parameters"] == parameters
    assert macs in {None, found["macs"]}
    assert found["problems"] == []
    assert found["trainable"]


@pytest.mark.parametrize("one", famous(), ids=lambda one: one.id)
def test_each_is_saved_laid_out_and_written_as_code(one: Template) -> None:
    project = one.project()
    assert project == one.project()
    assert project_file.loads(project_file.dumps(project)) == project
    assert tidy(project.graph) == {id: (node.x, node.y) for id, node in project.graph.nodes.items()}
    source = emit(project, check(project))
    assert source.complete
    compile(source.text, one.id, "exec")


@pytest.mark.parametrize("id", NUMBERS)
def test_the_code_makes_a_module_of_that_size(id: str) -> None:
    import torch

    project = template(id).project()
    source = emit(project)
    space: dict[str, Any] = {}
    exec(compile(source.text, id, "exec"), space)
    with torch.device("meta"):
        module = space[source.class_name]()
    assert sum(weight.numel() for weight in module.parameters()) == NUMBERS[id][0]


TRAINED = (
    *templates(),
    *(one for one in famous() if one.id in {*SMALL, "lenet-5", "squeezenet", "mobilenet-v2"}),
)


@pytest.mark.parametrize("one", TRAINED, ids=lambda one: one.id)
def test_one_step_of_training_changes_the_weights(one: Template) -> None:
    import torch

    from engine.codegen.build import build
    from engine.data.prepare import prepare
    from engine.training import objectives

    project = one.project()
    prepared = prepare(project.data)
    built = build(project, seed=0)
    aims = objectives.objectives(project, prepared, built.source.outputs)
    columns = prepared.train.batch(slice(0, 2))
    inputs = objectives.inputs(columns, built.inputs, torch.device("cpu"))
    predicted = built.module(*inputs)
    first = [parts[0] for parts in objectives.by_objective(aims, predicted)]
    targets = [aim.target(columns, tuple(part.shape[1:])) for aim, part in zip(aims, first, strict=True)]
    loss = objectives.total_loss(aims)(predicted, targets)
    loss.backward()
    assert loss.isfinite()
    for name, weight in built.module.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.isfinite().all(), name
