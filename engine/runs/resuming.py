"""Going on with a run that was interrupted, stopped or is done: from its last moment, to more epochs."""

from __future__ import annotations

from engine import edits, kinds
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.runs import reached
from engine.runs.record import COMPLETE, Record
from engine.training.changes import adopted


def obstacle(record: Record) -> Message | None:
    """Why a run cannot go on; None where it can."""
    if record.problem is not None:
        return record.problem
    number = record.number
    if record.state == "running":
        return Message("Run {number} still trains. Stop it first.", number=number)
    if record.state not in COMPLETE | {"interrupted"}:
        return Message(
            "Run {number} failed and would fail again. Change what failed, and train anew.", number=number
        )
    if (record.folder / "checkpoint.pt").exists():
        return None
    if record.state == "interrupted":
        return Message(
            "Run {number} was interrupted before its first checkpoint. Train its network anew.", number=number
        )
    return Message(
        "Run {number} has no checkpoint in its folder, only its weights. Train its network anew.",
        number=number,
    )


def continued(record: Record, epochs: int | None = None) -> Project:
    """The project with which a run goes on, to be trained as `resumed`: its own, with so many epochs in all
    where others are wanted. Raises `Trouble` where it cannot.
    """
    hindrance = obstacle(record)
    if hindrance is not None:
        raise Trouble(hindrance)
    project = record.project
    after = {name: values[1] for one in record.changes for name, values in one["settings"].items()}
    project = edits.set_recipe(project, adopted(project.recipe, after))
    wanted = epochs if epochs is not None else project.recipe.epochs
    # one that was interrupted goes on from its checkpoint, before where its curves end
    done = 0.0 if record.state == "interrupted" else reached.epochs(record) or 0.0
    if wanted <= done:
        raise Trouble(
            "Run {number} has gone through {done} epochs, and {wanted} in all are asked for. Ask for more.",
            number=record.number,
            done=f"{done:.1f}".removesuffix(".0"),
            wanted=wanted,
        )
    return edits.set_recipe(project, kinds.changed(project.recipe, "epochs", wanted))
