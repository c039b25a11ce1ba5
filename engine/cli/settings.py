"""Settings named in one word, as on the command line: `batch_size=64`, `optimiser.rate=0.01`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import evolve

from engine import edits, kinds
from engine.data.settings import DataSettings
from engine.data.steps import of_column, with_steps
from engine.data.transforms.transform import Transform
from engine.edits.blocks import within
from engine.files import checked_json, number_files
from engine.kinds import types
from engine.kinds.nested import Nested
from engine.message import Trouble
from engine.project.blocks import Use
from engine.project.graph import Graph
from engine.project.project import Project


def set_by_path(project: Project, assignment: str) -> Project:
    """The project with one setting changed.

    The first word is `data` (by itself it is the source, `data=Wine`), `recipe` (which may be left out) or
    the name of a layer. `data.image+=Flip` adds a step to those that a column of that name goes,
    `data.image+=ShiftAndTurn:shift=3,degrees=5` one with settings, and `data.image.transforms=[]` takes all
    out. The name of a block may
    be followed by that of a layer inside: `block1.conv1.out_channels=32` changes the definition, and every
    use follows. The value is JSON, or else taken as text; where numbers are wanted, `@FILE` takes those of
    an NPY or text file. Raises `Trouble` where the setting does not exist or the value is not legal.
    """
    path, equals, text = assignment.partition("=")
    if not equals or not path or path.endswith("."):
        raise Trouble("expected a setting as NAME=VALUE, received {text}", text=repr(assignment))
    value = _parsed(text)
    first, *rest = path.split(".")
    if first == "data" and rest and (found := _column(rest)) is not None:
        return edits.set_data(project, _with_steps(project.data, *found, value))
    if first == "data":
        return edits.set_data(project, _changed(project.data, rest or ["source"], value))
    if first == "recipe" and rest:
        return edits.set_recipe(project, _changed(project.recipe, rest, value))
    if first in {param.name for param in kinds.params(project.recipe)}:
        return edits.set_recipe(project, _changed(project.recipe, [first, *rest], value))
    target = _layer(project.graph, path)
    if target is not None:
        (*around, id), rest = target
        if around:
            return within(project, around, lambda inner: _set_layer(inner, id, rest, value))
        return _set_layer(project, id, rest, value)
    raise Trouble(
        "there is no setting {path}; begin with data, with a layer's name, or with one of {recipe}",
        path=path,
        recipe=", ".join(param.name for param in kinds.params(project.recipe)),
    )


def _column(path: list[str]) -> tuple[str, bool] | None:
    """The column whose steps a path names, and whether one is added to them."""
    whole = ".".join(path)  # a name may have dots of its own
    name = whole.removesuffix("+") if whole.endswith("+") else whole.removesuffix(".transforms")
    return (name, whole.endswith("+")) if name != whole else None


def _with_steps(data: DataSettings, name: str, added: bool, value: Any) -> DataSettings:
    if not added:
        return with_steps(data, name, kinds.changed(of_column(data, name), "transforms", value).transforms)
    kind, _, settings = str(value).partition(":")
    step: Transform = Nested(Transform).accept(kind)
    for setting in filter(None, settings.split(",")):
        key, _, text = setting.partition("=")
        step = kinds.changed(step, key.strip(), _parsed(text))
    return with_steps(data, name, (*of_column(data, name).transforms, step))


def _parsed(text: str) -> Any:
    """A value as JSON, or else as text."""
    try:
        return checked_json.parse(text)
    except checked_json.Damaged:
        return text


def _layer(graph: Graph, path: str) -> tuple[tuple[str, ...], list[str]] | None:
    """The layer that a path names, by the ids of the blocks around it and its own, and the rest of the path.
    A setting that a block offers its uses goes before a layer inside of that name.
    """
    for node in graph.nodes.values():
        if path.startswith(f"{node.name}."):  # a name may have dots of its own
            rest = path.removeprefix(f"{node.name}.")
            words = rest.split(".")
            inner = None
            if isinstance(node.kind, Use) and all(
                param.name != words[0] for param in kinds.params(node.kind)
            ):
                inner = _layer(node.kind.block.graph, rest)
            return ((node.id,), words) if inner is None else ((node.id, *inner[0]), inner[1])
    return None


def _set_layer(project: Project, id: str, path: list[str], value: Any) -> Project:
    return edits.set_kind(project, id, _changed(project.graph.nodes[id].kind, path, value))


def _changed(kind: Any, path: list[str], value: Any) -> Any:
    """A kind with a setting changed, which may lie in a kind that it holds."""
    first, *rest = path
    if not rest:
        declared = next((param.type for param in kinds.params(kind) if param.name == first), None)
        if isinstance(declared, types.Numbers) and isinstance(value, str) and value.startswith("@"):
            value = number_files.read(Path(value[1:]))
        return kinds.changed(kind, first, value)
    inner = getattr(kind, first, None)
    if not isinstance(inner, kinds.Kind):
        raise Trouble("{name} has no settings of its own", name=first)
    return evolve(kind, **{first: _changed(inner, rest, value)})
