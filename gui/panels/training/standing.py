"""How a run stands, in words. No widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import QCoreApplication

from engine.training.reports import Failed, Finished
from gui.plots.run_curves import RunCurves
from gui.text.words import words
from gui.training.trainer import end_of

if TYPE_CHECKING:
    from gui.document.document import Document
    from gui.training.trainer import Trainer


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunBar", text)


@frozen
class Standing:
    """How the run stands, in words. `dot` is the token of the dot's colour."""

    words: str
    dot: str = "text3"


def standing(trainer: Trainer, document: Document, curves: RunCurves | None, blocked: bool) -> Standing:
    """How things stand with the run of these curves while that document is in front. `blocked` says that
    training it was refused as it is.
    """
    obstacle = document.analysis.obstacle if document.analysis is not None else None
    if blocked and obstacle is not None and not trainer.running:
        reason = words(obstacle.sentence)
        return Standing(_tr("cannot train: {reason}").format(reason=reason), "error")
    if curves is None:
        return Standing(_tr("ready"))
    state = trainer.state if curves is trainer.curves else end_of(curves)
    run = _tr("run {number}").format(number=curves.number) if curves.number else _tr("run")
    trained = trainer.run_document
    if trainer.running and trained is not None and trained is not document:
        run = _tr("{run} of {name}").format(run=run, name=trained.title)
    if state in {"starting", "running"}:
        return _going(run, curves)
    if state == "paused":
        return Standing(_tr("{run} paused").format(run=run), "warning")
    if state == "stopping":
        return Standing(_tr("{run} stopping").format(run=run), "warning")
    if isinstance(curves.end, Finished):
        return _finished(run, curves, curves.end)
    reason = words(curves.end.message) if isinstance(curves.end, Failed) else ""
    return Standing(_tr("{run} failed: {reason}").format(run=run, reason=reason), "error")


def _going(run: str, curves: RunCurves) -> Standing:
    if curves.start is None:
        return Standing(_tr("starting"), "text3")
    if curves.evaluated is None or curves.best is None:
        return Standing(_tr("{run} training").format(run=run), "success")
    if curves.evaluated.best:
        return Standing(_tr("{run}, improving").format(run=run), "success")
    text = _tr("{run}, best at epoch {epoch}").format(run=run, epoch=_epoch(curves.best_epoch))
    return Standing(text, "warning")


def _finished(run: str, curves: RunCurves, end: Finished) -> Standing:
    state = end_of(curves)
    if state == "stopped" and not end.run and end.warning is not None:
        return Standing(words(end.warning), "text3")
    if state == "stopped":
        text, dot = _tr("{run} stopped, everything kept"), "text3"
    elif state == "interrupted":
        text, dot = _tr("{run} interrupted, weights of epoch {epoch} kept"), "warning"
    elif state == "elsewhere":
        return Standing(_tr("{run} is trained by another program").format(run=run), "text3")
    elif state == "early":
        text, dot = _tr("{run} stopped early, weights of epoch {epoch} kept"), "success"
    elif state == "goal":
        text, dot = _tr("{run} reached its goal, weights of epoch {epoch} kept"), "success"
    elif state == "time":
        text, dot = _tr("{run} trained for its time, weights of epoch {epoch} kept"), "success"
    else:
        text, dot = _tr("{run} done, weights of epoch {epoch} kept"), "success"
    text = text.format(run=run, epoch=_epoch(end.kept_epoch))
    if end.warning is not None and state != "interrupted":
        return Standing(f"{text}. {words(end.warning)}", "warning")
    return Standing(text, dot)


def _epoch(epoch: float) -> str:
    return f"{epoch:.1f}".removesuffix(".0")
