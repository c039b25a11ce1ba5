"""Weights alone, with a JSON file that says what network they belong to. Opened again into a freshly built
module.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import safetensors
from attrs import evolve
from safetensors.torch import load, save
from torch import Tensor

from engine.exports.model import Model, answers
from engine.exports.proof import Batch, Reopened
from engine.store.graph_json import graph_from_json, graph_to_json
from engine.training.restore import module as module_of


def write(model: Model, folder: Path, name: str) -> None:
    """Write the weights, and beside them the network, the shapes, the preprocessing and the classes."""
    # one entry only: safetensors writes several in an order that changes from time to time
    (folder / name).write_bytes(save(model.state, {"format": "pt"}))
    _described(folder, name).write_text(_text(model), encoding="utf-8", newline="\n")


def reopen(model: Model, folder: Path, name: str) -> Reopened:
    """The weights in a module that is built from the JSON beside them."""
    described = json.loads(_described(folder, name).read_text(encoding="utf-8"))
    graph = graph_from_json(described["network"])
    module = module_of(evolve(model.project, graph=graph), load((folder / name).read_bytes()))

    def run(batches: Sequence[Batch]) -> list[Batch]:
        return answers(module, batches)

    return Reopened(f"safetensors {safetensors.__version__}, network built anew", run)


def _described(folder: Path, name: str) -> Path:
    return folder / (name[: -len(".safetensors")] + ".json")


def _text(model: Model) -> str:
    """JSON with one line for each layer, wire and tensor, so that two versions compare well."""
    names = {attribute: id for id, attribute in model.source.names.items()}
    nodes = model.project.graph.nodes
    tensors = [
        _tensor(key, value, nodes[names[key.split(".")[0]]].name) for key, value in model.state.items()
    ]
    network = graph_to_json(model.project.graph)
    facts = {**model.facts(), "class_name": model.source.class_name, "tensors": tensors}
    return _lines({**facts, "network": network}) + "\n"


def _tensor(name: str, tensor: Tensor, layer: str) -> dict[str, Any]:
    dtype = str(tensor.dtype).removeprefix("torch.")
    return {"name": name, "shape": list(tensor.shape), "dtype": dtype, "layer": layer}


def _lines(value: Any, indent: str = "") -> str:
    deeper = indent + "  "
    if (
        isinstance(value, dict)
        and any(isinstance(one, list | dict) for one in value.values())
        and len(indent) < 4
    ):
        items = [f"{deeper}{json.dumps(key)}: {_lines(one, deeper)}" for key, one in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(one, list | dict) for one in value):
        return (
            "[\n" + ",\n".join(deeper + json.dumps(one, ensure_ascii=False) for one in value) + f"\n{indent}]"
        )
    return json.dumps(value, ensure_ascii=False)
