"""Weights that several nodes share, counted where they belong."""

from __future__ import annotations

import pytest

from engine import edits
from engine.analysis.check import check
from engine.data.settings import DataSettings
from engine.edits.blocks import expose
from engine.edits.folding import fold
from engine.edits.sharing import share
from engine.project.blocks import Use
from engine.project.project import Project
from engine.templates.builder import Sketch
from tests.engine.projects import layer, node, source


def tied() -> Project:
    """A table of 10 rows of 6 numbers that the last layer uses, too."""
    sketch = Sketch("Tied", DataSettings(source=source("Digits")))
    x = sketch.add(layer("Input", column="label"))
    x = sketch.add(layer("Embedding", entries=10, width=6), x, name="table")
    x = sketch.add(layer("Linear", out_features=6), x, name="between")
    head = sketch.add(layer("Linear", out_features=10), x, name="head")
    sketch.add(layer("Output"), head)
    project = sketch.project()
    return share(project, head, node(project, "table"))


def test_a_table_is_counted_at_its_owner() -> None:
    project = tied()
    facts = check(project).nodes[node(project, "head")]
    assert facts.shares == node(project, "table")
    assert facts.parameters == 10  # the bias
    assert dict(facts.weights) == {"weight": (10, 6), "bias": (10,)}


def test_another_size_is_a_problem_at_the_one_that_shares() -> None:
    project = edits.set_param(tied(), node(tied(), "between"), "out_features", 7)
    analysis = check(project)
    (problem,) = analysis.problems
    assert (problem.node, problem.name) == (node(project, "head"), "weights-differ")
    assert not analysis.nodes[problem.node].known


@pytest.mark.parametrize("norm", ["weight norm", "spectral norm"])
def test_a_norm_that_one_use_of_a_block_sets_changes_no_size(norm: str) -> None:
    """Inside a block a setting may differ from the one under which the weights were shared."""
    project = tied()
    project = fold(project, [node(project, name) for name in ("table", "between", "head")], "Tied")
    (use,) = [id for id, one in project.graph.nodes.items() if isinstance(one.kind, Use)]
    kind = project.graph.nodes[use].kind
    assert isinstance(kind, Use)
    (head,) = [one.id for one in kind.block.layers if one.name == "head"]
    project = edits.set_param(expose(project, (use,), head, "norm"), use, "norm", norm)
    assert check(project).trainable
