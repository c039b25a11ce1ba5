"""Every form there is, by the kind of layer: importing the pages declares theirs. Needs no Keras."""

from __future__ import annotations

from engine.codegen.keras.forms import (
    activations,
    arrange,
    attention,
    cells,
    dense,
    maps,
    norms,
    numbers,
    pools,
    recurrent,
    signals,
    windows,
)
from engine.codegen.keras.forms.form import PLAIN, Arriving, KerasForm, Missing, Writer, declared
from engine.kinds import Layer

PAGES = (
    *(maps, pools, windows, signals, dense, norms, activations),
    *(recurrent, cells, attention, arrange, numbers),
)


def writer_of(kind: type[Layer]) -> Writer | None:
    """How layers of a kind are written: by its own method `keras`, as in a plug-in, or as a page declares it
    for the kind or one that it extends. None where Keras has no such layer.
    """
    own = getattr(kind, "keras", None)
    if own is not None:
        return Writer(own, getattr(kind, "keras_wants", PLAIN), False)
    return next((declared[one] for one in kind.__mro__ if one in declared), None)


def write(layer: Layer, *arrivals: Arriving) -> KerasForm:
    """A layer's form for what arrives. Raises `Missing`."""
    writer = writer_of(type(layer))
    if writer is None:
        raise Missing("Keras has no layer that does the same")
    return writer.write(layer, *arrivals)
