"""Project files: JSON that reads well and differs by a line where one layer differs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from engine import kinds
from engine.data.placing import data_found_from, data_seen_from
from engine.data.settings import DataSettings
from engine.files.atomic import write_text
from engine.files.checked_json import LARGEST
from engine.files.reading import read_bytes
from engine.message import Trouble
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.store.graph_json import graph_from_json, graph_to_json
from engine.store.json_text import FORMAT, member, parse, pretty

ENDING = ".loom"
"""How the file of a project ends."""


def save(project: Project, path: Path) -> None:
    """Write a project, with the place of its data as seen from there. The file is whole or, where that fails,
    as it was before. Raises `Trouble`.
    """
    write_text(path, dumps(evolve(project, data=data_seen_from(project.data, path.absolute().parent))))


def load(path: Path) -> Project:
    """Read a project; where its data lies is found from where the file is. Raises `Trouble` that says what
    was expected, what came, and what to do.
    """
    try:
        text = read_bytes(path, LARGEST).decode("utf-8-sig")  # some editors put a mark before the text
    except UnicodeDecodeError:
        raise Trouble(
            "expected a Layerloom project, but {path} is not text; open it with the program that wrote it",
            path=path,
        ) from None
    except Trouble as trouble:
        if isinstance(trouble.__cause__, FileNotFoundError):
            raise Trouble("there is no file {path}; check the name and the folder", path=path) from None
        if isinstance(trouble.__cause__, IsADirectoryError):
            raise Trouble("expected a project file, but {path} is a folder", path=path) from None
        raise
    project = loads(text, str(path))
    return evolve(project, data=data_found_from(project.data, path.absolute().parent))


def dumps(project: Project) -> str:
    """A project as text."""
    return pretty(to_json(project))


def loads(text: str, name: str = "the text") -> Project:
    """The project that `dumps` wrote. `name` says in a sentence where the text is from."""
    data = parse(text, name)
    try:
        return from_json(data, drop_wires=True)
    except Trouble as trouble:
        raise Trouble(
            "{name} is not a whole Layerloom project: {reason}; nothing was changed, open an earlier copy",
            name=name,
            reason=trouble.message,
        ) from None


def to_json(project: Project) -> dict[str, Any]:
    """A project as plain JSON."""
    return {
        "format": FORMAT,
        **graph_to_json(project.graph),
        "data": kinds.values_to_json(project.data),
        "recipe": kinds.values_to_json(project.recipe),
    }


def from_json(data: Mapping[str, Any], drop_wires: bool = False) -> Project:
    """The project that `to_json` wrote. A wire that cannot be is refused, or left out. Raises `Trouble`."""
    return Project(
        graph_from_json(data, drop_wires),
        kinds.values_from_json(DataSettings, member(data, "data", dict)),
        kinds.values_from_json(Recipe, member(data, "recipe", dict)),
    )
