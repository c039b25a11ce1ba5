"""ONNX: a program for other runtimes. Opened again in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram

from engine.exports.model import Model, as_json, version
from engine.exports.proof import Batch, Reopened
from engine.exports.trace import quiet, traced
from engine.message import Trouble

OPSET = 20
LARGEST = 2**31 - 1  # bytes that one message of ONNX's form may have


def write(model: Model, folder: Path, name: str) -> None:
    """Write the file: any batch size, inputs and outputs by the names of their layers, preprocessing in its
    metadata.
    """
    inputs = [end.name for end in model.inputs]
    outputs = [end.name for end in model.outputs]
    proto = _converted(traced(model.module, model.blank()), inputs, outputs)
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
    """Convert a single layer and run it: some convert and then do not run."""
    names = [f"in{i}" for i in range(len(inputs))]
    proto = _converted(traced(module, inputs, several=True), names, None)
    session = _session(proto.SerializeToString())
    session.run(None, {name: value.numpy() for name, value in zip(names, inputs, strict=True)})


def _converted(program: ExportedProgram, inputs: list[str], outputs: list[str] | None) -> Any:
    with quiet():
        made = torch.onnx.export(
            program,
            dynamo=True,
            opset_version=OPSET,
            input_names=inputs,
            output_names=outputs,
            external_data=False,
            verbose=False,
        )
        assert made is not None
        proto = made.model_proto
    if proto.ByteSize() > LARGEST:
        raise Trouble("The network is larger than 2 GB, which an ONNX file cannot hold. Export it as .pt2.")
    _strip(proto)
    proto.producer_name, proto.producer_version = "Layerloom", version()
    return proto


def _strip(proto: Any) -> None:
    """Take away what names files and lines of this machine."""
    graph = proto.graph
    told = [proto, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer]
    for function in proto.functions:
        told += [function, *function.node, *function.value_info]
    for one in told:
        del one.metadata_props[:]
        one.doc_string = ""


def _session(data: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
