"""Networks that other people had trouble with, drawn here: they open, are what they were, and compute what
plain PyTorch does.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn import metrics as reference
from torch import Tensor
from torch.nn import functional as F

from engine.analysis.check import check
from engine.codegen.build import build
from engine.data.prepare import prepare
from engine.runs.recording import Recording
from engine.runs.shelf import Shelf
from engine.store import project_file
from engine.training.control import Control
from engine.training.reports import Finished
from engine.training.train import train
from tests.engine.projects import with_recipe

CASES = Path(__file__).parent / "cases"
Weights = dict[str, Tensor]


def linear(weights: Weights, name: str, x: Tensor) -> Tensor:
    return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])


def norm(weights: Weights, name: str, x: Tensor) -> Tensor:
    return F.layer_norm(x, (x.shape[-1],), weights[f"{name}.weight"], weights[f"{name}.bias"])


def looked(weights: Weights, name: str, x: Tensor, words: Tensor) -> Tensor:
    """Causal attention with two heads that leaves out steps of word 0, without a module of PyTorch's."""
    q, k, v = (
        F.linear(x, one, bias).unflatten(2, (2, 4)).transpose(1, 2)
        for one, bias in zip(
            weights[f"{name}.in_proj_weight"].chunk(3), weights[f"{name}.in_proj_bias"].chunk(3), strict=True
        )
    )
    shown = (words != 0) | (words == 0).all(1, keepdim=True)
    sees = shown[:, None, None] & torch.ones(6, 6, dtype=torch.bool).tril()
    shares = (
        (q @ k.mT / 2).masked_fill(~sees, -math.inf).softmax(-1).nan_to_num()
    )  # who sees none gathers none
    return linear(weights, f"{name}.out_proj", (shares @ v).transpose(1, 2).flatten(2))


def thought(weights: Weights, name: str, x: Tensor) -> Tensor:
    return linear(weights, f"{name}.linear2", linear(weights, f"{name}.linear1", x).relu())


def words(weights: Weights, x: Tensor) -> Tensor:
    return F.embedding(x, weights["emb.weight"])


def said(weights: Weights, x: Tensor) -> Tensor:
    return linear(weights, "fc", x).transpose(1, 2)


def attention(weights: Weights, x: Tensor) -> Tensor:
    return said(weights, looked(weights, "att", words(weights, x), x))


def encoder_layer(weights: Weights, x: Tensor) -> Tensor:
    y = words(weights, x)
    y = norm(weights, "att.norm1", y + looked(weights, "att.self_attn", y, x))
    return said(weights, norm(weights, "att.norm2", y + thought(weights, "att", y)))


def encoder(weights: Weights, x: Tensor) -> Tensor:
    y = words(weights, x)
    for name in ("att.layers.0", "att.layers.1"):
        y = y + looked(weights, f"{name}.self_attn", norm(weights, f"{name}.norm1", y), x)
        y = y + thought(weights, name, norm(weights, f"{name}.norm2", y))
    return said(weights, norm(weights, "att.norm", y))


def pooled(weights: Weights, x: Tensor) -> Tensor:
    return linear(weights, "lin", F.avg_pool2d(x, 4, 4, 2, ceil_mode=True).flatten(1))


def same(weights: Weights, x: Tensor) -> Tensor:
    y = F.conv2d(F.pad(x, (1, 2, 1, 2)), weights["l.weight"], weights["l.bias"])  # the odd zero comes last
    return linear(weights, "lin", y.flatten(1))


def adaptive(weights: Weights, x: Tensor) -> Tensor:
    return linear(weights, "lin", F.adaptive_max_pool2d(x, 3).flatten(1))


def ignoring(weights: Weights, x: Tensor) -> Tensor:
    return linear(weights, "lin", x.flatten(1))


def one_step(weights: Weights, x: Tensor) -> Tensor:
    return linear(weights, "fc", x.flatten(1))


def logarithm(weights: Weights, x: Tensor) -> Tensor:
    return linear(weights, "lin", linear(weights, "l1", x.flatten(1)).log())


def dueling(weights: Weights, x: Tensor) -> Tensor:
    y = linear(weights, "feat", x.flatten(1)).relu()
    value, advantage = linear(weights, "v", y), linear(weights, "a", y)
    return value + advantage - advantage.mean(1, keepdim=True)


def permuted(weights: Weights, x: Tensor) -> Tensor:
    y = norm(weights, "ln", x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    return linear(weights, "fc", F.conv2d(y, weights["c.weight"], weights["c.bias"]).flatten(1))


def sharpened(weights: Weights, x: Tensor) -> Tensor:
    return 100 * linear(weights, "l2", x.flatten(1))


PLAIN: dict[str, Callable[[Weights, Tensor], Tensor]] = {
    "a2_avg_k4s4p2_ceil_9x9": pooled,
    "b2_same_k4": same,
    "c3_admax3_8": adaptive,
    "f6_ignore_m100": ignoring,
    "h1_nan": logarithm,
    "i1_mha_causal_mask": attention,
    "i3_tel_causal_mask": encoder_layer,
    "i5_te_causal_mask": encoder,
    "k2_one_step": one_step,
    "s06_dueling_work": dueling,
    "s17_permute_neg": permuted,
    "w5_auroc_scale100": sharpened,
}
UNFINISHED = {"s06_dueling": "ac", "s24_add_rank": "add"}
"""Networks that are not drawn rightly, and the layer that says so."""


def test_every_case_is_looked_at() -> None:
    assert {path.stem for path in CASES.glob("*.loom")} == PLAIN.keys() | UNFINISHED.keys()


@pytest.mark.parametrize("name", PLAIN)
def test_it_opens_and_computes_what_plain_pytorch_does(name: str) -> None:
    project = project_file.load(CASES / f"{name}.loom")
    analysis = check(project)
    assert analysis.trainable
    module = build(project, 0, analysis).module
    columns = prepare(project.data).test.batch(slice(0, 7))
    (input_,) = project.graph.inputs
    x = torch.tensor(columns[input_.kind.column or analysis.schema.inputs[0]])
    if x.dtype == torch.int64:
        x[0, :2] = x[1, :1] = x[2] = 0  # padding first, and a sample of nothing else
    expected = PLAIN[name](module.state_dict(), x)
    with torch.no_grad():
        found = module.eval()(x)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5, equal_nan=True)
    if name.startswith("i"):  # with gradients PyTorch goes another way
        torch.testing.assert_close(module(x).detach(), found, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", sorted(PLAIN.keys() - {"h1_nan"}))
def test_it_trains_and_is_judged(name: str) -> None:
    project = with_recipe(project_file.load(CASES / f"{name}.loom"), epochs=1)
    *_, last = train(project)
    assert isinstance(last, Finished)
    assert math.isfinite(last.metrics["test"]["loss"])


@pytest.mark.parametrize("name", UNFINISHED)
def test_what_does_not_fit_is_said_at_its_layer(name: str, tmp_path: Path) -> None:
    path = Path(shutil.copy(CASES / f"{name}.loom", tmp_path))
    project = project_file.load(path)
    (problem,) = [one for one in check(project).problems if one.level == "error"]
    assert project.graph.nodes[problem.node].name == UNFINISHED[name]


def test_large_scores_are_ranked_as_scikit_learn_ranks_them(tmp_path: Path) -> None:
    project = project_file.load(CASES / "w5_auroc_scale100.loom")
    recording = Recording(project, Shelf(tmp_path))
    *_, last = recording.train(Control())
    assert isinstance(last, Finished)
    assert recording.trained is not None
    columns = prepare(project.data).test.batch(slice(None))
    with torch.no_grad():
        scores = recording.trained.built.module(torch.tensor(columns["features"])).double().numpy()
    true = np.asarray(columns["diagnosis"])
    assert last.metrics["test"]["auroc"] == pytest.approx(reference.roc_auc_score(true, scores), abs=1e-9)
    precision = reference.average_precision_score(true, scores)
    assert last.metrics["test"]["average_precision"] == pytest.approx(precision, abs=1e-9)
