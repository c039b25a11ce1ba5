"""A run that was started, as all who hear of it know it."""

from __future__ import annotations

from attrs import frozen

from engine.project.project import Project
from gui.document.document import Document
from gui.plots.run_curves import RunCurves


@frozen(eq=False)
class RunInfo:
    """Of which document a run is, of which project, and what it tells."""

    document: Document
    project: Project
    curves: RunCurves
