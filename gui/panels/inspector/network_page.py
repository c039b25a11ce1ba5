"""What the inspector says while nothing is selected: the network as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine import edits
from engine.analysis.memory import footprint
from engine.message import Illegal, Message, Refused
from engine.project.blocks import layers_in_all
from gui.controls import Form, FormRow, Label, Section, TextField
from gui.style import theme
from gui.text.words import at_least, bytes_text, exact, filled, short

if TYPE_CHECKING:
    from gui.document.workspace import Workspace


class NetworkPage(QWidget):
    """Name, size, cost, data and device of the network in front."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.name = TextField("", accept=self._accept, name=self.tr("Name of the network"))
        self.name.value_changed.connect(self._rename)
        self.name.editing_finished.connect(self._seal)
        head = QWidget(self)
        column = QVBoxLayout(head)
        column.setContentsMargins(theme.PANEL_PADDING, 12, theme.PANEL_PADDING, 8)
        column.setSpacing(8)
        column.addWidget(Label(self.tr("Network"), "card"))
        column.addWidget(FormRow(self.tr("Name"), self.name, self.tr("It also names the class in the code.")))
        size = Section(self.tr("Cost"))
        form = Form()
        size.add(form)
        self.layers = form.fact(self.tr("Layers"))
        self.parameters = form.fact(self.tr("Parameters"))
        self.macs = form.fact(self.tr("Multiply-adds"))
        self.memory = form.fact(self.tr("Memory"))
        about = Section(self.tr("Data and training"))
        form = Form()
        about.add(form)
        self.data = form.fact(self.tr("Data"))
        self.samples = form.fact(self.tr("Samples"))
        self.device = form.fact(self.tr("Device"))
        self.recipe = form.fact(self.tr("Optimiser"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for part in (head, size, about):
            whole.addWidget(part)

    def refresh(self) -> None:
        """Show the network in front as it is now."""
        document = self.workspace.current
        project, analysis = document.project, document.analysis
        if self.name.value() != project.graph.name:
            self.name.set_value(project.graph.name)
        left_out = len(project.graph.nodes) - len(project.graph.alive)
        note = self.tr("{number} left out").format(number=exact(left_out)) if left_out else ""
        if project.graph.blocks:
            every = exact(layers_in_all(project.graph.nodes.values()))
            note = self.tr("drawn, {number} in all").format(number=every) + (note and f", {note}")
        self.layers.set(exact(len(project.graph.nodes)), note)
        if analysis is not None:
            parameters, macs = analysis.parameters, analysis.macs
            self.parameters.set(at_least(exact(parameters), parameters, analysis.sized))
            self.macs.set(at_least(exact(macs), macs, analysis.counted), self.tr("per sample"))
            needed = footprint(analysis)
            self.memory.set(
                bytes_text(needed.whole),
                self.tr("about, for {batch}").format(batch=exact(needed.batch)),
            )
            schema = analysis.schema
            if schema is not None:
                self.samples.set(exact(schema.samples), "" if not schema.series else self.tr("a series"))
        self.data.set(QCoreApplication.translate("engine", project.data.source.label()))
        device = project.recipe.device
        names = {
            "auto": self.tr("chosen at the start"),
            "cpu": "CPU",
            "cuda": "GPU (CUDA)",
            "mps": "GPU (Apple)",
        }
        self.device.set(names.get(device, device))
        optimiser = project.recipe.optimiser
        rate = getattr(optimiser, "rate", None)
        self.recipe.set(optimiser.label(), self.tr("rate {rate}").format(rate=f"{rate:g}") if rate else "")
        self.setAccessibleName(
            filled(
                self.tr("{name}: {layers} layer{layers:|s}, {parameters} parameter{parameters:|s}"),
                name=project.graph.name,
                layers=len(project.graph.nodes),
                parameters=short(analysis.parameters) if analysis is not None else "?",
            )
        )

    def _accept(self, text: str) -> str:
        try:
            return edits.set_title(self.workspace.current.project, text).graph.name
        except Refused as refused:
            raise Illegal(refused.message) from None

    def _rename(self, text: str) -> None:
        self.workspace.current.do(edits.set_title, text, label=Message("Rename the network"), merge="title")

    def _seal(self) -> None:
        self.workspace.current.seal()
