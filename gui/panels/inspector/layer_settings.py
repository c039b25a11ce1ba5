"""The shapes and the settings of the selected layers, with pins where a block is open."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from engine import kinds
from engine.edits import blocks
from engine.kinds import BlockEnd, Layer, Unknown
from engine.kinds.unreadable import InvalidLayer
from engine.message import Illegal, Refused
from engine.project.blocks import Use
from engine.project.graph import Node
from gui.controls import Label
from gui.forms.kind_form import KindForm, SettingPath
from gui.panels.inspector.layer_edits import LayerEdits
from gui.panels.inspector.layer_facts import form_context, kind_key, shared_settings
from gui.panels.inspector.shapes_box import ShapesBox
from gui.style import theme
from gui.text.words import words

if TYPE_CHECKING:
    from engine.analysis.results import Analysis


class LayerSettings(QWidget):
    """A form for each kind that was selected, made once and shown again; layers of several kinds have one
    for what they have in common.
    """

    edited = Signal()
    """A field or a pin is ahead of what is shown: an undo before the next refresh must show."""
    pins_outdated = Signal()
    """A pin was pressed: it is to be shown as the block has it."""

    def __init__(self, edits: LayerEdits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edits = edits
        self.form: KindForm | None = None
        self._forms: dict[object, KindForm] = {}
        self.left_out = Label(
            self.tr("Left out of training: no wire leads from here to an Output."), "hint", "text2", wrap=True
        )
        self.left_out.setContentsMargins(0, 0, 0, theme.px(8))
        self.shapes = ShapesBox(self)
        self.note = Label("", "hint", "text3", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.PANEL_PADDING, 0, theme.PANEL_PADDING, 8)
        self._column.setSpacing(0)
        self._column.addWidget(self.left_out)
        self._column.addWidget(self.shapes)
        self._column.addSpacing(theme.px(8))
        self._column.addWidget(self.note)

    def show_nodes(self, nodes: list[Node], analysis: Analysis | None) -> None:
        """Show the settings of these layers, of which there is at least one."""
        first = nodes[0]
        same = len({kind_key(node.kind) for node in nodes}) == 1
        only = None if same else shared_settings(nodes)
        form = self._bring_form(first.kind, only)
        names = [p.name for p in kinds.params(first.kind) if only is None or p.name in only]
        varying = frozenset(
            name for name in names if len({repr(getattr(node.kind, name)) for node in nodes}) > 1
        )
        form.show_kind(first.kind, form_context(first, analysis), varying)
        form.show_pins(self._offered(nodes))
        trained = [(node.kind, self._edits.trained(node)) for node in nodes]
        form.show_waiting(trained[0][1], trained[1:])
        if isinstance(first.kind, InvalidLayer) and len(nodes) == 1:
            faults: dict[SettingPath, str] = {
                (fault.name,): words(fault.reason) for fault in first.kind.invalid
            }
            for path in form.fields():
                form.error(path, faults.get(path, ""))
        self.note.setText(
            "" if names or len(nodes) == 1 else self.tr("These layers have no setting in common.")
        )
        self.note.setVisible(bool(self.note.text()))

    def _bring_form(self, kind: Layer, only: frozenset[str] | None) -> KindForm:
        """Show the form of a kind in the place of the one that was shown."""
        key = (kind_key(kind), only)
        form = self._forms.get(key)
        if form is None:
            form = KindForm(kind if isinstance(kind, Use | InvalidLayer) else type(kind), only, self)
            form.pinned.connect(self._pin)
            form.changed.connect(self._set)
            form.finished.connect(self._edits.seal)
            self._forms[key] = form
            self._column.addWidget(form)
        if form is not self.form:
            if self.form is not None:
                self.form.hide()
            self.form = form
            form.show()
        return form

    def _set(self, path: SettingPath, value: object) -> None:
        assert self.form is not None
        try:
            self._edits.set(path, value)
        except (Illegal, Refused) as refused:
            self.form.error(path, words(refused))
            return
        self.edited.emit()

    # ------------------------------------------------------------------ pins

    def _offered(self, nodes: list[Node]) -> dict[str, str] | None:
        """What the open block offers of the layer, by the names of its settings; None where none is open."""
        block = self._edits.level.block
        if block is None or len(nodes) > 1 or isinstance(nodes[0].kind, BlockEnd | Unknown):
            return None
        return {one.param: one.name for one in block.exposed if one.node == nodes[0].id}

    def _pin(self, param: str, on: bool) -> None:
        """Offer a setting to the uses of the open block, or keep it inside."""
        level, id = self._edits.level, self._edits.ids[0]
        offered, block = level.exposed(id, param), level.block
        self.edited.emit()
        if on and offered is None and block is not None:
            if names := blocks.companions(block, id, param):
                self._ask_with(param, names)
                return
            self._edits.offer(param)
        elif not on and offered is not None:
            self._edits.keep_inside(offered)
        self.pins_outdated.emit()

    def _ask_with(self, param: str, names: Sequence[str]) -> None:
        """Ask whether the uses choose a setting by itself, or together with one that is offered already."""
        self.menu = QMenu(self)
        self.menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu.addAction(self.tr("Offer it by itself"), partial(self._edits.offer, param))
        for name in names:
            text = self.tr("Offer it together with {name}").format(name=name)
            self.menu.addAction(text, partial(self._edits.offer, param, name))
        self.menu.aboutToHide.connect(self.pins_outdated)  # an open menu may be left without a choice
        self.menu.popup(QCursor.pos())
