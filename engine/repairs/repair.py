"""A way out of a problem, as a value: the edits it makes, what it costs, and how it is written as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from engine import kinds
from engine.edits.named import by_name
from engine.kinds import Kind
from engine.message import Message
from engine.project.graph import Wire
from engine.project.project import Project

REMOVING = frozenset({"remove", "dissolve", "disconnect"})
DROPPING = frozenset({"dissolve", "disconnect"})


@frozen
class NamedEdit:
    """One edit by its name, with its arguments. One with a `path` is made inside the block it leads to."""

    edit: str
    arguments: Mapping[str, Any]

    def apply(self, project: Project) -> Project:
        """Make the edit. Raises `Refused` or `Illegal` as the edit itself does."""
        return by_name(self.edit)(project, **self.arguments)

    def within(self, id: str) -> NamedEdit:
        """The same edit for a project in which a node uses the block that the edit is made in."""
        if self.edit == "inside":
            return NamedEdit("inside", {**self.arguments, "path": (id, *self.arguments["path"])})
        return NamedEdit("inside", {"path": (id,), "edit": self.edit, **self.arguments})

    @property
    def removes(self) -> bool:
        """Whether it takes away a layer, a block or a wire that was drawn."""
        edit = self.arguments["edit"] if self.edit == "inside" else self.edit
        return edit in REMOVING or bool(self.arguments.get("replace"))

    @property
    def drops(self) -> bool:
        """Whether it takes away what something flows through."""
        edit = self.arguments["edit"] if self.edit == "inside" else self.edit
        return edit in DROPPING

    def json(self) -> dict[str, Any]:
        """The edit as plain JSON."""
        return {"edit": self.edit, **{name: _plain(value) for name, value in self.arguments.items()}}


@frozen
class Repair:
    """A way out: what it is called, the edits it makes, what it costs, and the shapes that come of it.

    `parameters_delta` is None until the repair was tried. `shapes` reads "N×64×7×7 to N×3136 to N×10".
    """

    title: Message
    steps: tuple[NamedEdit, ...]
    parameters_delta: int | None = None
    shapes: str = ""
    breaks: bool = field(default=False, metadata={"doc": "whether a new error appears elsewhere"})
    safe: bool = field(
        default=True, metadata={"doc": "whether it removes nothing and no new error appears elsewhere"}
    )

    @property
    def removes(self) -> bool:
        """Whether it takes away a layer, a block or a wire that was drawn."""
        return any(step.removes for step in self.steps)

    @property
    def drops(self) -> bool:
        """Whether it takes away what something flows through."""
        return any(step.drops for step in self.steps)

    def apply(self, project: Project) -> Project:
        """The project with the repair made."""
        for step in self.steps:
            project = step.apply(project)
        return project


def single(title: Message, edit: str, **arguments: Any) -> Repair:
    """A repair of one edit."""
    return Repair(title, (NamedEdit(edit, arguments),))


def to_json(repairs: Iterable[Repair]) -> Iterator[dict[str, Any]]:
    """Repairs as plain JSON."""
    for repair in repairs:
        yield {
            "title": str(repair.title),
            "parameters_delta": repair.parameters_delta,
            "edits": [step.json() for step in repair.steps],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Wire):
        return [value.source, value.output, value.target, value.input]
    if isinstance(value, Kind):
        return kinds.to_json(value) if isinstance(value, kinds.registries()) else kinds.values_to_json(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value
