"""Weights that several layers share: siamese networks and tied embeddings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine import edits
from engine.analysis.check import check
from engine.codegen.build import build
from engine.codegen.emit import emit
from engine.data.prepare import prepare
from engine.data.settings import DataSettings
from engine.edits.folding import fold, unfold
from engine.edits.sharing import share, unshare
from engine.exports import safetensors_file
from engine.exports.model import read
from engine.message import Refused, Trouble
from engine.project.graph import Graph
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.runs.record import Record
from engine.runs.thread import Run
from engine.store import clipboard, project_file
from engine.templates.builder import Sketch
from engine.training.train import train
from tests.engine.networks import record
from tests.engine.projects import layer, node, source, with_recipe


def siamese(width: int = 16) -> Project:
    """Two looks at a picture through one layer."""
    sketch = Sketch("Siamese", DataSettings(source=source("Digits")))
    x = sketch.add(layer("Flatten"), sketch.add(layer("Input")))
    first = sketch.add(layer("Linear", out_features=width), x, name="first")
    other = sketch.add(layer("Tanh"), x)
    second = sketch.add(layer("Linear", out_features=width), other, name="second")
    total = sketch.add(layer("Add"), first, second)
    sketch.chain(total, layer("Linear", out_features=10), layer("Output"))
    project = sketch.project()
    return share(project, node(project, "second"), node(project, "first"))


def tied(entries: int = 10, words: int = 10) -> Project:
    """An embedding whose table is the last layer's weight, too."""
    sketch = Sketch("Tied", DataSettings(source=source("Digits")))
    x = sketch.add(layer("Input", column="label"))
    x = sketch.add(layer("Embedding", entries=entries, width=6), x, name="table")
    x = sketch.add(layer("Linear", out_features=6), x)
    head = sketch.add(layer("Linear", out_features=words), x, name="head")
    sketch.add(layer("Output"), head)
    project = sketch.project()
    return share(project, head, node(project, "table"))


def copied(project: Project, ids: list[str]) -> Graph:
    """Layers as they come out of the clipboard."""
    return clipboard.from_text(clipboard.to_text(project.graph, ids))


def trained(project: Project) -> Any:
    """The last report of a short training."""
    project = with_recipe(project, epochs=1, threads=1)
    return list(train(project, prepare(project.data)))[-1].json()


def test_shared_weights_are_counted_and_written_once() -> None:
    project = siamese()
    analysis = check(project)
    assert analysis.problems == ()
    assert analysis.nodes[node(project, "second")].parameters == 0
    assert analysis.parameters == 64 * 16 + 16 + 16 * 10 + 10
    text = emit(project, analysis).text
    assert text.count("self.first = ") == 1
    assert text.count("self.first(") == 2
    assert "self.second" not in text
    assert sum(p.numel() for p in build(project).module.parameters()) == analysis.parameters
    assert trained(project)["report"] == "finished"


def test_the_multiply_adds_are_made_each_time() -> None:
    project = siamese()
    apart = unshare(project, node(project, "second"))
    assert check(project).macs == check(apart).macs
    assert check(project).parameters == check(apart).parameters - (64 * 16 + 16)


def test_a_tied_embedding_is_one_table() -> None:
    project = tied()
    analysis = check(project)
    assert analysis.trainable
    assert analysis.nodes[node(project, "head")].parameters == 10
    module: Any = build(project, 0).module
    assert module.head.weight is module.table.weight
    assert sum(p.numel() for p in module.parameters()) == analysis.parameters
    assert "self.head.weight = self.table.weight" in emit(project).text
    assert trained(project)["report"] == "finished"


def test_a_table_may_be_tied_the_other_way_round() -> None:
    project = tied()
    project = unshare(project, node(project, "head"))
    project = share(project, node(project, "table"), node(project, "head"))
    module: Any = build(project, 0).module
    assert module.head.weight is module.table.weight
    assert check(project).parameters == sum(p.numel() for p in module.parameters())


def test_settings_stay_equal_whichever_is_changed() -> None:
    project = siamese()
    for name in ("first", "second"):
        changed = edits.set_param(project, node(project, name), "out_features", 24)
        widths = [changed.graph.nodes[node(project, one)].kind.out_features for one in ("first", "second")]  # type: ignore[attr-defined]  # Linear
        assert widths == [24, 24]


def test_another_kind_ends_the_sharing() -> None:
    project = siamese()
    changed = edits.set_kind(project, node(project, "second"), layer("ReLU"))
    assert type(changed.graph.nodes[node(project, "first")].kind) is type(layer("ReLU"))
    table = edits.set_kind(tied(), node(tied(), "table"), layer("ReLU"))
    assert not table.graph.sharers


def test_sharing_takes_over_the_settings() -> None:
    project = unshare(siamese(), node(siamese(), "second"))
    project = edits.set_param(project, node(project, "second"), "out_features", 5)
    again = share(project, node(project, "second"), node(project, "first"))
    assert again == siamese()


def test_what_must_differ_cannot_be_shared() -> None:
    project = siamese()
    narrow = edits.new_id(project.graph)
    wire = project.graph.incoming(node(project, "second"))[0]
    project = edits.insert(project, narrow, layer("Linear", out_features=7), wire)
    problem = check(project).problems[0]
    assert (problem.node, problem.name) == (node(project, "second"), "weights-differ")
    assert "nn.Linear(64, 16)" in str(problem.message)
    assert any("weights of its own" in str(repair.title) for repair in propose(problem))
    for repair in propose(problem):
        assert check(repair.apply(project)).trainable or not repair.safe, repair.title


@pytest.mark.parametrize("norm", ["weight norm", "spectral norm"])
def test_a_table_is_not_tied_to_weights_that_a_norm_makes_anew(norm: str) -> None:
    """The code would share what the norm replaces, and the file could not be opened again."""
    loose = unshare(tied(), node(tied(), "head"))
    normed = edits.set_param(loose, node(loose, "head"), "norm", norm)
    for one, other in (("head", "table"), ("table", "head")):
        with pytest.raises(Refused, match=f"head makes others of them by its {norm}. Set its norm to none"):
            share(normed, node(normed, one), node(normed, other))


def test_a_table_of_another_size_says_so() -> None:
    project = tied(entries=12)
    problem = check(project).problems[0]
    assert problem.name == "weights-differ"
    assert check(propose(problem)[0].apply(project)).trainable


def test_a_check_that_goes_on_from_the_last_finds_the_same() -> None:
    project = siamese()
    before = check(project)
    wider = edits.set_param(project, node(project, "first"), "out_features", 20)
    assert check(wider, before).parameters == check(wider).parameters
    apart = unshare(wider, node(project, "second"))
    assert check(apart, check(wider, before)).parameters == check(apart).parameters


@pytest.mark.parametrize("way", ["remove", "dissolve", "mute"])
def test_the_weights_stay_when_their_owner_goes(way: str) -> None:
    project = siamese()
    sketchy = edits.paste(project, copied(project, [node(project, "second")]))
    third = edits.new_id(project.graph)
    sketchy = edits.connect(sketchy, "n2", "out", third, "x")
    sketchy = edits.connect(sketchy, third, "out", node(project, "add1"), "xs")
    sketchy = share(sketchy, third, node(project, "second"))
    owner = node(project, "first")
    if way == "mute":
        gone = edits.mute(sketchy, [owner], True)
    else:
        gone = getattr(edits, way)(sketchy, [owner])
        assert gone.graph.nodes[node(gone, "second")].shares == ""
        assert gone.graph.nodes[third].shares == node(gone, "second")
    text = emit(gone).text
    assert text.count("self.second(") == 2 if way != "mute" else "self.second = " in text


def test_a_copy_of_a_group_is_a_group_of_its_own() -> None:
    project = siamese()
    both = [node(project, "first"), node(project, "second")]
    pasted = edits.paste(project, copied(project, both))
    assert len(pasted.graph.sharers) == 2
    alone = edits.paste(project, copied(project, both[1:]))
    assert len(alone.graph.sharers) == 1


@pytest.mark.parametrize(
    ("id", "owner"), [("n1", "n2"), ("n2", "n1"), ("n2", "n2"), ("n2", "n3"), ("n3", "n4"), ("n2", "nobody")]
)
def test_only_layers_of_one_kind_share(id: str, owner: str) -> None:
    with pytest.raises(Refused):
        share(siamese(), id, owner)


def test_unsharing_needs_something_shared() -> None:
    with pytest.raises(Refused):
        unshare(siamese(), "n1")
    owner = unshare(siamese(), node(siamese(), "first"))
    assert not owner.graph.sharers


def test_blocks_share_their_weights_like_layers() -> None:
    project = siamese()
    apart = unshare(project, node(project, "second"))
    folded = fold(apart, [node(apart, "first")], "Look", "n50")
    use = folded.graph.nodes["n50"].kind
    folded = edits.set_kind(folded, node(folded, "second"), use)
    folded = share(folded, node(folded, "second"), "n50")
    analysis = check(folded)
    assert analysis.parameters == check(project).parameters
    module: Any = build(folded, 0).module
    assert sum(p.numel() for p in module.parameters()) == analysis.parameters
    with pytest.raises(Refused, match="shares"):
        unfold(folded, "n50")


def test_a_group_folds_as_a_whole_or_not_at_all() -> None:
    project = siamese()
    with pytest.raises(Refused, match="shares its weights"):
        fold(project, [node(project, "second")])
    names = ("first", "act1", "tanh1", "second", "add1")
    chosen = [id for id, one in project.graph.nodes.items() if one.name in names]
    folded = fold(project, chosen, "Both", "n50")
    assert check(folded).parameters == check(project).parameters
    assert check(unfold(folded, "n50")).parameters == check(project).parameters
    assert len(build(folded, 0).module.both1.state_dict()) == 2  # type: ignore[arg-type, operator, union-attr]  # the block


def test_files_keep_it() -> None:
    for project in (siamese(), tied()):
        assert project_file.loads(project_file.dumps(project)) == project
        assert project.fingerprint != unshare(project, next(iter(project.graph.sharers))).fingerprint


@pytest.mark.parametrize("owner", ["nobody", "n1", "n4"])
def test_files_that_share_what_cannot_be_shared_are_refused(owner: str) -> None:
    project = siamese()
    data = json.loads(project_file.dumps(project))
    item = next(item for item in data["nodes"] if item["name"] == "second")
    item["shares"] = owner
    with pytest.raises(Trouble, match="shares the weights"):
        project_file.loads(json.dumps(data))


@pytest.mark.parametrize("owner", ["table", "head"])
def test_a_norm_does_not_untie_weights_unasked(owner: str) -> None:
    project = tied()
    head, table = node(project, "head"), node(project, "table")
    if owner == "head":
        project = share(unshare(project, head), table, head)
    with pytest.raises(Refused, match="used as they are, since head shares them with table; a norm would"):
        edits.set_param(project, head, "norm", "weight norm")
    apart = unshare(project, head if owner == "table" else table)
    assert edits.set_param(apart, head, "norm", "weight norm").graph.nodes[head].kind.norm == "weight norm"


def test_a_run_with_tied_weights_is_kept(tmp_path: Path) -> None:
    project = with_recipe(tied(), epochs=1, threads=1)
    run = Run(project, tmp_path)
    run.start()
    run.wait()
    assert run.saved is not None
    kept = Record(run.saved)
    module: Any = kept.module()
    assert torch.equal(module.head.weight, module.table.weight)


def test_tied_weights_are_exported(tmp_path: Path) -> None:
    model = read(record(tied(), tmp_path / "run"))
    safetensors_file.write(model, tmp_path, "tied.safetensors")
    again = safetensors_file.reopen(model, tmp_path, "tied.safetensors")
    for one, two in zip(again.answers([model.samples])[0], model.live(model.samples), strict=True):
        assert (one == two).all()
    assert isinstance(model.module, nn.Module)
