"""Forms made from declarations: every kind has one, and it refuses what the declaration refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine import kinds
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.files.checked_json import boolean
from engine.kinds import Layer, types
from engine.kinds.nested import Nested
from engine.layers.convolution import Conv2d
from engine.layers.input_output import Output
from engine.layers.pooling import MaxPool2d
from engine.layers.tensors import GivenTensor
from engine.losses.classification import CrossEntropy
from engine.losses.loss import Loss
from engine.losses.regression import Huber
from engine.message import Illegal
from engine.metrics.metric import Metric
from engine.optim.optimiser import Optimiser, Schedule
from engine.optim.optimisers import SGD, Adam, AdamW
from engine.optim.schedules import Cosine
from engine.project.recipe import Recipe
from gui import settings
from gui.controls import ChoiceField, FormRow, IntField, OptionalField, SizeField, Switch
from gui.forms.fields import Context, column_options
from gui.forms.given_numbers import GivenNumbers
from gui.forms.kind_form import KindForm, SettingPath, carried, with_setting
from gui.forms.several import SeveralField
from gui.text.kind_help import tip
from tests.gui.panels.panel_story import breathe, shown

EVERY = [
    kind for base in (Layer, Loss, Optimiser, Schedule, Source) for kind in kinds.registry(base).values()
]


class Owner(QObject):
    """Takes what a form announces into a value and hands it back, as the panels do."""

    def __init__(self, form: KindForm, kind: Any) -> None:
        super().__init__(form)
        self.form, self.kind = form, kind
        self.heard: list[tuple[SettingPath, Any]] = []
        form.changed.connect(self.take)
        form.show_kind(kind)

    def take(self, path: SettingPath, value: Any) -> None:
        self.heard.append((path, value))
        self.kind = with_setting(self.kind, path, value)
        self.form.show_kind(self.kind)


def form_of(qtbot: QtBot, kind: Any, only: frozenset[str] | None = None) -> tuple[KindForm, Owner]:
    settings.remember("form/more", True)
    form = KindForm(type(kind), only)
    owner = Owner(form, kind)
    shown(qtbot, form)
    return form, owner


def typed(qtbot: QtBot, field: QWidget, text: str) -> None:
    """Type over what stands in a field."""
    line = field.lineEdit() if isinstance(field, IntField) else field
    field.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


@pytest.mark.parametrize("kind", [*EVERY, Recipe, DataSettings], ids=lambda kind: kind.__name__)
def test_every_setting_of_every_kind_has_a_field_that_shows_it(qtbot: QtBot, gui: object, kind: type) -> None:
    form = KindForm(kind)
    qtbot.addWidget(form)
    value = kind()
    form.show_kind(value)
    fields = form.fields()
    for param in (one for one in kinds.params(kind) if not one.hidden):
        field = fields[(param.name,)]
        held = getattr(value, param.name)
        expected = type(held).__name__ if isinstance(param.type, Nested) else held
        assert field.value() == expected, param.name
        name = field.accessibleName() or (field.focusProxy() and field.focusProxy().accessibleName())
        assert name, param.name


def test_a_legal_value_is_announced_while_one_types(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, Conv2d())
    typed(qtbot, form.fields()[("out_channels",)], "64")
    assert owner.heard == [(("out_channels",), 6), (("out_channels",), 64)]
    assert owner.kind.out_channels == 64


def test_an_illegal_value_is_marked_and_never_announced(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, Conv2d())
    field = form.fields()[("out_channels",)]
    typed(qtbot, field, "0")
    assert owner.heard == []
    assert field.property("wrong")
    assert "at least 1" in field.toolTip()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.lineEdit().text() == "32"
    assert not field.property("wrong")


def test_linked_sizes_change_together(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, Conv2d())
    size = form.fields()[("kernel_size",)]
    assert isinstance(size, SizeField)
    typed(qtbot, size.fields[0], "5")
    assert owner.kind.kernel_size == 5
    qtbot.mouseClick(size.chains[0], Qt.MouseButton.LeftButton)
    typed(qtbot, size.fields[1], "3")
    assert owner.kind.kernel_size == (5, 3)


def test_what_may_be_none_has_a_switch(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, MaxPool2d())
    stride = form.fields()[("stride",)]
    assert isinstance(stride, OptionalField)
    assert stride.value() is None
    qtbot.mouseClick(stride.switch, Qt.MouseButton.LeftButton)
    assert owner.kind.stride is not None
    qtbot.mouseClick(stride.switch, Qt.MouseButton.LeftButton)
    assert owner.kind.stride is None


def test_a_nested_kind_shows_the_settings_of_the_chosen_one(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, Output())
    assert ("loss", "label_smoothing") in form.fields()
    choice = form.fields()[("loss",)]
    choice.value_changed.emit("Huber")
    assert owner.kind.loss == Huber()
    assert ("loss", "delta") in form.fields()
    assert ("loss", "label_smoothing") not in form.fields()
    breathe(qtbot)
    form.fields()[("loss", "delta")].value_changed.emit(2.0)
    assert owner.kind.loss == Huber(delta=2.0)
    assert owner.heard[-1] == (("loss", "delta"), 2.0)


def test_every_choice_among_kinds_says_what_each_of_them_is(qtbot: QtBot, gui: object) -> None:
    """Losses, metrics, optimisers, schedules and initialisations, where a person chooses them."""
    for cls, name in (
        (Output, "loss"),
        (Recipe, "optimiser"),
        (Recipe, "schedule"),
        (Conv2d, "initialisation"),
    ):
        form = KindForm(cls)
        qtbot.addWidget(form)
        form.show_kind(cls())
        choice = form.fields()[(name,)]
        assert isinstance(choice, ChoiceField)
        known = kinds.registry(next(p for p in kinds.params(cls) if p.name == name).type.base)
        for index, kind in enumerate(known.values()):
            assert choice.itemData(index, Qt.ItemDataRole.ToolTipRole) == tip(kind)
        assert tip(getattr(cls(), name)) in choice.toolTip()
    form = KindForm(Output)
    qtbot.addWidget(form)
    metrics = form.fields()[("metrics",)]
    assert isinstance(metrics, SeveralField)
    assert {word: chip.toolTip() for word, chip in metrics.chips.items()} == {
        metric.label(): tip(metric) for metric in kinds.registry(Metric).values()
    }


def test_a_kind_that_is_chosen_again_is_as_it_was(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, Output(loss=CrossEntropy(label_smoothing=0.1)))
    choice = form.fields()[("loss",)]
    choice.value_changed.emit("Huber")
    choice.value_changed.emit("CrossEntropy")
    assert owner.kind.loss == CrossEntropy(label_smoothing=0.1)


def test_another_kind_keeps_what_both_have_and_a_person_changed() -> None:
    assert carried(Adam(rate=0.01), SGD).rate == 0.01
    assert carried(Adam(), SGD).rate == SGD().rate
    assert carried(Adam(weight_decay=0.5, beta1=0.8), AdamW) == AdamW(weight_decay=0.5, beta1=0.8)


def test_seldom_used_settings_hide_behind_more(qtbot: QtBot, gui: object) -> None:
    settings.remember("form/more", False)
    form = KindForm(Conv2d)
    Owner(form, Conv2d())
    shown(qtbot, form)
    bias = form.fields()[("bias",)]
    assert isinstance(bias, Switch)
    assert not bias.isVisible()
    more = form.disclosure.button
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton, pos=more.rect().center())
    assert bias.isVisible()
    assert settings.remembered("form/more", boolean()) is True


def test_there_is_no_more_where_nothing_is_advanced(qtbot: QtBot, gui: object) -> None:
    form = KindForm(Cosine)
    form.show_kind(Cosine())
    shown(qtbot, form)
    assert not form.disclosure.isVisible()


def test_words_that_are_on_stay_in_the_order_of_the_list(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, Output())
    field = form.fields()[("metrics",)]
    assert isinstance(field, SeveralField)
    natural = Output().loss.natural
    assert tuple(word for word, chip in field.chips.items() if chip.isChecked()) == natural, "the usual ones"
    assert owner.kind.metrics == ()
    for word in natural[1:]:
        qtbot.mouseClick(field.chips[word], Qt.MouseButton.LeftButton)
    assert owner.kind.metrics == natural[:1]
    for word in ("F1", "AUROC"):
        qtbot.mouseClick(field.chips[word], Qt.MouseButton.LeftButton)
    assert owner.kind.metrics == ("accuracy", "F1", "AUROC")
    for word in ("F1", "AUROC", "accuracy"):
        qtbot.mouseClick(field.chips[word], Qt.MouseButton.LeftButton)
    assert owner.kind.metrics == ()
    assert field.chips["F1"].isChecked(), "without a choice the usual ones count again"
    fields = form.fields()
    fields["loss",].value_changed.emit("Huber")
    assert {word for word, chip in field.chips.items() if chip.isChecked()} == set(Huber().natural)


def test_numbers_are_taken_from_a_file(qtbot: QtBot, gui: object, tmp_path: Path) -> None:
    form, owner = form_of(qtbot, GivenTensor())
    field = form.fields()["values",]
    assert isinstance(field, GivenNumbers)
    np.save(tmp_path / "kernel.npy", np.array([[1, 2, 3]]))
    (tmp_path / "words.txt").write_text("no numbers")
    field.ask_path = lambda: str(tmp_path / "kernel.npy")
    field.button.click()
    assert owner.kind.values == ((1.0, 2.0, 3.0),)
    field.ask_path = lambda: str(tmp_path / "words.txt")
    field.button.click()
    assert "holds no table of numbers" in field.field.toolTip()
    assert owner.kind.values == ((1.0, 2.0, 3.0),)
    field.ask_path = lambda: ""
    field.button.click()
    assert owner.kind.values == ((1.0, 2.0, 3.0),)


def test_what_another_network_is_trained_with_is_told_at_each_field(qtbot: QtBot, gui: object) -> None:
    form, _ = form_of(qtbot, Output(loss=CrossEntropy(label_smoothing=0.1), weight=2.0))
    shown(qtbot, form)

    def waiting() -> set[str]:
        rows = [row for row in form.findChildren(FormRow) if row.note is not None]
        return {row.label.text() for row in rows if row.note is not None and not row.note.isHidden()}

    assert waiting() == set()
    form.show_waiting(Output(loss=CrossEntropy(label_smoothing=0.2), weight=2.0))
    assert waiting() == {"Label smoothing"}
    form.show_waiting(Output(loss=Huber(), weight=1.0))
    assert waiting() == {"Loss", "Weight"}
    form.show_waiting(None)
    assert waiting() == set()


def test_columns_of_the_right_role_come_first() -> None:
    from engine.data.prepare import schema

    known = schema(DataSettings())
    assert [value for value, _ in column_options(types.ColumnName(role="input"), known)] == [
        "",
        "image",
        "label",
    ]
    assert [value for value, _ in column_options(types.ColumnName(role="target"), known)] == [
        "",
        "label",
        "image",
    ]
    assert "label" in column_options(types.ColumnName(role="target"), known)[0][1]
    assert column_options(types.ColumnName(role="input"), None)[0][0] == ""


def test_a_note_stands_in_the_field(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, Conv2d())
    form.show_kind(owner.kind, Context(notes={"groups": "of 32"}))
    assert form.fields()[("groups",)]._unit == "of 32"
    form.show_kind(owner.kind, Context())
    assert form.fields()[("groups",)]._unit == ""


def test_settings_that_differ_are_marked(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, Conv2d())
    form.show_kind(owner.kind, varying=frozenset({"stride"}))
    marked = {row.label.text() for row in form.findChildren(QWidget) if hasattr(row, "control")}
    assert "≠ Stride" in marked
    assert "Kernel size" in marked


def test_only_the_named_settings_are_shown(qtbot: QtBot, gui: object) -> None:
    form, _ = form_of(qtbot, Conv2d(), only=frozenset({"bias"}))
    assert set(form.fields()) == {("bias",)}


def test_showing_an_equal_value_touches_no_field(qtbot: QtBot, gui: object) -> None:
    form, owner = form_of(qtbot, Conv2d())
    field = form.fields()[("out_channels",)]
    field.setFocus()
    field.lineEdit().setText("6")
    field.lineEdit().setCursorPosition(1)
    form.show_kind(evolve(owner.kind, stride=2))
    assert field.lineEdit().text() == "6"


def test_a_setting_within_a_setting_is_refused_like_its_own() -> None:
    recipe = with_setting(Recipe(), ("optimiser", "rate"), 0.5)
    assert recipe.optimiser.rate == 0.5
    with pytest.raises(Illegal):
        with_setting(Recipe(), ("optimiser", "rate"), -1.0)
