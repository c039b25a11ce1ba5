"""What the inspector says about one layer, or about several whose settings are edited together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCursor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from engine import edits, kinds
from engine.edits import blocks, sharing
from engine.kinds import BlockEnd, Layer, Unknown
from engine.kinds.unreadable import Misset
from engine.layers.ends import Input, Output
from engine.message import Illegal, Message, Refused
from engine.project.blocks import Use
from engine.project.graph import Node
from gui.controls import ElidedLabel, Fact, Form, IconButton, Label, Section, TextField
from gui.forms.kind_form import KindForm, Path
from gui.panels.inspector.block_parts import SharingSection, UseSection
from gui.panels.inspector.layer_facts import (
    arrivals,
    escaped,
    form_context,
    repair_project,
    set_settings,
    shared_settings,
)
from gui.panels.inspector.meaning import Meaning
from gui.panels.inspector.shapes_box import ShapesBox
from gui.panels.problems.box import ProblemBox
from gui.style import theme
from gui.style.kind_icons import KindIcon
from gui.text.words import bytes_text, exact, percent, words

if TYPE_CHECKING:
    from engine.analysis.results import Analysis, Facts
    from gui.document.workspace import Workspace

NAME, LEAST_NAME = 118, 56
"""The usual and the least width of the field for a layer's name, in px at 100 %."""


class LayerPage(QWidget):
    """Head, problems, shapes, settings, cost and meaning of what is selected."""

    menu_wanted = Signal(object)
    """The button below which the menu opens."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.ids: tuple[str, ...] = ()
        self.form: KindForm | None = None
        self._forms: dict[object, KindForm] = {}
        self._told: Any = None
        self._build()

    def _build(self) -> None:
        pad = theme.PANEL_PADDING
        self.icon = KindIcon(self)
        self.title = ElidedLabel("", "card")
        self.title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.name = TextField("", accept=self._accept_name, name=self.tr("Name of the layer"))
        self.name.value_changed.connect(self._rename)
        self.name.editing_finished.connect(self._seal)
        self.more = IconButton("more", self.tr("More for this layer"), side=26)
        self.more.clicked.connect(self._more)
        self._head = head = QHBoxLayout()
        head.setContentsMargins(pad, 12, pad - 6, 10)
        head.setSpacing(theme.px(8))
        head.addWidget(self.icon)
        head.addWidget(self.title, 1)
        head.addWidget(self.name)
        head.addWidget(self.more)
        head.setStretchFactor(self.title, 1)
        self.problems = ProblemBox(self)
        self.problems.chosen.connect(self._repair)
        self.left_out = Label(
            self.tr("Left out of training: no wire leads from here to an Output."), "hint", "text2", wrap=True
        )
        self.left_out.setContentsMargins(0, 0, 0, theme.px(8))
        self.shapes = ShapesBox(self)
        self._settings = QVBoxLayout()
        self._settings.setContentsMargins(pad, 0, pad, 8)
        self._settings.setSpacing(0)
        self._settings.addWidget(self.left_out)
        self._settings.addWidget(self.shapes)
        self._settings.addSpacing(theme.px(8))
        self.note = Label("", "hint", "text3", wrap=True)
        self._settings.addWidget(self.note)
        self.cost = Section(self.tr("Cost"))
        form = Form()
        self.cost.add(form)
        self.parameters: Fact = form.fact(self.tr("Parameters"))
        self.macs: Fact = form.fact(self.tr("Multiply-adds"))
        self.activations: Fact = form.fact(self.tr("Activations"))
        self.meaning = Meaning(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._column.addWidget(self.problems)
        self._column.addLayout(self._settings)
        self.block = UseSection(self)
        self.block.open_wanted.connect(self._open_block)
        self.block.detach_wanted.connect(self._detach)
        self.block.use_chosen.connect(self._show_use)
        self.sharing = SharingSection(self)
        self.sharing.own_wanted.connect(self._unshare)
        self.sharing.node_chosen.connect(self._show_node)
        self._column.addWidget(self.block)
        self._column.addWidget(self.sharing)
        self._column.addWidget(self.cost)
        self._column.addWidget(self.meaning)

    def _share_head(self, _: object = None) -> None:
        """Give the kind's name the room it needs, and its own name what is left of its usual room."""
        taken = self.icon.width() + self.more.width() + 3 * self._head.spacing()
        margins = self._head.contentsMargins()
        room = self.width() - margins.left() - margins.right() - taken - self.title.sizeHint().width()
        self.name.setFixedWidth(max(theme.px(LEAST_NAME), min(theme.px(NAME), room)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_head()

    # ------------------------------------------------------------------ show

    def show_layers(self, ids: tuple[str, ...]) -> None:
        """Show these layers, of which there is at least one."""
        if ids != self.ids:
            self.ids = ids
            self._column.removeWidget(self.problems)
            self._column.insertWidget(1, self.problems)
        self.refresh()

    def nodes(self) -> list[Node]:
        graph = self.workspace.current.level.project.graph
        return [graph.nodes[id] for id in self.ids if id in graph.nodes]

    def refresh(self) -> None:
        """Show what is known now; what is the same is left alone."""
        nodes = self.nodes()
        if not nodes:
            return
        level = self.workspace.current.level
        analysis = level.analysis
        facts = [analysis.nodes.get(node.id) for node in nodes] if analysis is not None else []
        told = (
            tuple(nodes),
            tuple(facts),
            level.path,
            level.block and level.block.exposed,
            self.workspace.current.project.graph if isinstance(nodes[0].kind, Use) else None,
            analysis
            and (analysis.macs, analysis.parameters, [str(p.message) for p in analysis.of(nodes[0].id)]),
            theme.text_scale(),
        )
        if told == self._told:
            return
        self._told = told
        first = nodes[0]
        several = len(nodes) > 1
        self._show_head(nodes)
        self._show_form(nodes, analysis)
        self.shapes.setVisible(not several)
        self.meaning.setVisible(not several)
        known = [f for f in facts if f is not None]
        self.block.setVisible(not several and isinstance(first.kind, Use))
        self.sharing.setVisible(not several and self.sharing.show_sharing(level.project.graph, first.id))
        if not several and isinstance(first.kind, Use):
            whole = self.workspace.current.project.graph
            self.block.show_block(whole, first.kind.block, (*level.path, first.id))
        if not several:
            self._show_problems(analysis)
            self.shapes.set_facts(
                known[0] if known else None, bool(first.kind.ports()), bool(first.kind.outputs)
            )
            self.meaning.show_layer(first, known[0] if known else None, analysis)
        else:
            self.problems.set_problems(())
        told_already = not several and any(said.problem.name == "left-out" for said in self.problems.said)
        self.left_out.setVisible(bool(known) and all(f.left_out for f in known) and not told_already)
        self._show_cost(nodes, known, analysis)

    def _show_head(self, nodes: list[Node]) -> None:
        first, several = nodes[0], len(nodes) > 1
        self.icon.set_kind(first.kind)
        same = len({_sort(node.kind) for node in nodes}) == 1
        label = words(Message(escaped(first.kind.label())))
        if several:
            label = self.tr("{number} layers").format(number=len(nodes)) + (f", {label}" if same else "")
        self.icon.setVisible(same)
        self.title.setText(label)
        self._share_head()
        self.name.setVisible(not several)
        if not several and self.name.value() != first.name:
            self.name.set_value(first.name)

    def _show_problems(self, analysis: Analysis | None) -> None:
        found = analysis.of(self.ids[0]) if analysis is not None else ()
        if found and not self.problems.said and self.form is not None and self.form.holds_focus():
            # what the hand is on must not move: the box comes below the form until another layer is chosen
            self._column.removeWidget(self.problems)
            self._column.insertWidget(2, self.problems)
        self.problems.set_problems(found)

    def _show_form(self, nodes: list[Node], analysis: Analysis | None) -> None:
        first = nodes[0]
        same = len({_sort(node.kind) for node in nodes}) == 1
        only = None if same else shared_settings(nodes)
        key = (_sort(first.kind), only)
        if self.form is not self._forms.get(key) or self.form is None:
            if self.form is not None:
                self.form.hide()
            if key not in self._forms:
                self._forms[key] = self._make_form(first.kind, only)
            self.form = self._forms[key]
            self.form.show()
        names = [p.name for p in kinds.params(first.kind) if only is None or p.name in only]
        varying = frozenset(
            name for name in names if len({repr(getattr(node.kind, name)) for node in nodes}) > 1
        )
        self.form.show_kind(first.kind, form_context(first, analysis), varying)
        self.form.show_pins(self._offered(nodes))
        if isinstance(first.kind, Misset) and len(nodes) == 1:
            faults = {(fault.name,): words(fault.reason) for fault in first.kind.faults}
            for path in self.form.fields():
                self.form.error(path, faults.get(path, ""))
        self.note.setText(
            "" if names or len(nodes) == 1 else self.tr("These layers have no setting in common.")
        )
        self.note.setVisible(bool(self.note.text()))

    def _offered(self, nodes: list[Node]) -> dict[str, str] | None:
        """What the open block offers of the layer, by the names of its settings; None where none is open."""
        level = self.workspace.current.level
        if level.block is None or len(nodes) > 1 or isinstance(nodes[0].kind, BlockEnd | Unknown):
            return None
        return {one.param: one.name for one in level.block.exposed if one.node == nodes[0].id}

    def _make_form(self, kind: Layer, only: frozenset[str] | None) -> KindForm:
        form = KindForm(kind if isinstance(kind, Use | Misset) else type(kind), only, self)
        form.pinned.connect(self._pin)
        form.changed.connect(self._set)
        form.finished.connect(self._seal)
        self._settings.addWidget(form)
        return form

    def _show_cost(self, nodes: list[Node], facts: list[Facts], analysis: Analysis | None) -> None:
        first = nodes[0]
        shown = bool(facts) and not isinstance(first.kind, Input | Output)
        self.cost.setVisible(shown or len(nodes) > 1)
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
        if len(nodes) == 1 and facts[0].shares in self.workspace.current.level.project.graph.nodes:
            owner = self.workspace.current.level.node(facts[0].shares)
            count = self.tr("counted at {name}").format(name=owner.name)
        if macs and analysis.macs and not any(f.left_out for f in facts):
            share = self.tr("{share} of all").format(share=percent(macs / analysis.macs))
        self.parameters.set(exact(parameters), count)
        self.macs.set(exact(macs), share)
        self.activations.set(bytes_text(sum(f.activation_bytes for f in facts)), self.tr("per sample"))

    # ------------------------------------------------------------------ edit

    def _set(self, path: Path, value: object) -> None:
        nodes = self.nodes()
        if not nodes or self.form is None:
            return
        param = next(p for p in kinds.params(nodes[0].kind) if p.name == path[0])
        what = Message(param.label.lower()) if len(path) == 1 else Message(path[-1].replace("_", " "))
        label = Message("Set {setting} of {name}", setting=what, name=nodes[0].name)
        if len(nodes) > 1:
            label = Message("Set {setting} of {number} layers", setting=what, number=len(nodes))
        ids = [node.id for node in nodes]
        try:
            set_settings(self.workspace.current.level.project, ids, path, value)
        except (Illegal, Refused) as refused:
            self.form.error(path, words(refused))
            return
        level = self.workspace.current.level
        own = level.chosen_here(ids[0], path[0]) if len(ids) == 1 and len(path) == 1 else None
        if own is not None:
            self._set_here(own.name, value, label)
            return
        self._told = None  # the field is ahead of what was told: an undo before the next refresh must show
        self.workspace.current.level.do(
            set_settings, ids, path, value, label=label, merge=("set", *ids, path)
        )

    def _set_here(self, name: str, value: object, label: Message) -> None:
        """Set what this use of the open block has chosen for itself: it counts, not the definition's."""
        document = self.workspace.current
        above, id = document.level.path[:-1], document.level.path[-1]
        arguments = {"id": id, "name": name, "value": value}
        self._told = None
        document.do(blocks.inside, above, edits.set_param, **arguments, label=label, merge=("own", id, name))

    def _pin(self, param: str, on: bool) -> None:
        """Offer a setting to the uses of the open block, or keep it inside."""
        document, id = self.workspace.current, self.ids[0]
        path, known = document.level.path, document.level.exposed(id, param)
        what = {"setting": Message(param.replace("_", " ")), "name": document.level.node(id).name}
        self._told = None
        block = document.level.block
        if on and known is None and block is not None:
            names = blocks.companions(block, id, param)
            if names:
                self._ask_with(param, names)
                return
            self._offer(param, None)
        elif not on and known is not None:
            label = Message("Keep {setting} of {name} inside", **what)
            document.do(blocks.unexpose, path, known.name, id, label=label)
        self.refresh()

    def _ask_with(self, param: str, names: Sequence[str]) -> None:
        """Ask whether the uses choose a setting by itself, or together with one that is offered already."""
        self.menu = QMenu(self)
        self.menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu.addAction(self.tr("Offer it by itself"), partial(self._offer, param, None))
        for name in names:
            text = self.tr("Offer it together with {name}").format(name=name)
            self.menu.addAction(text, partial(self._offer, param, name))
        self.menu.aboutToHide.connect(self._part_pins)
        self.menu.popup(QCursor.pos())

    def _part_pins(self) -> None:
        """Show the pins as they are: an open menu may be left without a choice."""
        self._told = None
        self.refresh()

    def _offer(self, param: str, name: str | None) -> None:
        document, id = self.workspace.current, self.ids[0]
        setting = Message(param.replace("_", " "))
        label = Message("Offer {setting} of {name}", setting=setting, name=document.level.node(id).name)
        document.do(blocks.expose, document.level.path, id, param, name, label=label)

    def _open_block(self) -> None:
        self.workspace.current.level.enter(self.ids[0])

    def _detach(self) -> None:
        label = Message("Detach {name}", name=self.nodes()[0].kind.label())
        self.workspace.current.level.do(blocks.detach, self.ids[0], label=label)

    def _show_use(self, path: Any) -> None:
        self.workspace.current.level.open(path[:-1])
        self._show_node(path[-1])

    def _show_node(self, id: Any) -> None:
        self.workspace.current.select([id])
        self.workspace.reveal.emit(frozenset([id]))

    def _unshare(self) -> None:
        label = Message("Weights of its own for {name}", name=self.nodes()[0].name)
        self.workspace.current.level.do(sharing.unshare, self.ids[0], label=label)

    def _seal(self) -> None:
        self.workspace.current.seal()

    def _accept_name(self, text: str) -> str:
        try:
            project = edits.rename(self.workspace.current.level.project, self.ids[0], text)
        except Refused as refused:
            raise Illegal(refused.message) from None
        return project.graph.nodes[self.ids[0]].name

    def _rename(self, text: str) -> None:
        label = Message("Rename {name}", name=self.nodes()[0].name)
        self.workspace.current.level.do(
            edits.rename, self.ids[0], text, label=label, merge=("name", self.ids[0])
        )

    def _repair(self, repair: Any) -> None:
        self.workspace.current.level.do(repair_project, repair, label=repair.title)

    def _more(self) -> None:
        self.menu_wanted.emit(self.more)


def _sort(kind: Layer) -> object:
    """What layers have in common that one form can show: their class, or their block."""
    if isinstance(kind, Misset):
        return Misset, type(kind.meant)
    if not isinstance(kind, Use):
        return type(kind)
    settings = tuple((p.name, p.label, repr(p.form)) for p in kinds.params(kind))
    return Use, kind.block.name, settings
