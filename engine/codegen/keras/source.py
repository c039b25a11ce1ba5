"""The Keras code of a network, as a value, and how trained weights go into the model that it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import field, frozen

from engine.codegen.keras.forms.form import Arrays, Note, State
from engine.codegen.source import SourceCode
from engine.message import Message

Noted = tuple[Note, tuple[str, ...]]
"""A note and the nodes it is about."""


@frozen
class WeightCopy:
    """How the weights of one module go into layers of Keras: the module's path, the names of the layers, and
    what turns the arrays of the one into those of the others, by the keys of `names`.
    """

    path: str
    names: Mapping[str, str]
    weights: Callable[[State], Mapping[str, Arrays]]

    def within(self, path: str) -> WeightCopy:
        """The same inside of a block. Names of layers may hold no dot."""
        prefix = path.replace(".", "-")
        names = {key: f"{prefix}-{name}" for key, name in self.names.items()}
        return WeightCopy(f"{path}.{self.path}", names, self.weights)


@frozen
class KerasSource(SourceCode):
    """The Keras code of a network; its `class_name` is the name of the function that makes the model.

    `notes` tell how it differs from the PyTorch code, each with the nodes it is about. `missing` says why a
    node has no Keras form; the code raises there. `turned` has the Inputs and Outputs whose channels stand
    last.
    """

    notes: tuple[Noted, ...] = ()
    missing: Mapping[str, Message] = field(factory=dict)
    turned: frozenset[str] = frozenset()
    copies: tuple[WeightCopy, ...] = ()
