"""Runs of the shelf in the window: opened with their curves, and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine import edits, kinds
from engine.message import Message, Trouble
from engine.runs.resuming import continued
from gui.document.document import Document

if TYPE_CHECKING:
    from engine.project.project import Project
    from engine.runs.record import Record
    from gui.document.workspace import Workspace
    from gui.training.trainer import Trainer


def open_run(workspace: Workspace, trainer: Trainer, record: Record) -> None:
    """Open the very network, data and recipe of a run, with its curves, or bring it to the front where it is
    open.
    """
    try:
        project = record.project
    except Trouble as trouble:
        workspace.say(trouble)
        return
    opened = _first(workspace, lambda one: one.run_number == record.number and one.project == project)
    if trainer.run is not None and trainer.run.number == record.number:
        # it draws the curves as they come
        opened = _first(workspace, trainer.runs_here)
    if opened is not None:
        workspace.switch(opened)
        return
    trainer.last_runs.recall(workspace.new(project), record)


def go_on(workspace: Workspace, trainer: Trainer, record: Record, epochs: int) -> None:
    """Go on with a run, to so many epochs in all: in the document that holds what it trained, else in a new
    one.
    """
    try:
        project = continued(record, epochs)
    except Trouble as trouble:
        workspace.say(trouble)
        return
    document = _first(workspace, lambda one: _trains(one.project, project) and _may_show(one, record))
    if document is not None:
        workspace.switch(document)
        if document.project.recipe != project.recipe:
            label = Message("Train for {epochs} epochs", epochs=epochs)
            document.do(edits.set_recipe, project.recipe, label=label)
    else:
        document = workspace.new(project)
        document.show_run(record.number)
    trainer.train(document, record)


def _trains(one: Project, other: Project) -> bool:
    """Whether two projects compute the same but for how long; where layers stand does not count."""
    recipe = kinds.changed(one.recipe, "epochs", other.recipe.epochs)
    return edits.set_recipe(one, recipe).fingerprint == other.fingerprint


def _may_show(document: Document, record: Record) -> bool:
    """Whether it shows no other run of the shelf."""
    return document.run_number in {None, record.number}


def _first(workspace: Workspace, fits: Callable[[Document], bool]) -> Document | None:
    """The document in front if it fits, else the first one that does."""
    return next((one for one in (workspace.current, *workspace.documents) if fits(one)), None)
