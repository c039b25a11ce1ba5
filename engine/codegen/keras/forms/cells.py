"""One step of a recurrent layer. In Keras it is the layer itself, over a sequence of one step."""

from __future__ import annotations

from engine.codegen.keras.forms.form import PLAIN, KerasForm, Note, Value, call, form, unless
from engine.codegen.keras.forms.recurrent import copied
from engine.layers.cells import Cell, GRUCell, LSTMCell, RNNCell
from engine.message import Message


@form(LSTMCell, GRUCell, RNNCell, wants=PLAIN)
def cell(kind: Cell, x: Value, state: Value | None = None, memory: Value | None = None) -> KerasForm:
    long = isinstance(kind, LSTMCell)
    begin = ["{state}" if state is not None else "ops.zeros_like({cell})"]
    if long:
        begin.append("{cell}" if memory is not None else "ops.zeros_like({state})")
    started = f", initial_state=[{', '.join(begin)}]" if state is not None or memory is not None else ""
    left = "{out}, _, {memory}" if long else "{out}"
    line = f"{left} = {{m}}(ops.expand_dims({{x}}, 1){started})"
    note = Note(Message(type(kind).__name__), Message("One step, as a sequence that has no other."))
    return KerasForm((line,), {"": _layer(kind)}, lambda state: {"": copied(kind, state, "")}, notes=(note,))


def _layer(kind: Cell) -> str:
    words: dict[str, object] = {"use_bias": unless(kind.bias, True)}
    if isinstance(kind, RNNCell):
        return call("SimpleRNN", kind.hidden_size, activation=unless(kind.nonlinearity, "tanh"), **words)
    if isinstance(kind, GRUCell):
        return call("GRU", kind.hidden_size, reset_after=True, **words)
    return call("LSTM", kind.hidden_size, return_state=True, **words)
