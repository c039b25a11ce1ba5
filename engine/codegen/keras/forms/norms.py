"""Layers that keep values in a good range, and layers that leave some of them out."""

from __future__ import annotations

from engine.codegen.keras.forms.form import (
    EITHER,
    PLAIN,
    TURNED,
    KerasForm,
    Missing,
    Note,
    Value,
    call,
    expression,
    form,
    one_layer,
    same_weights,
    unless,
)
from engine.layers.batch_norm import BatchNorm
from engine.layers.chance import NormalSample
from engine.layers.dropout import (
    AlphaDropout,
    Dropout,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    Dropping,
    FeatureAlphaDropout,
    StochasticDepth,
)
from engine.layers.sample_norm import GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm, RMSNorm
from engine.message import Message


@form(BatchNorm, wants=TURNED)
def batch(kind: BatchNorm, x: Value) -> KerasForm:
    if not kind.track_running_stats:
        raise Missing("Keras always uses the remembered mean and variance after training")
    layer = call(
        "BatchNormalization",
        momentum=round(1 - kind.momentum, 12),
        epsilon=kind.eps,
        center=unless(kind.affine, True),
        scale=unless(kind.affine, True),
    )
    text = "Keras counts momentum the other way round: {keras:g} here is {torch:g} in PyTorch."
    values = {"keras": round(1 - kind.momentum, 12), "torch": kind.momentum}
    note = Note(Message("BatchNorm"), Message(text, **values))
    return one_layer(
        layer, same_weights("weight", "bias", "running_mean", "running_var"), x.turned, notes=(note,)
    )


@form(LayerNorm, wants=PLAIN)
def layer(kind: LayerNorm, x: Value) -> KerasForm:
    shift = kind.elementwise_affine and kind.bias
    layer = call(
        "LayerNormalization",
        axis=unless(_last_axes(kind.axes, x), -1),
        epsilon=kind.eps,
        center=unless(shift, True),
        scale=unless(kind.elementwise_affine, True),
    )
    return one_layer(layer, same_weights("weight", "bias"))


def _last_axes(number: int, x: Value) -> int | tuple[int, ...]:
    return -1 if number == 1 else tuple(range(x.rank - number, x.rank))


@form(RMSNorm, wants=PLAIN)
def root_mean_square(kind: RMSNorm, x: Value) -> KerasForm:
    axes = _last_axes(kind.axes, x)
    if kind.elementwise_affine:
        layer = call("RMSNormalization", axis=unless(axes, -1), epsilon=kind.eps)
        return one_layer(layer, same_weights("weight"))
    square = f"ops.mean(ops.square({{x}}), axis={axes}, keepdims=True)"
    return expression(f"{{x}} * ops.rsqrt({square} + {kind.eps!r})")


@form(InstanceNorm, wants=TURNED)
def instance(kind: InstanceNorm, x: Value) -> KerasForm:
    if kind.track_running_stats:
        raise Missing("Keras remembers no mean and variance where each sample has its own")
    return _grouped(x.C, kind.eps, kind.affine, x)


@form(GroupNorm, wants=TURNED)
def group(kind: GroupNorm, x: Value) -> KerasForm:
    return _grouped(kind.groups, kind.eps, kind.affine, x)


def _grouped(groups: int, eps: float, affine: bool, x: Value) -> KerasForm:
    layer = call(
        "GroupNormalization",
        groups,
        epsilon=eps,
        center=unless(affine, True),
        scale=unless(affine, True),
    )
    return one_layer(layer, same_weights("weight", "bias"), x.turned)


@form(LocalResponseNorm, wants=TURNED)
def local_response(kind: LocalResponseNorm, x: Value) -> KerasForm:
    before, after = kind.size // 2, (kind.size - 1) // 2
    ends = ", ".join([*["(0, 0)"] * (x.rank - 1), f"({before}, {after})"])
    lines = (
        f"{{squares}} = ops.pad(ops.square({{x}}), ({ends}))",
        f"{{near}} = [{{squares}}[..., i : i + {x.C}] for i in range({kind.size})]",
        f"{{strength}} = ops.mean(ops.stack({{near}}), axis=0) * {kind.alpha!r} + {kind.k!r}",
        f"{{out}} = {{x}} / ops.power({{strength}}, {kind.beta!r})",
    )
    return KerasForm(lines, turned=x.turned)


@form(Dropout)
def dropout(kind: Dropout, x: Value) -> KerasForm:
    return one_layer(call("Dropout", kind.rate), turned=x.turned)


@form(Dropout1d, Dropout2d, Dropout3d, wants=TURNED)
def spatial_dropout(kind: Dropping, x: Value) -> KerasForm:
    return one_layer(call(f"SpatialDropout{x.rank - 2}D", kind.rate), turned=x.turned)


@form(AlphaDropout)
def alpha_dropout(kind: AlphaDropout, x: Value) -> KerasForm:
    return one_layer(call("AlphaDropout", kind.rate), turned=x.turned)


@form(FeatureAlphaDropout, wants=TURNED)
def feature_alpha_dropout(kind: FeatureAlphaDropout, x: Value) -> KerasForm:
    shape = (None, *[1] * (x.rank - 2), x.C)
    return one_layer(call("AlphaDropout", kind.rate, noise_shape=shape), turned=x.turned)


@form(StochasticDepth, wants=EITHER)
def stochastic_depth(kind: StochasticDepth, x: Value) -> KerasForm:
    return one_layer(call("Dropout", kind.rate, noise_shape=(None, *[1] * (x.rank - 1))), turned=x.turned)


@form(NormalSample)
def normal_sample(kind: NormalSample, mean: Value, variance: Value) -> KerasForm:
    line = "{out} = {mean} + ops.exp({variance} / 2) * {m}(ops.zeros_like({mean}))"
    return one_layer(call("GaussianNoise", 1.0), turned=mean.turned, line=line)
