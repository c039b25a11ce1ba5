"""How a kind is declared, changed, listed and written: what the rooms above take from here.

The rooms above say `kinds.registry(Layer)` or import `Layer, declare, param` from here; the pages of this
room import each other by name.
"""

from engine.kinds.declaring import (
    Kind,
    changed,
    declare,
    from_json,
    of_plugin,
    on_change,
    params,
    plain,
    registries,
    registry,
    role,
    settings,
    stated,
    to_json,
    values_from_json,
    values_to_json,
)
from engine.kinds.layer import FAMILIES, BlockEnd, Definition, Family, Layer
from engine.kinds.nested import Nested
from engine.kinds.params import SPATIAL, Param, param
from engine.kinds.unreadable import Absent, Unknown, layer_from_json

__all__ = [
    "FAMILIES",
    "SPATIAL",
    "Absent",
    "BlockEnd",
    "Definition",
    "Family",
    "Kind",
    "Layer",
    "Nested",
    "Param",
    "Unknown",
    "changed",
    "declare",
    "from_json",
    "layer_from_json",
    "of_plugin",
    "on_change",
    "param",
    "params",
    "plain",
    "registries",
    "registry",
    "role",
    "settings",
    "stated",
    "to_json",
    "values_from_json",
    "values_to_json",
]
