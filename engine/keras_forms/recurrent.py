"""Layers that read a sequence step by step. PyTorch adds two biases in every gate; Keras has one."""

from __future__ import annotations

from typing import Any

from engine.keras_forms.form import PLAIN, Form, Note, Value, call, form, unless
from engine.layers.recurrent import GRU, LSTM, RNN, SEQUENCE, Recurrent
from engine.message import Message


@form(LSTM, GRU, RNN, wants=PLAIN)
def recurrent(kind: Recurrent, x: Value) -> Form:
    lines: list[str] = []
    makes: dict[str, str] = {}
    given = "{x}"
    for layer in range(kind.num_layers):
        last = layer == kind.num_layers - 1
        sequence = True if not last or kind.give == SEQUENCE else None
        made = _layer(kind, sequence)
        suffix = "" if layer == 0 else f"layer{layer + 1}"
        makes[suffix] = f"layers.Bidirectional({made})" if kind.bidirectional else made
        out = "{out}" if last else "{steps}"
        lines.append(out + " = {m" + (f"_{suffix}" if suffix else "") + "}(" + given + ")")
        given = "{steps}"
        if kind.dropout and not last:
            lines.append("{steps} = " + call("Dropout", kind.dropout) + "({steps})")

    def weights(state: Any) -> dict[str, list[Any]]:
        found = {}
        for layer, suffix in enumerate(makes):
            ways = ["", "_reverse"] if kind.bidirectional else [""]
            found[suffix] = [array for way in ways for array in _copied(kind, state, f"l{layer}{way}")]
        return found

    return Form(tuple(lines), makes, weights, notes=_notes(kind))


def _layer(kind: Recurrent, sequence: bool | None) -> str:
    words: dict[str, Any] = {"return_sequences": sequence, "use_bias": unless(kind.bias, True)}
    if isinstance(kind, RNN):
        return call("SimpleRNN", kind.hidden_size, activation=unless(kind.nonlinearity, "tanh"), **words)
    if isinstance(kind, GRU):
        return call("GRU", kind.hidden_size, reset_after=True, **words)
    return call("LSTM", kind.hidden_size, **words)


def _copied(kind: Recurrent, state: Any, end: str) -> list[Any]:
    arrays = [_gates(kind, state[f"weight_{part}_{end}"]).T for part in ("ih", "hh")]
    if not kind.bias:
        return arrays
    biases = [_gates(kind, state[f"bias_{part}_{end}"]) for part in ("ih", "hh")]
    if isinstance(kind, GRU):
        import numpy as np

        return [*arrays, np.stack(biases)]
    return [*arrays, biases[0] + biases[1]]


def _gates(kind: Recurrent, array: Any) -> Any:
    """The gates in Keras' order, which for a GRU is another one: update, reset, new."""
    if not isinstance(kind, GRU):
        return array
    import numpy as np

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
