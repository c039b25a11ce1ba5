"""From source to a module. The source is registered with `linecache`, so that a traceback shows its lines."""

from __future__ import annotations

import linecache

import torch
from attrs import frozen
from torch import nn

from engine.analysis.block_results import BlockModule
from engine.analysis.check import check
from engine.analysis.results import Analysis
from engine.codegen.emit import emit, emit_block
from engine.codegen.source import SourceCode
from engine.kinds.code import Code
from engine.kinds.identifiers import class_identifier
from engine.message import Trouble
from engine.project.project import Project


@frozen
class Built:
    """A module and the source it was made from. `inputs` and `targets` are the data columns in `forward`'s
    order.
    """

    module: nn.Module
    source: SourceCode
    inputs: tuple[str, ...]
    targets: tuple[str, ...]


def build(
    project: Project, seed: int | None = None, analysis: Analysis | None = None, *, to_train: bool = True
) -> Built:
    """Make the project's module. With a seed, its first weights depend on that alone; the global random state
    is left as it was.

    Raises `Trouble` with the first problem where the network cannot be trained; where it is not `to_train`,
    since it was trained before, only where it cannot be made.
    """
    if analysis is None or analysis.project is not project:
        analysis = check(project)
    obstacle = analysis.obstacle if to_train else analysis.fault
    if obstacle is not None:
        raise Trouble(obstacle.sentence)
    source = emit(project, analysis)
    schema = analysis.schema
    assert schema is not None  # without data there is an error above
    nodes = project.graph.nodes
    inputs = tuple(nodes[id].kind.column or schema.inputs[0] for id in source.inputs)  # type: ignore[attr-defined]  # Input nodes
    targets = tuple(nodes[id].kind.target or schema.target for id in source.outputs)  # type: ignore[attr-defined]  # Output nodes
    if seed is None:
        return Built(instantiate(source), source, inputs, targets)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Built(instantiate(source), source, inputs, targets)


def instantiate(source: SourceCode) -> nn.Module:
    """Execute the source and make the module it defines."""
    return _run(source.text, source.class_name, f"{source.class_name}()")


def layer_module(code: Code) -> nn.Module | nn.Parameter | None:
    """Make the module of one layer or block by itself; None where the layer has none."""
    if isinstance(code.make, BlockModule):
        return block_module(code.make)
    module: nn.Module | nn.Parameter | None = code.module()
    return module


def block_module(block: BlockModule) -> nn.Module:
    """Make the module of one block by itself."""
    text, expression = emit_block(block)
    return _run(text, class_identifier(block.use.block.name), expression)


def _run(text: str, title: str, expression: str) -> nn.Module:
    name = f"<{title}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, object] = {"__name__": title}
    exec(compile(text, name, "exec"), space)
    module = eval(expression, space)
    assert isinstance(module, nn.Module)
    return module
