"""All that a plug-in imports: what a layer, a loss or another kind is declared with.

    from engine.api import Layer, declare, module, param, port

`README.md` shows a whole file. What stands here keeps its name and meaning from one version to the next.
"""

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
from engine.losses.loss import Loss
from engine.message import Illegal, Message, Trouble
from engine.optim.optimiser import Optimiser, Schedule

__all__ = [
    "BlockEnd",
    "Call",
    "Code",
    "Illegal",
    "Incoming",
    "Kind",
    "Layer",
    "Loss",
    "Message",
    "N",
    "Name",
    "Objection",
    "ObjectionKind",
    "Optimiser",
    "Param",
    "Schedule",
    "Shape",
    "Source",
    "Trouble",
    "declare",
    "expression",
    "literal",
    "module",
    "on_tensor",
    "param",
    "per_sample",
    "port",
    "ports",
    "settings",
    "types",
]
