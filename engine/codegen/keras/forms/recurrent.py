"""Layers that read a sequence step by step. PyTorch adds two biases in every gate; Keras has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from engine.codegen.keras.forms.form import (
    PLAIN,
    Arrays,
    KerasForm,
    Missing,
    Note,
    State,
    Value,
    call,
    form,
    unless,
)
from engine.layers.cells import Cell, GRUCell
from engine.layers.recurrent import EVERYTHING, GRU, LAST, LSTM, RNN, Recurrent
from engine.message import Message


@form(LSTM, GRU, RNN, wants=PLAIN)
def recurrent(
    kind: Recurrent,
    x: Value,
    first_state: Value | None = None,
    lengths: Value | None = None,
    first_cell: Value | None = None,
) -> KerasForm:
    if isinstance(kind, LSTM) and kind.projection is not None:
        raise Missing("an LSTM in Keras shows all that it remembers, and projects nothing")
    masked = lengths is not None or kind.padding is not None
    lines = list(_mask(kind, x, lengths is not None)) if masked else []
    makes: dict[str, str] = {}
    source = "{x}"
    for layer in range(kind.num_layers):
        last = layer == kind.num_layers - 1
        text = _layer(kind, True if not last or kind.give != LAST else None)
        suffix = "" if layer == 0 else f"layer{layer + 1}"
        makes[suffix] = f"layers.Bidirectional({text})" if kind.bidirectional else text
        words = [source, *(["mask={mask}"] if masked else [])]
        begin = _begin(kind, layer, first_state is not None, first_cell is not None)
        words += [f"initial_state=[{', '.join(begin)}]"] if begin else []
        names = ["{out}" if last else "{steps}"]
        if kind.give == EVERYTHING:
            names += [f"{{{name}}}" for name in _states(kind, layer)]
        called = "{m" + (f"_{suffix}" if suffix else "") + "}(" + ", ".join(words) + ")"
        lines.append(", ".join(names) + " = " + called)
        source = "{steps}"
        if kind.dropout and not last:
            lines.append("{steps} = " + call("Dropout", kind.dropout) + "({steps})")
    if masked and kind.give != LAST:  # PyTorch gives zeros beyond the end of a sample
        lines.append('{out} = {out} * ops.cast(ops.expand_dims({mask}, 2), "float32")')
    if kind.give == EVERYTHING:
        lines += _gathered(kind)
    return KerasForm(tuple(lines), makes, _weights(kind, tuple(makes)), notes=_notes(kind))


def _weights(kind: Recurrent, suffixes: tuple[str, ...]) -> Callable[[State], dict[str, Arrays]]:
    """How the arrays of all layers go over, those of both directions one after the other."""
    ways = ["", "_reverse"] if kind.bidirectional else [""]

    def weights(state: State) -> dict[str, Arrays]:
        return {
            suffix: [array for way in ways for array in copied(kind, state, f"_l{layer}{way}")]
            for layer, suffix in enumerate(suffixes)
        }

    return weights


def _mask(kind: Recurrent, x: Value, wired: bool) -> Iterator[str]:
    """Which steps are read: as many as arrive, or up to the last that is not padding; one at least."""
    steps = "{lengths}"
    if not wired:
        yield f"{{filled}} = ops.any(ops.not_equal({{x}}, {kind.padding!r}), axis=2)"
        yield f"{{steps}} = ops.max(ops.where({{filled}}, ops.arange(1, {x.T + 1}), 0), axis=1)"
        steps = "{steps}"
    yield f"{{mask}} = ops.arange({x.T}) < ops.expand_dims(ops.maximum({steps}, 1), 1)"


def _state_names(kind: Recurrent) -> tuple[str, ...]:
    """The states of one layer in one direction: what it puts out, and an LSTM's cell."""
    return ("h", "c") if isinstance(kind, LSTM) else ("h",)


def _begin(kind: Recurrent, layer: int, state: bool, cell: bool) -> list[str]:
    """The states before the first step of one layer, cut out of what arrives side by side."""
    if not state and not cell:
        return []
    states = []
    for way in range(kind.directions):
        place = layer * kind.directions + way
        part = f"[:, {place * kind.hidden_size}:{(place + 1) * kind.hidden_size}]"
        parts = {"h": "{first_state}" + part if state else "", "c": "{first_cell}" + part if cell else ""}
        for name in _state_names(kind):
            states.append(parts[name] or f"ops.zeros_like({next(filter(None, parts.values()))})")
    return states


def _states(kind: Recurrent, layer: int) -> list[str]:
    """The variables of the states that a layer gives, in Keras' order."""
    return [
        f"{name}{layer * kind.directions + way}"
        for way in range(kind.directions)
        for name in _state_names(kind)
    ]


def _gathered(kind: Recurrent) -> Iterator[str]:
    """The lines that put all states side by side."""
    for output, name in zip(("state", "cell"), _state_names(kind), strict=False):
        names = [f"{{{name}{place}}}" for place in range(kind.states)]
        joined = names[0] if len(names) == 1 else f"ops.concatenate([{', '.join(names)}], axis=1)"
        yield f"{{{output}}} = {joined}"


def _layer(kind: Recurrent, sequence: bool | None) -> str:
    words: dict[str, object] = {
        "return_sequences": sequence,
        "return_state": True if kind.give == EVERYTHING else None,
        "use_bias": unless(kind.bias, True),
    }
    if isinstance(kind, RNN):
        return call("SimpleRNN", kind.hidden_size, activation=unless(kind.nonlinearity, "tanh"), **words)
    if isinstance(kind, GRU):
        return call("GRU", kind.hidden_size, reset_after=True, **words)
    return call("LSTM", kind.hidden_size, **words)


def copied(kind: Recurrent | Cell, state: State, end: str) -> Arrays:
    """The weights of one layer, in one direction, whose names end so: inputs × gates, states × gates and the
    biases, one number for each gate. PyTorch has gates × inputs and gates × states.
    """
    arrays = [_gates(kind, state[f"weight_{part}{end}"]).T for part in ("ih", "hh")]
    if not kind.bias:
        return arrays
    biases = [_gates(kind, state[f"bias_{part}{end}"]) for part in ("ih", "hh")]
    if isinstance(kind, GRU | GRUCell):
        return [*arrays, np.stack(biases)]
    return [*arrays, biases[0] + biases[1]]


def _gates(kind: Recurrent | Cell, array: np.ndarray) -> np.ndarray:
    """Gates, along the first axis, in Keras' order, which for a GRU is another one: update, reset, new."""
    if not isinstance(kind, GRU | GRUCell):
        return array
    reset, update, new = np.split(array, 3)
    return np.concatenate([update, reset, new])


def _notes(kind: Recurrent) -> tuple[Note, ...]:
    if isinstance(kind, GRU):
        text = (
            "reset_after=True makes it PyTorch's GRU; its gates stand in another order, and two biases stay."
        )
        return (Note(Message("GRU"), Message(text)),)
    if not kind.bias:
        return ()
    text = "PyTorch has two biases in every gate; here they are one, their sum."
    return (Note(Message(type(kind).__name__), Message(text)),)
