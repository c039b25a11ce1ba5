"""What the selected layers cost: parameters, multiply-adds, memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from engine.layers.input_output import Input, Output
from engine.project.graph import Graph, Node
from gui.controls import Form, Section
from gui.panels.inspector.layer_facts import arrivals
from gui.text.words import at_least, bytes_text, exact, percent

if TYPE_CHECKING:
    from engine.analysis.results import Analysis, Facts


class CostSection(Section):
    """Sums over all of them; of a single one also how its parameters are counted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("CostSection", "Cost"), parent=parent)
        form = Form()
        self.add(form)
        self.parameters = form.fact(self.tr("Parameters"))
        self.macs = form.fact(self.tr("Multiply-adds"))
        self.activations = form.fact(self.tr("Activations"))

    def show_cost(
        self, nodes: list[Node], facts: list[Facts], graph: Graph, analysis: Analysis | None
    ) -> None:
        """Show what these layers of a graph cost; `facts` are of those that something is known of."""
        first = nodes[0]
        costs = bool(facts) and not isinstance(first.kind, Input | Output)
        self.setVisible(costs or len(nodes) > 1)
        if not facts or analysis is None:
            return
        if not all(f.known for f in facts):
            for fact in (self.parameters, self.macs, self.activations):
                fact.set("?", self.tr("not known yet") if fact is self.parameters else "")
            return
        parameters, macs = sum(f.parameters for f in facts), sum(f.macs for f in facts)
        count, share = "", ""
        if len(nodes) == 1 and parameters:
            count = first.kind.count(*arrivals(first.kind, facts[0]))
        if len(nodes) == 1 and facts[0].shares in graph.nodes:
            count = self.tr("counted at {name}").format(name=graph.nodes[facts[0].shares].name)
        if macs and analysis.macs and not any(f.unused for f in facts):
            share = self.tr("{share} of all").format(share=percent(macs / analysis.macs))
        self.parameters.set(exact(parameters), count)
        counted = not any(f.uncounted for f in facts)
        self.macs.set(at_least(exact(macs), macs, counted), share if counted else "")
        self.activations.set(bytes_text(sum(f.activation_bytes for f in facts)), self.tr("per sample"))
