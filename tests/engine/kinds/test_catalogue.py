"""Every layer and loss of PyTorch is here: made by a kind, said by another, or named with the reason."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin

from engine import kinds
from engine.analysis.walk import measure
from engine.kinds import Kind, Layer
from engine.kinds.code import Call
from engine.losses.loss import Loss
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


ALIKE = {
    "device": "the recipe says where a network is",
    "dtype": "the recipe says how numbers are kept",
    "inplace": "would change a value that other wires carry",
    "requires_grad": "`frozen` says it",
    "return_indices": "MaxPoolIndices is a kind of its own",
    "sparse": "gradients that few optimisers take",
    "scale_grad_by_freq": "the learning rate of a row, which few optimisers keep",
    "norm_type": "the length of a row is the straight one",
    "args": "taken and left unused",
    "kwargs": "taken and left unused",
    "_weight": "for code alone",
    "_freeze": "for code alone",
    "_random_samples": "for code alone",
    "recompute_scale_factor": "sizes are known, so both ways come to the same",
}
OPTIONS = {
    **{f"{norm}Norm{axes}d": {"bias"} for norm in ("Batch", "Instance") for axes in (1, 2, 3)},
    "GroupNorm": {"bias"},  # `affine` says it for scale and shift together
    **{f"ConvTranspose{axes}d": {"padding_mode"} for axes in (1, 2, 3)},  # PyTorch has zeros alone
    **{f"AvgPool{axes}d": {"divisor_override"} for axes in (2, 3)},  # ScaleShift after it
    **{f"FractionalMaxPool{axes}d": {"output_size"} for axes in (2, 3)},  # the ratio says it
    "EmbeddingBag": {"include_last_offset"},  # bags of a batch are equally long
    **{name: {"proj_size"} for name in ("GRU", "RNN")},  # an LSTM alone can
    "Hardtanh": {"min_value", "max_value"},  # former names of its limits
    "MultiheadAttention": {
        "add_bias_kv",
        "add_zero_attn",
    },  # one more step to look at, which Concatenate adds
    "LayerNorm": {"elementwise_affine"},  # of a stack; its own kind has it
    "TransformerEncoder": {"mask_check"},  # of nested tensors
    "Upsample": {"size", "scale_factor"},  # one of them in Resize, the other in Upsample
}
"""Options of PyTorch's modules that are no settings here, with the reason."""


def unsaid(kind: type[Layer]) -> Iterator[tuple[str, str]]:
    """The options of a kind's modules that it neither has as settings nor gives."""
    code = measure(kind(), wired(kind())).code if kind.input_ports and kind.outputs else None
    own = {param.name for param in kinds.params(kind)}
    for call in calls(code.make if code is not None else None):
        cls = getattr(nn, call.target.removeprefix("nn."), None)
        if not isinstance(cls, type):
            continue
        made = nn.RNNBase if issubclass(cls, nn.RNNBase) else cls
        options = [name for name in inspect.signature(made).parameters if name not in {"mode", "self"}]
        given = {*options[: len(call.args)], *dict(call.kwargs)}
        yield from ((cls.__name__, name) for name in options if name not in own | given)


def emitted(kind: type[Kind]) -> Iterator[str]:
    """The classes of PyTorch that a kind makes with its usual settings."""
    if issubclass(kind, Layer):
        code = measure(kind(), wired(kind())).code if kind.input_ports and kind.outputs else None
        yield from called(code.make if code is not None else None)
    elif issubclass(kind, Loss):
        yield from called(kind().torch())


def called(call: Any) -> Iterator[str]:
    yield from (one.target.removeprefix("nn.") for one in calls(call))


def calls(call: Any) -> Iterator[Call]:
    if isinstance(call, Call):
        yield call
        for value in (*call.args, *dict(call.kwargs).values()):
            yield from calls(value)


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


@pytest.mark.parametrize("name", kinds.registry(Layer))
def test_every_option_of_its_module_is_a_setting_or_is_named(name: str) -> None:
    missing = [
        f"{cls}.{option}"
        for cls, option in unsaid(kinds.registry(Layer)[name])
        if option not in ALIKE and option not in OPTIONS.get(cls, set())
    ]
    assert missing == []
