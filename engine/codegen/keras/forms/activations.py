"""Functions of every number, and shares along an axis."""

from __future__ import annotations

from engine.codegen.keras.forms.form import (
    Arrays,
    KerasForm,
    Note,
    State,
    Value,
    call,
    expression,
    form,
    one_layer,
    unless,
)
from engine.layers import activation as act
from engine.layers import shaping
from engine.message import Message

NAMES = {
    act.SELU: "selu",
    act.SiLU: "silu",
    act.Mish: "mish",
    act.Hardswish: "hard_silu",
    act.Sigmoid: "sigmoid",
    act.Tanh: "tanh",
    shaping.Hardsigmoid: "hard_sigmoid",
    shaping.LogSigmoid: "log_sigmoid",
    shaping.Softsign: "softsign",
    shaping.Tanhshrink: "tanh_shrink",
}


@form(*NAMES)
def named(kind: act.Pointwise, x: Value) -> KerasForm:
    return one_layer(call("Activation", NAMES[type(kind)]), turned=x.turned)


@form(act.ReLU)
def relu(kind: act.ReLU, x: Value) -> KerasForm:
    return one_layer(call("ReLU"), turned=x.turned)


@form(act.ReLU6)
def relu6(kind: act.ReLU6, x: Value) -> KerasForm:
    return one_layer(call("ReLU", max_value=6.0), turned=x.turned)


@form(act.LeakyReLU)
def leaky(kind: act.LeakyReLU, x: Value) -> KerasForm:
    return one_layer(call("LeakyReLU", negative_slope=kind.negative_slope), turned=x.turned)


@form(shaping.RReLU)
def random_leak(kind: shaping.RReLU, x: Value) -> KerasForm:
    text = "Keras draws no slopes at random: it trains with their mean."
    note = Note(Message("RReLU"), Message(text))
    slope = (kind.lower + kind.upper) / 2
    return one_layer(call("LeakyReLU", negative_slope=slope), turned=x.turned, notes=(note,))


@form(act.PReLU)
def learned_slope(kind: act.PReLU, x: Value) -> KerasForm:
    channel = x.axis(1) if kind.per_channel else None
    shared = [axis for axis in range(1, x.rank) if axis != channel]
    if x.rank == 1:
        return _bare_slope(kind)

    def weights(state: State) -> Arrays:
        sizes = [x.sizes[axis - 1] if axis == channel else 1 for axis in range(1, x.rank)]
        return [state["weight"].reshape(sizes)]

    return one_layer(call("PReLU", shared_axes=tuple(shared) or None), weights, x.turned)


def _bare_slope(kind: act.PReLU) -> KerasForm:
    """For one number a sample: with an axis of its own."""
    line = "{out} = {m}({x}[:, None])[:, 0]"
    return one_layer(call("PReLU"), lambda state: [state["weight"]], line=line)


@form(act.ELU)
def elu(kind: act.ELU, x: Value) -> KerasForm:
    return one_layer(call("ELU", alpha=unless(kind.alpha, 1.0)), turned=x.turned)


@form(shaping.CELU)
def celu(kind: shaping.CELU, x: Value) -> KerasForm:
    return expression(f"ops.celu({{x}}, alpha={kind.alpha!r})", x.turned)


@form(act.GELU)
def gelu(kind: act.GELU, x: Value) -> KerasForm:
    if kind.approximate == "none":
        return expression("ops.gelu({x}, approximate=False)", x.turned)
    return expression("ops.gelu({x}, approximate=True)", x.turned)


@form(act.Softplus)
def softplus(kind: act.Softplus, x: Value) -> KerasForm:
    beta = kind.beta
    soft = "ops.softplus({x})" if beta == 1 else f"ops.softplus({{x}} * {beta!r}) / {beta!r}"
    if kind.threshold >= 20:  # above it both are the same to the last bit that counts
        return expression(soft, x.turned)
    return expression(f"ops.where({{x}} * {beta!r} > {kind.threshold!r}, {{x}}, {soft})", x.turned)


@form(shaping.Hardtanh)
def hard_tanh(kind: shaping.Hardtanh, x: Value) -> KerasForm:
    return expression(f"ops.clip({{x}}, {kind.min_val!r}, {kind.max_val!r})", x.turned)


@form(shaping.Hardshrink)
def hard_shrink(kind: shaping.Hardshrink, x: Value) -> KerasForm:
    return expression(f"ops.hard_shrink({{x}}, threshold={kind.lambd!r})", x.turned)


@form(shaping.Softshrink)
def soft_shrink(kind: shaping.Softshrink, x: Value) -> KerasForm:
    return expression(f"ops.soft_shrink({{x}}, threshold={kind.lambd!r})", x.turned)


@form(shaping.Threshold)
def threshold(kind: shaping.Threshold, x: Value) -> KerasForm:
    return expression(f"ops.where({{x}} > {kind.threshold!r}, {{x}}, {kind.value!r})", x.turned)


def _axis(kind: act.AlongAxis | shaping.GLU, x: Value) -> int:
    """The axis in Keras, −1 where it is the last."""
    axis = x.axis(kind.axis)
    return -1 if axis == x.rank - 1 else axis


@form(act.Softmax)
def softmax(kind: act.Softmax, x: Value) -> KerasForm:
    return one_layer(call("Softmax", axis=unless(_axis(kind, x), -1)), turned=x.turned)


@form(act.LogSoftmax)
def log_softmax(kind: act.LogSoftmax, x: Value) -> KerasForm:
    return expression(f"ops.log_softmax({{x}}, axis={_axis(kind, x)})", x.turned)


@form(shaping.Softmin)
def softmin(kind: shaping.Softmin, x: Value) -> KerasForm:
    return expression(f"ops.softmax(-{{x}}, axis={_axis(kind, x)})", x.turned)


@form(shaping.GLU)
def gated(kind: shaping.GLU, x: Value) -> KerasForm:
    return expression(f"ops.glu({{x}}, axis={_axis(kind, x)})", x.turned)
