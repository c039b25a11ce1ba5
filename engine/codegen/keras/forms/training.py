"""What Keras does otherwise with weights while training, said rather than left out in silence."""

from __future__ import annotations

from collections.abc import Iterator

from engine.codegen.keras.forms.form import Note
from engine.kinds import Layer
from engine.layers.batch_norm import BatchNorm
from engine.layers.initialisations import Default
from engine.layers.weighted import NONE, Normable, Weighted
from engine.message import Message

TITLE = Message("Weights")


def weight_notes(kind: Layer, name: str) -> Iterator[Note]:
    """Settings of a layer's weights that stand in the PyTorch code alone."""
    if not isinstance(kind, Weighted) or not kind.has_weights():
        return
    if kind.initialisation != Default():
        yield Note(
            TITLE, Message("{name} begins with Keras' own numbers until weights are copied.", name=name)
        )
    if kind.l1 or kind.l2:
        text = "What large weights of {name} cost is in PyTorch only; Keras calls it a regularizer."
        yield Note(TITLE, Message(text, name=name))
    if kind.frozen and isinstance(kind, BatchNorm):
        text = "Frozen, {name} also stops counting mean and variance anew in Keras."
        yield Note(TITLE, Message(text, name=name))
    if isinstance(kind, Normable) and kind.norm != NONE:
        text = "The {norm} of {name} is in PyTorch only; the weights come over as it leaves them."
        yield Note(TITLE, Message(text, norm=kind.norm, name=name))


def frozen(kind: Layer) -> bool:
    """Whether training leaves the layer alone."""
    return isinstance(kind, Weighted) and kind.frozen and kind.has_weights()
