"""Which panels there are and where each stands at first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from gui.docks.docks import Pane

if TYPE_CHECKING:
    from engine.runs.record import Record
    from gui.session import Session


def tr(text: str) -> str:
    return QCoreApplication.translate("panels", text)


def panes(
    session: Session,
    export: Callable[[Path], None],
    go_on: Callable[[Record], None],
    count_runs: Callable[[int], None],
) -> tuple[Pane, ...]:
    """Every panel and where it stands at first. Each is imported when it is first shown.

    `export` takes out the run of a folder, `go_on` goes on with a run; `count_runs` is told how many there
    are.
    """
    workspace = session.workspace

    def palette() -> QWidget:
        from gui.panels.palette.palette import Palette

        return Palette(workspace)

    def blocks() -> QWidget:
        from gui.panels.palette.blocks import BlocksPanel

        return BlocksPanel(workspace)

    def data() -> QWidget:
        from gui.panels.data.data import DataPanel

        panel = DataPanel(workspace)
        panel.open_wanted.connect(session.data_files.ask)
        panel.page_wanted.connect(lambda: session.page_wanted.emit("data"))
        return panel

    def inspector() -> QWidget:
        from gui.panels.inspector.inspector import Inspector

        return Inspector(workspace)

    def recipe() -> QWidget:
        from gui.panels.training.recipe import RecipePanel

        return RecipePanel(workspace, session.trainer)

    def training() -> QWidget:
        from gui.panels.training.training import TrainingPanel

        panel = TrainingPanel(workspace, session.trainer)
        panel.go_on_wanted.connect(go_on)
        return panel

    def code() -> QWidget:
        from gui.panels.code.code import CodePanel

        return CodePanel(workspace, session.trainer)

    def problems() -> QWidget:
        from gui.panels.problems.problems import Problems

        return Problems(workspace)

    def runs() -> QWidget:
        from gui.panels.runs.runs import RunsPanel

        panel = RunsPanel(workspace, session.trainer)
        panel.export_wanted.connect(export)
        panel.go_on_wanted.connect(go_on)
        panel.counted.connect(count_runs)
        return panel

    def try_sample() -> QWidget:
        from gui.panels.predict.panel import TryPanel

        return TryPanel(workspace, session.trainer)

    return (
        Pane("layers", tr("Layers"), "left", palette),
        Pane("blocks", tr("Blocks"), "left", blocks),
        Pane("data", tr("Data"), "left", data),
        Pane("inspector", tr("Inspector"), "right", inspector),
        Pane("recipe", tr("Training"), "right", recipe),
        Pane("training", tr("Training"), "bottom", training),
        Pane("code", tr("Code"), "bottom", code),
        Pane("problems", tr("Problems"), "bottom", problems),
        Pane("runs", tr("Runs"), "bottom", runs),
        Pane("try", tr("Try"), "bottom", try_sample),
    )
