"""ONNX: a program for other runtimes. Opened again in ONNX Runtime."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram

from engine.exports.model import Model, as_json, version
from engine.exports.proof import Batch, Reopened
from engine.exports.trace import silenced, traced
from engine.message import Trouble

OPSET = 20
_ATTENTION = torch.ops.aten.scaled_dot_product_attention.default
LARGEST = 2**31 - 1  # bytes that one message of ONNX's form may have


def write(model: Model, folder: Path, name: str) -> None:
    """Write the file: any batch size, inputs and outputs by the names of their layers, preprocessing in its
    metadata.
    """
    inputs = [end.name for end in model.inputs]
    outputs = [end.name for end in model.outputs]
    proto = converted(traced(plain(model.module), model.blank()))
    rename(proto.graph, inputs, outputs)
    facts = model.facts()
    notes = {key: as_json(facts[key]) for key in ("inputs", "outputs", "preprocessing")}
    classes = next((end.classes for end in model.outputs if end.classes), ())
    if classes:
        notes["class_names"] = as_json(list(classes))
    for key, value in {"name": str(facts["name"]), **notes}.items():
        proto.metadata_props.add(key=key, value=value)
    (folder / name).write_bytes(proto.SerializeToString(deterministic=True))


def reopen(model: Model, folder: Path, name: str) -> Reopened:
    """The file in ONNX Runtime, on as many threads as PyTorch uses."""
    import onnxruntime

    session = _session((folder / name).read_bytes())
    names = [end.name for end in model.inputs]
    wanted = [end.name for end in model.outputs]

    def answers(batches: Sequence[Batch]) -> list[Batch]:
        return [tuple(session.run(wanted, dict(zip(names, batch, strict=True)))) for batch in batches]

    return Reopened(f"onnxruntime {onnxruntime.__version__}", answers, timed=True)


def attempt(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    """Convert a single layer and run it on zeros, TRACED×… for each wire: some convert and do not run."""
    proto = converted(traced(plain(module), inputs, several=True))
    names = [one.name for one in proto.graph.input]
    session = _session(proto.SerializeToString())
    session.run(None, {name: value.numpy() for name, value in zip(names, inputs, strict=True)})


def plain(module: nn.Module) -> nn.Module:
    """The module with other layers in the place of those that the exporter does not know, where they answer
    alike.
    """
    if not any(isinstance(inner, nn.RReLU) for inner in module.children()):
        return module
    module = copy.deepcopy(module)
    for name, inner in module.named_children():
        if isinstance(inner, nn.RReLU):  # random in training alone; then the mean of its limits
            setattr(module, name, nn.LeakyReLU((inner.lower + inner.upper) / 2))
    return module.eval()


def converted(program: ExportedProgram) -> Any:
    """The program as ONNX. Raises whatever the exporter raises where it knows no way."""
    with silenced():
        onnx_program = torch.onnx.export(
            program.run_decompositions({_ATTENTION: _as_exporter_knows_it}),
            dynamo=True,
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
        assert onnx_program is not None
        proto = onnx_program.model_proto
    if proto.ByteSize() > LARGEST:
        raise Trouble("The network is larger than 2 GB, which an ONNX file cannot hold. Export it as .pt2.")
    _strip(proto)
    _call_the_batch_n(proto.graph)
    proto.producer_name, proto.producer_version = "Layerloom", version()
    return proto


def _as_exporter_knows_it(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, *rest: Any, **named: Any
) -> Any:
    """Attention in the only forms that the exporter writes rightly: with heads, and with something to see for
    every step. Query N×steps×width, key and value N×other×width, or with heads before the steps; the mask
    …×steps×other.
    """
    if query.dim() == 3:  # attention without heads is attention with one
        query, key, value = (x.unsqueeze(1) for x in (query, key, value))
        return _ATTENTION(query, key, value, mask, *rest, **named).squeeze(1)
    if mask is None or "scale" in named or mask.dim() < 4 or 1 in (mask.shape[0], mask.shape[2]):
        return NotImplemented
    # A mask for each sample and each step may hide everything from one of them. Such a step gathers nothing,
    # but softmax over nothing is no number in other runtimes: so it sees all, and what it gathers is dropped.
    # To say the scale that is usual anyway tells that this was done.
    blind = ~(mask if mask.dtype == torch.bool else mask.isfinite()).any(3, keepdim=True)
    mask = mask | blind if mask.dtype == torch.bool else mask.masked_fill(blind, 0.0)
    scale = query.shape[-1] ** -0.5
    return _ATTENTION(query, key, value, mask, *rest, **named, scale=scale).masked_fill(blind, 0.0)


def _strip(proto: Any) -> None:
    """Take away what names files and lines of this machine."""
    graph = proto.graph
    parts = [proto, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer]
    for function in proto.functions:
        parts += [function, *function.node, *function.value_info]
    for one in parts:
        del one.metadata_props[:]
        one.doc_string = ""


def _call_the_batch_n(graph: Any) -> None:
    """The exporter calls it by a number of its own, such as `s77`."""
    batch = graph.input[0].type.tensor_type.shape.dim[0].dim_param
    for value in (*graph.input, *graph.output, *graph.value_info):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.dim_param = re.sub(rf"\b{re.escape(batch)}\b", "N", dim.dim_param)


def rename(graph: Any, inputs: list[str], outputs: list[str]) -> None:
    """Give inputs and outputs these names. A value within that has one of them gets another.

    The exporter can do so too, but not where two outputs are one value, or an output is called as something
    that it makes itself.
    """
    # names that are wanted and already stand within give way first
    made = [name for node in graph.node for name in node.output]
    given = [one.name for one in (*graph.input, *graph.initializer)]
    names = dict.fromkeys([*made, *given])
    new = {name: name for name in names}
    for name in {*inputs, *outputs} & set(names):
        new[name] = next(free for i in count(2) if (free := f"{name}_{i}") not in names)
    # then inputs take theirs, and each output the value behind it, once: a value that is two outputs, or an
    # input that is an output too, has one name already and is copied
    new.update(zip((one.name for one in graph.input), inputs, strict=True))
    copies: list[tuple[str, str]] = []
    renamed: set[str] = set()
    for value, wanted in zip(graph.output, outputs, strict=True):
        if value.name in made and value.name not in renamed:
            new[value.name] = wanted
            renamed.add(value.name)
        else:
            copies.append((value.name, wanted))
        value.name = wanted
    for one in (*graph.input, *graph.initializer, *graph.value_info):
        one.name = new.get(one.name, one.name)
    _follow(graph, new)
    for source, wanted in copies:
        graph.node.add(op_type="Identity", name=f"node_{wanted}", input=[new[source]], output=[wanted])


def _follow(graph: Any, new: dict[str, str]) -> None:
    for node in graph.node:
        node.input[:] = [new.get(name, name) for name in node.input]
        node.output[:] = [new.get(name, name) for name in node.output]
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                _follow(inner, new)


def _session(data: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
