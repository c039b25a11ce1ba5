"""A run that was started, as all who hear of it know it."""

from __future__ import annotations

from attrs import frozen

from engine.data.prepare import schema
from engine.data.split import sizes
from engine.message import Trouble
from engine.project.project import Project
from gui.document.document import Document
from gui.plots.run_curves import RunCurves


@frozen(eq=False)
class RunInfo:
    """Of which document a run is, of which project, and what it tells."""

    document: Document
    project: Project
    curves: RunCurves


def samples_a_step(project: Project) -> int:
    """How many samples a step takes; 0 where that is not known, since the data cannot be read."""
    try:
        return project.recipe.samples_a_step(sizes(schema(project.data), project.data).train)
    except Trouble:
        return 0
