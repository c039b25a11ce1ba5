"""Whether a wire in the hand fits a port: asked for each port once while it is in the hand. Without Qt."""

from __future__ import annotations

from attrs import frozen

from engine import edits
from engine.analysis.check import check
from engine.analysis.results import Analysis
from engine.analysis.wiring import fits, outcome
from engine.kinds import Layer
from engine.kinds.shapes import Shape
from engine.message import Message, Refused
from engine.project.graph import Wire
from engine.project.project import Project
from engine.repairs.refusal import Refusal, refusal


@frozen
class WireEnd:
    """One end of a wire: a port of a node."""

    id: str
    port: str
    entry: bool


def wire_between(one: WireEnd, other: WireEnd) -> Wire | None:
    """The wire between two ends, or None where both are inputs or both outputs."""
    if one.entry == other.entry:
        return None
    start, end = (other, one) if one.entry else (one, other)
    return Wire(start.id, start.port, end.id, end.port)


class Fitting:
    """Answers for one project. If nothing is known, `analysis` is None and only the graph's rules count."""

    def __init__(self, project: Project, analysis: Analysis | None) -> None:
        self.project = project
        self.analysis = analysis
        self._answers: dict[Wire, bool] = {}

    def fits(self, wire: Wire) -> bool:
        """Whether that wire may be drawn."""
        answer = self._answers.get(wire)
        if answer is None:
            answer = self._answers[wire] = self._fits(wire)
        return answer

    def _fits(self, wire: Wire) -> bool:
        ends = (wire.source, wire.output, wire.target, wire.input)
        if self.analysis is not None:
            return fits(self.analysis, *ends)
        try:
            edits.connect(self.project, *ends)
        except Refused:
            return False
        return True

    def refusal(self, wire: Wire) -> Refusal | Message | None:
        """Why that wire may not be drawn, with ways out where they are known. None where it may."""
        ends = (wire.source, wire.output, wire.target, wire.input)
        if self.analysis is not None:
            return refusal(self.analysis, *ends)
        try:
            edits.connect(self.project, *ends)
        except Refused as refused:
            return refused.message
        return None

    def grown(self, project: Project) -> Fitting:
        """The answers for what an edit made of the project."""
        return _checked(project, self.analysis)

    def shape(self, id: str, output: str) -> Shape | None:
        """What an output puts out, where that is known."""
        facts = self.analysis.nodes.get(id) if self.analysis else None
        return facts.outputs.get(output) if facts else None

    def outcome(self, id: str, output: str, kind: Layer) -> Shape | Message | None:
        """What a layer would put out after an output, why it does not fit, or None where nothing is known."""
        if self.analysis is None or self.shape(id, output) is None:
            return None
        return outcome(self.analysis, id, output, kind)


def without(project: Project, analysis: Analysis | None, wire: Wire) -> Fitting:
    """The answers for the project without a wire, as while its end is in the hand."""
    return _checked(edits.disconnect(project, [wire]), analysis)


def _checked(project: Project, analysis: Analysis | None) -> Fitting:
    """The answers for a project, where something is known of the one that it was made of."""
    if analysis is None:
        return Fitting(project, None)
    return Fitting(project, check(project, analysis))
