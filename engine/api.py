"""All that a plug-in imports: what a layer, a loss or another kind is declared with.

    from engine.api import Layer, declare, module, param, port

`README.md` shows a whole file. What stands here keeps its name and meaning from one version to the next.
"""

from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.source import Source
from engine.kinds import (
    BlockEnd,
    Kind,
    Layer,
    Param,
    declare,
    param,
    settings,
    types,
)
from engine.kinds.code import Call, Code, Name, expression, literal, module, on_tensor
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.ports import Incoming, port, ports
from engine.kinds.shapes import N, Shape, per_sample
from engine.layers.initialisations import Initialisation
from engine.layers.weighted import Normable, Weighted
from engine.losses.loss import Loss
from engine.message import Illegal, Message, Trouble
from engine.metrics.metric import Metric
from engine.optim.optimiser import Optimiser, Schedule

__all__ = [
    "BlockEnd",
    "Call",
    "Code",
    "Column",
    "Illegal",
    "Incoming",
    "Initialisation",
    "Kind",
    "Layer",
    "Loss",
    "Message",
    "Metric",
    "N",
    "Name",
    "Normable",
    "Objection",
    "ObjectionKind",
    "Optimiser",
    "Param",
    "Raw",
    "Schedule",
    "Schema",
    "Shape",
    "Source",
    "Trouble",
    "Weighted",
    "declare",
    "expression",
    "literal",
    "module",
    "on_tensor",
    "param",
    "per_sample",
    "port",
    "ports",
    "schema_of",
    "settings",
    "types",
]
