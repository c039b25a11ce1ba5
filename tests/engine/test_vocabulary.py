"""Every layer and loss of PyTorch is here: made by a kind, said by another, or named with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin

from engine import kinds
from engine.calls import Call
from engine.kinds import Kind, Layer, Loss
from engine.measure import measure
from tests.engine.strategies import wired

PADS = ("Zero", "Constant", "Reflection", "Replication", "Circular")
SAID = {
    # written as the function behind the module
    "CosineSimilarity": "CosineSimilarity",
    "Flatten": "Flatten",
    "PairwiseDistance": "PairwiseDistance",
    "Unflatten": "Unflatten",
    **{f"{way}Pad{axes}d": "Pad" for way in PADS for axes in (1, 2, 3)},
    # the same with settings
    "CrossMapLRN2d": "LocalResponseNorm",
    "NLLLoss2d": "NegativeLogLikelihood",
    "Softmax2d": "Softmax",  # along axis 1
    "UpsamplingBilinear2d": "Upsample",  # linear, by the corners
    "UpsamplingNearest2d": "Upsample",
    # the same loss for targets or predictions as they come from data and layers
    "BCELoss": "BinaryCrossEntropy",
    "CTCLoss": "CTC",
    "CosineEmbeddingLoss": "CosineEmbedding",
    "GaussianNLLLoss": "GaussianNLL",
    "HingeEmbeddingLoss": "HingeEmbedding",
    "MarginRankingLoss": "MarginRanking",
    "MultiLabelMarginLoss": "MultiLabelMargin",
    "MultiLabelSoftMarginLoss": "BinaryCrossEntropy",
    "SoftMarginLoss": "BinaryCrossEntropy",
}
"""What a kind does in other words than the class of PyTorch, with the name of that kind."""

NO_KIND = {
    "AdaptiveLogSoftmaxWithLoss": "layer and loss in one; a Linear layer and Cross-entropy are two nodes",
    "Container": "holds modules, as the canvas does",
    "DataParallel": "spreads a network over devices",
    "LinearCrossEntropyLoss": "layer and loss in one; a Linear layer and Cross-entropy are two nodes",
    "Module": "what all extend",
    "ModuleDict": "holds modules, as the canvas does",
    "ModuleList": "holds modules, as the canvas does",
    "ParameterDict": "holds parameters",
    "ParameterList": "holds parameters",
    "RNNBase": "what recurrent layers extend",
    "RNNCellBase": "what cells extend",
    "Sequential": "holds modules, as the canvas does",
    "SyncBatchNorm": "batch normalisation across processes",
    "Transformer": "TransformerEncoder and TransformerDecoder, which are two nodes",
    "TripletMarginWithDistanceLoss": "TripletMargin with a distance that only code can say",
}
"""What is no layer or loss of its own, with the reason."""


def emitted(kind: type[Kind]) -> Iterator[str]:
    """The classes of PyTorch that a kind makes with its usual settings."""
    if issubclass(kind, Layer):
        code = measure(kind(), wired(kind())).code if kind.input_ports and kind.outputs else None
        yield from called(code.make if code is not None else None)
    elif issubclass(kind, Loss):
        yield from called(kind().torch())


def called(call: Any) -> Iterator[str]:
    if isinstance(call, Call):
        yield call.target.removeprefix("nn.")
        for value in (*call.args, *dict(call.kwargs).values()):
            yield from called(value)


def classes() -> list[str]:
    """The modules that PyTorch brings, but those that only wait for their first input."""
    found = {name: getattr(nn, name) for name in dir(nn)}
    return [
        name
        for name, cls in found.items()
        if isinstance(cls, type) and issubclass(cls, nn.Module) and not issubclass(cls, LazyModuleMixin)
    ]


ALL = {**kinds.registry(Layer), **kinds.registry(Loss)}
EMITTED = {name for base in (Layer, Loss) for cls in kinds.registry(base).values() for name in emitted(cls)}


@pytest.mark.parametrize("name", classes())
def test_every_layer_and_loss_of_pytorch_is_here_or_is_named(name: str) -> None:
    assert (name in EMITTED) + (name in SAID) + (name in NO_KIND) == 1


def test_what_is_said_is_said_by_a_kind() -> None:
    assert set(SAID.values()) <= set(ALL)
    assert all(NO_KIND.values())
