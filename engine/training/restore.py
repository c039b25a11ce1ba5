"""A trained network from its project and its weights."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from engine.codegen.build import build
from engine.message import Trouble
from engine.project.project import Project


def module(project: Project, weights: Mapping[str, Tensor]) -> nn.Module:
    """The project's module with these weights, shaped as its `state_dict` has them, in evaluation mode.

    It is made without memory first, so that no random number is drawn: a training that runs beside keeps its
    own. Raises `Trouble` where the weights belong to another network.
    """
    with torch.device("meta"):
        made = build(project, to_train=False).module
    try:
        made.load_state_dict(dict(weights), assign=True)
    except RuntimeError as error:
        raise Trouble(
            "These weights do not belong to {name}: {reason}",
            name=project.graph.name,
            reason=str(error).strip().split("\n")[-1].strip(),
        ) from error
    if any(value.is_meta for value in (*made.parameters(), *made.buffers())):
        made = build(project, 0, to_train=False).module  # it computes a constant that the weights do not hold
        made.load_state_dict(dict(weights))
    return made.eval()
