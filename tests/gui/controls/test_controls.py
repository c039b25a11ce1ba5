"""Every control: what a person does with mouse and keys, what comes out, and what it says of itself."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QAction, QColor, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.kinds.types import Integer, Numbers, Size, Text
from engine.message import Illegal, Message
from gui.controls import (
    Badge,
    Banner,
    Button,
    Chip,
    ChoiceField,
    ElidedLabel,
    EmptyState,
    Fact,
    Form,
    IconButton,
    IntegersField,
    IntField,
    Joined,
    KeyBadge,
    Label,
    NumberField,
    NumbersField,
    OptionalField,
    SearchField,
    Section,
    Segmented,
    Segments,
    Sign,
    SizeField,
    Slider,
    Switch,
    Tabs,
    TextField,
    ThinBar,
    Toast,
    bind,
    keys_text,
    reason,
)
from gui.style import theme, tokens
from gui.style.apply import apply

pytestmark = pytest.mark.usefixtures("gui")
KEY = Qt.Key


class Heard:
    """What a control said, in order."""

    def __init__(self, control: Any) -> None:
        self.values: list[Any] = []
        self.ended = 0
        control.value_changed.connect(self.values.append)
        control.editing_finished.connect(self.end)

    def end(self) -> None:
        self.ended += 1


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[QWidget], QWidget]:
    """Puts a widget on the (absent) screen with the keyboard on it, as Tab would."""

    def show(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(max(widget.sizeHint().width(), 164), widget.sizeHint().height())
        widget.show()
        widget.activateWindow()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        return widget

    return show


def retype(qtbot: QtBot, field: QWidget, text: str) -> None:
    """Replace what stands in a field, as a person would."""
    line = field.lineEdit() if hasattr(field, "lineEdit") else field
    assert isinstance(line, QLineEdit)
    line.selectAll()
    qtbot.keyClick(line, KEY.Key_Delete)
    qtbot.keyClicks(line, text)


VALUED: list[tuple[Callable[[], Any], Any, Any]] = [
    (lambda: Switch(False), False, True),
    (lambda: IntField(3), 3, 2**40),
    (lambda: NumberField(0.5), 0.5, -1e-5),
    (lambda: TextField("conv1"), "conv1", "conv2"),
    (lambda: IntegersField((64, 128)), (64, 128), (1, -1)),
    (lambda: ChoiceField(["a", ("b", "the second")]), "a", "b"),
    (lambda: Segmented(["Linear", "Log"]), "Linear", "Log"),
    (lambda: SizeField(2, 3), 3, (3, 5)),
    (lambda: SizeField(3, (1, 2, 3)), (1, 2, 3), 7),
    (lambda: SizeField(2, 1, words=("same",)), 1, "same"),
    (lambda: OptionalField(NumberField(1.0)), None, 0.25),
    (lambda: Slider(0, 0.99, 0.94), 0.94, 0.5),
    (lambda: SearchField("Search", "Tab"), "", "conv"),
]


@pytest.mark.parametrize(("make", "first", "second"), VALUED)
def test_a_value_is_kept_and_set_in_silence(
    qtbot: QtBot, make: Callable[[], Any], first: Any, second: Any
) -> None:
    control = make()
    qtbot.addWidget(control)
    heard = Heard(control)
    assert control.value() == first
    control.set_value(second)
    assert control.value() == second
    control.set_value(first)
    assert control.value() == first
    assert (heard.values, heard.ended) == ([], 0)


def test_a_switch_is_thrown_by_key_and_click(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    switch = shown(Switch(name="Bias"))
    heard = Heard(switch)
    qtbot.keyClick(switch, KEY.Key_Space)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert (heard.values, heard.ended) == ([True, False], 2)
    assert switch.accessibleName() == "Bias"
    assert switch.height() >= 24


def test_whole_numbers_are_typed_live_and_stepped(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    field = shown(IntField(64, 1, 4096, unit="of 4096"))
    heard = Heard(field)
    retype(qtbot, field, "128")
    assert heard.values == [1, 12, 128]
    qtbot.keyClick(field, KEY.Key_Up)
    qtbot.keyClick(field, KEY.Key_Down)
    qtbot.keyClick(field, KEY.Key_PageUp)
    assert heard.values[3:] == [129, 128, 138]
    qtbot.keyClick(field, KEY.Key_Return)
    assert heard.ended == 1
    field.set_value(4096)
    qtbot.keyClick(field, KEY.Key_Up)
    assert field.value() == 4096


def test_an_illegal_number_says_why_and_takes_back_what_its_beginning_set(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    field = shown(IntField(64, 1, 4096))
    field.setToolTip("Number of filters")
    heard = Heard(field)
    retype(qtbot, field, "5x")
    assert heard.values == [5, 64]
    assert field.property("wrong")
    assert "whole number" in field.toolTip()
    assert field.accessibleDescription() == field.toolTip()
    retype(qtbot, field, "9999")
    assert heard.values == [5, 64, 9, 99, 999, 64]
    assert "4096" in field.toolTip()
    qtbot.keyClick(field, KEY.Key_Return)
    assert (field.value(), field.lineEdit().text()) == (64, "64")
    assert not field.property("wrong")
    assert field.toolTip() == "Number of filters"


def test_undo_is_left_to_the_document(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    field = shown(IntField(64, 1, 4096))
    retype(qtbot, field, "128")
    event = QKeyEvent(QEvent.Type.ShortcutOverride, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    event.ignore()
    QApplication.sendEvent(field, event)
    assert not event.isAccepted()


def test_the_engine_refuses_in_its_own_words(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    field = shown(IntField(8, accept=Integer(lo=2).accept))
    heard = Heard(field)
    retype(qtbot, field, "1")
    assert heard.values == []
    assert field.toolTip() == "Expected a whole number of at least 2, received 1."
    text = shown(TextField("a", accept=Text(longest=2).accept))
    retype(qtbot, text, "abc")
    assert text.value() == "ab"
    assert "at most 2 characters" in text.toolTip()


def test_a_refusal_is_put_into_one_sentence() -> None:
    assert reason(Illegal("expected {a}", a=3)) == "Expected 3."
    assert reason(ValueError(Message("no {a}", a="b"))) == "No b."
    assert reason(ValueError("Is it?")) == "Is it?"


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 0.001), ("−2.5", -2.5), ("0,5", 0.5), ("1,250.5", 1250.5), ("1_000", 1000.0), (" 7 ", 7.0)],
)
def test_numbers_may_be_written_in_several_ways(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget], text: str, value: float
) -> None:
    field = shown(NumberField(9.25))
    field.lineEdit().setText(text)
    field.lineEdit().textEdited.emit(text)
    assert field.value() == value


@pytest.mark.parametrize("text", ["", "one", "nan", "1e999", "--1"])
def test_what_is_no_number_is_refused(qtbot: QtBot, shown: Callable[[QWidget], QWidget], text: str) -> None:
    field = shown(NumberField(0.5))
    field.lineEdit().setText(text)
    field.lineEdit().textEdited.emit(text)
    assert field.value() == 0.5
    assert field.property("wrong")


@pytest.mark.parametrize(
    ("value", "keys", "after"),
    [
        (0.001, [KEY.Key_Up], 0.002),
        (0.001, [KEY.Key_Down], 0.0009),
        (0.01, [KEY.Key_Down, KEY.Key_Up], 0.01),
        (0.9, [KEY.Key_Up], 1.0),
        (0.0, [KEY.Key_Up], 0.1),
        (-0.01, [KEY.Key_Up], -0.009),
    ],
)
def test_a_number_steps_by_its_first_digit(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget], value: float, keys: list[Qt.Key], after: float
) -> None:
    field = shown(NumberField(value))
    for key in keys:
        qtbot.keyClick(field, key)
    assert field.value() == after


def test_typing_is_not_rewritten_while_it_means_the_value(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    field = shown(NumberField(2.0))
    retype(qtbot, field, "1.")
    field.set_value(1.0)
    assert field.lineEdit().text() == "1."
    field.set_value(4.0)
    assert field.lineEdit().text() == "4"


def wheel(widget: QWidget) -> bool:
    """Turn the wheel over a widget; whether the widget took it."""
    middle = QPointF(widget.rect().center())
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(
        middle,
        QPointF(widget.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, 120),
        none,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.accept()
    widget.wheelEvent(event)
    return event.isAccepted()


def test_the_wheel_turns_only_what_has_the_keyboard(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    slider = Slider(0, 1, 0.5)
    qtbot.addWidget(slider)
    for control in (IntField(3), ChoiceField(["a", "b"]), slider.track):
        if control is not slider.track:
            qtbot.addWidget(control)
        before = control.value()
        assert not wheel(control)
        assert control.value() == before
    field = shown(IntField(3))
    assert wheel(field)
    assert field.value() == 4


def test_integers_and_their_commas(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    field = shown(IntegersField((64,)))
    heard = Heard(field)
    retype(qtbot, field, "8, 16 -1")
    assert heard.values[-1] == (8, 16, -1)
    qtbot.keyClick(field, KEY.Key_Return)
    assert field.text() == "8, 16, −1"
    retype(qtbot, field, "8, x")
    assert field.property("wrong")
    qtbot.keyClick(field, KEY.Key_Escape)
    assert (field.text(), bool(field.property("wrong"))) == ("8", False)


def test_numbers_are_typed_in_rows(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    field = shown(NumbersField((1.0,), accept=Numbers().accept))
    heard = Heard(field)
    for typed, value, written in (
        ("1, -0.5 2e-3", (1.0, -0.5, 0.002), "1, −0.5, 0.002"),
        ("1 0; 0 1", ((1.0, 0.0), (0.0, 1.0)), "1, 0; 0, 1"),
        ("[[1, 2]]", ((1.0, 2.0),), "[[1, 2]]"),
        ("[[[1], [2]]]", (((1.0,), (2.0,)),), "[[[1], [2]]]"),
        ("7", (7.0,), "7"),
    ):
        retype(qtbot, field, typed)
        assert heard.values[-1] == value
        qtbot.keyClick(field, KEY.Key_Return)
        assert field.text() == written
    for wrong in ("1, x", "1, 2; 3", "[1, [2]]", ""):
        retype(qtbot, field, wrong)
        assert field.property("wrong"), wrong
    qtbot.keyClick(field, KEY.Key_Escape)
    assert not field.property("wrong")


def test_linked_sizes_move_together_until_the_chain_is_opened(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    field = shown(SizeField(2, 3, 1, accept=Size(2, lo=1).accept, name="Kernel size"))
    heard = Heard(field)
    first, second = field.fields
    retype(qtbot, first, "5")
    assert (heard.values, second.value()) == ([5], 5)
    qtbot.mouseClick(field.chains[0], Qt.MouseButton.LeftButton)
    retype(qtbot, second, "7")
    assert heard.values == [5, (5, 7)]
    field.set_value((5, 7))
    retype(qtbot, second, "5")
    assert heard.values[-1] == 5
    field.set_value(5)
    assert not field.chains[0].isChecked(), "a value that comes back must not close the chain under the hand"
    retype(qtbot, first, "4")
    assert field.value() == (4, 5)
    qtbot.mouseClick(field.chains[0], Qt.MouseButton.LeftButton)
    assert heard.values[-1] == field.value() == 4
    assert second.accessibleName() == "Kernel size 2"


def test_a_size_may_be_a_word(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    field = shown(SizeField(2, 1, words=("same", "valid")))
    heard = Heard(field)
    actions = field.findChild(QMenu).actions()
    assert [action.data() for action in actions] == ["", "same", "valid"]
    actions[1].trigger()
    assert (heard.values, field.fields[0].isVisible()) == (["same"], False)
    actions[0].trigger()
    assert (heard.values, field.fields[0].isVisible()) == (["same", 1], True)


def test_an_optional_value_remembers_what_it_was(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    field = shown(OptionalField(NumberField(2.5), 2.5))
    heard = Heard(field)
    qtbot.keyClick(field.switch, KEY.Key_Space)
    assert (field.value(), field.field.isVisible()) == (None, False)
    qtbot.keyClick(field.switch, KEY.Key_Space)
    retype(qtbot, field.field, "3")
    assert heard.values == [None, 2.5, 3.0]


def test_a_choice_is_made_by_keys(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    field = shown(ChoiceField([("k", "Kaiming uniform"), ("x", "Xavier")]))
    heard = Heard(field)
    qtbot.keyClick(field, KEY.Key_Down)
    assert (heard.values, field.currentText()) == (["x"], "Xavier")
    field.set_value("gone")
    assert (field.value(), field.placeholderText(), field.currentIndex()) == ("gone", "gone", -1)
    field.set_options(["gone", "k"])
    assert field.currentText() == "gone"


def test_segments_are_chosen_by_click_and_arrow(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    control = shown(Segmented([("step", "Step"), ("epoch", "Epoch"), ("time", "Time")], "epoch", "Axis"))
    heard = Heard(control)
    step, epoch, time = control.segments()
    epoch.setFocus()
    qtbot.keyClick(epoch, KEY.Key_Right)
    qtbot.mouseClick(step, Qt.MouseButton.LeftButton)
    assert heard.values == ["time", "step"]
    assert (time.isChecked(), time.accessibleName()) == (False, "Axis: Time")


def test_a_slider_follows_keys_and_the_pointer(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    slider = shown(Slider(0, 0.99, 0.94, name="Smoothing"))
    heard = Heard(slider)
    qtbot.keyClick(slider.track, KEY.Key_Left)
    qtbot.keyClick(slider.track, KEY.Key_Home)
    assert heard.values == [0.93, 0.0]
    right = QPoint(slider.track.width() - 1, 13)
    qtbot.mousePress(slider.track, Qt.MouseButton.LeftButton, pos=right)
    assert (slider.value(), heard.ended) == (0.99, 2)
    qtbot.mouseRelease(slider.track, Qt.MouseButton.LeftButton, pos=right)
    assert heard.ended == 3
    assert slider.track.accessibleDescription() == "0.99"


def test_a_search_empties_on_escape_and_then_lets_it_through(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    field = shown(SearchField("Search 121 layers", "Tab"))
    heard = Heard(field)
    qtbot.keyClicks(field, "co")
    qtbot.keyClick(field, KEY.Key_Escape)
    assert heard.values == ["c", "co", ""]
    assert field.accessibleName() == "Search 121 layers"


def test_buttons_do_what_their_action_does(qtbot: QtBot) -> None:
    action, pressed = QAction("Undo"), []
    action.setShortcut("Ctrl+Z")
    action.triggered.connect(lambda: pressed.append("undo"))
    action.setEnabled(False)
    for button in (IconButton("undo", "Undo"), Button("Undo")):
        qtbot.addWidget(button)
        action.setEnabled(False)
        bind(button, action)
        assert not button.isEnabled()
        action.setEnabled(True)
        assert button.isEnabled()
        assert button.toolTip() == "Undo  Ctrl Z"
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed == ["undo", "undo"]


def test_a_bound_button_shows_whether_its_action_is_on(qtbot: QtBot) -> None:
    action = QAction("Pin")
    action.setCheckable(True)
    button = IconButton("pin", "Pin", checkable=True)
    qtbot.addWidget(button)
    bind(button, action)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (action.isChecked(), button.isChecked()) == (True, True)
    action.setChecked(False)
    assert not button.isChecked()


def test_joined_buttons_are_walked_with_arrows(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    buttons = [Button("Train", "play"), Button("Pause", "pause"), Button("Stop", "stop")]
    joined = shown(Joined(buttons))
    buttons[1].setEnabled(False)
    buttons[0].setFocus()
    qtbot.keyClick(buttons[0], KEY.Key_Right)
    assert buttons[2].hasFocus()
    assert [button.place for button in joined.buttons] == ["first", "middle", "last"]


def test_shortcuts_are_written_apart() -> None:
    assert keys_text("Ctrl+Shift+K") == "Ctrl Shift K"
    assert keys_text("Ctrl++") == "Ctrl +"
    assert keys_text(QKeySequence.StandardKey.Copy) == "Ctrl C"


def test_tabs_carry_counts_and_tell_which_was_chosen(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    tabs = Tabs(name="Panels")
    for key in ("training", "runs", "code"):
        tabs.add(key, key.capitalize())
    shown(tabs)
    chosen: list[str] = []
    tabs.chosen.connect(chosen.append)
    width = tabs.tabRect(1).width()
    tabs.set_badge("runs", 14)
    assert tabs.tabRect(1).width() > width
    tabs.set_badge("runs", 0)
    assert tabs.tabRect(1).width() == width
    tabs.set_current("code")
    assert chosen == []
    qtbot.keyClick(tabs, KEY.Key_Left)
    assert (chosen, tabs.current()) == (["runs"], "runs")
    tabs.remove("runs")
    assert tabs.keys() == ["training", "code"]
    assert tabs.height() == theme.TAB_STRIP


def test_documents_are_closed_at_their_cross(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    tabs = Tabs(closable=True, ground="canvas")
    tabs.add("a", "Digits & co", "network")
    tabs.add("b", "Sunspots")
    shown(tabs)
    closing: list[str] = []
    tabs.closing.connect(closing.append)
    rect = tabs.tabRect(0)
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=QPoint(rect.right() - 14, rect.center().y()))
    qtbot.mouseClick(tabs, Qt.MouseButton.MiddleButton, pos=tabs.tabRect(1).center())
    assert closing == ["a", "b"]
    assert tabs.keys() == ["a", "b"]


def test_a_form_names_its_controls(qtbot: QtBot) -> None:
    form, field, size = Form(), IntField(64), SizeField(2, 3)
    qtbot.addWidget(form)
    row = form.add("Out channels", field, "Number of filters")
    form.add("Kernel size", size)
    fact = form.fact("Parameters", "18,496", "31.4 % of all")
    assert (field.accessibleName(), field.toolTip()) == ("Out channels", "Number of filters")
    assert size.accessibleName() == "Kernel size"
    assert row.label.buddy() is field
    assert row.minimumHeight() == theme.FORM_ROW
    assert row.label.width() == theme.FORM_LABEL
    fact.set("9", "a note")
    assert (fact.value.text(), fact.note.text()) == ("9", "a note")
    form.clear()
    assert form.rows == []


def test_a_long_value_goes_on_in_another_line_and_keeps_the_form_narrow(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    form = Form()
    form.fact("Data", "Random pictures, for looking at shapes and at nothing else")
    number = form.fact("Parameters", "124,439,808", "of 124,439,808 in all")
    form.setFixedWidth(theme.px(280))
    shown(form)
    assert form.minimumSizeHint().width() <= theme.px(280)
    assert number.value.width() >= number.value.sizeHint().width()


def test_a_section_folds_at_its_head(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    section = Section("Advanced", foldable=True, open=False)
    section.add(Label("inside"))
    shown(section)
    assert not section.body.isVisible()
    qtbot.keyClick(section.title, KEY.Key_Space)
    assert section.body.isVisible()
    assert section.is_open()


def test_an_elided_label_offers_the_whole(qtbot: QtBot) -> None:
    label = ElidedLabel("a name that is much too long for its place")
    qtbot.addWidget(label)
    label.resize(60, 16)
    label.show()
    assert label.shown_text().endswith("…")
    assert label.toolTip() == label.text()
    label.resize(800, 16)
    assert (label.shown_text(), label.toolTip()) == (label.text(), "")


def test_an_empty_state_has_one_action(qtbot: QtBot) -> None:
    empty = EmptyState("No run yet.", "Train", "play")
    qtbot.addWidget(empty)
    with qtbot.waitSignal(empty.acted):
        qtbot.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    assert not EmptyState("Nothing.").button.isVisibleTo(empty)


def test_a_note_without_room_beside_the_value_stands_below_it_whole(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    fact = Fact("Parameters", "25,088", "4 × 64 × (32 + 64 + 2)")
    shown(fact)
    fact.resize(600, 22)
    assert (fact.note.isVisible(), fact.below.isVisible()) == (True, False)
    fact.resize(230, 60)
    assert (fact.note.isVisible(), fact.below.isVisible()) == (False, True)
    assert fact.below.text() == fact.note.text()
    fact.set("25,088")
    assert not fact.below.isVisible()


def test_a_long_text_shows_its_beginning_and_a_long_path_its_end(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    name, path = TextField(""), TextField("", tail=True)
    for field in (name, path):
        qtbot.addWidget(field)
        field.set_value("bottleneck_128_halving1" * 9)
    assert (name.cursorPosition(), path.cursorPosition()) == (0, len(path.text()))
    shown(name).setFocus()
    qtbot.waitUntil(name.hasFocus)
    name.setCursorPosition(3)
    name.set_value(name.value())
    assert name.cursorPosition() == 3, "where somebody types, nothing moves"


def test_a_banner_says_its_level_and_acts(qtbot: QtBot, shown: Callable[[QWidget], QWidget]) -> None:
    done: list[str] = []
    banner = shown(
        Banner("3 rows are empty.", "warning", (("Show", lambda: done.append("show")),), dismissible=True)
    )
    qtbot.mouseClick(banner.buttons[0], Qt.MouseButton.LeftButton)
    assert (done, banner.findChild(Sign).accessibleName()) == (["show"], "Warning")
    banner.set("Done.", "success")
    assert (banner.level(), banner.buttons) == ("success", [])


def test_a_toast_stands_below_and_takes_back(qtbot: QtBot) -> None:
    ground, done = QWidget(), []
    qtbot.addWidget(ground)
    field = TextField(parent=ground)
    ground.resize(600, 400)
    ground.show()
    field.setFocus()
    toast = Toast(ground, seconds=0.05)
    toast.say("Conv2d removed.", "Undo", lambda: done.append("undo"))
    assert toast.isVisible()
    assert toast.geometry().bottom() < 400
    assert abs(toast.geometry().center().x() - 300) <= 1
    qtbot.mouseClick(toast.button, Qt.MouseButton.LeftButton)
    assert (done, toast.isVisible()) == (["undo"], False)
    toast.say("Saved.")
    toast.close_button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.wait(80)
    assert toast.isVisible(), "it does not go while the keyboard is on it"
    qtbot.keyClick(toast.close_button, KEY.Key_Space)
    assert field.hasFocus()
    toast.say("Saved.")
    assert not toast.button.isVisible()
    qtbot.waitUntil(lambda: not toast.isVisible(), timeout=20_000)


def test_progress_says_how_far(qtbot: QtBot) -> None:
    segments, bar = Segments(30, 12.5), ThinBar(0.4)
    for widget in (segments, bar):
        qtbot.addWidget(widget)
    segments.resize(300, 14)
    assert segments.accessibleName() == "12 of 30 epochs"
    assert bar.accessibleName() == "40 %"
    picture = segments.grab().toImage()
    worn = theme.current()
    at: Callable[[int], QColor] = lambda epoch: picture.pixelColor(epoch * 10 + 2, 7)  # noqa: E731
    assert at(11) == worn.accent
    assert at(14) == worn.track


def every_control() -> QWidget:
    """All controls below each other, some of them disabled, wrong or checked."""
    ground = QWidget()
    column = QVBoxLayout(ground)
    disabled = [
        IntField(1),
        Switch(True),
        ChoiceField(["a"]),
        Button("Off", look="primary"),
        Slider(0, 1, 0.3),
    ]
    for control in disabled:
        control.setEnabled(False)
    wrong = TextField("train")
    wrong.error("No.")
    tabs = Tabs(ground="canvas", closable=True)
    tabs.add("a", "Digits CNN", "network")
    tabs.set_dot("a", "success")
    tabs.set_badge("a", 3)
    menu = QMenu(ground)
    looks = [
        Button(look, "play", look=look) for look in ("primary", "ordinary", "quiet", "suggested", "link")
    ]  # type: ignore[arg-type]  # each is a Look
    for widget in (
        *disabled,
        *looks,
        wrong,
        tabs,
        *(make() for make, _, _ in VALUED),
        Button("Menu", menu=menu, keys="Ctrl+M", detail="+3"),
        IconButton("fit", "Fit", "F", checkable=True),
        Chip("Health", True),
        Joined([Button("Train", "play"), Button("Stop", "stop")]),
        Badge("14"),
        KeyBadge("Ctrl+K"),
        Section("Cost", foldable=True, note="a note"),
        EmptyState("Nothing.", "Train"),
        Banner("Wrong.", "error"),
        Segments(400, 3),
        Segments(0, 0),
        ThinBar(0.2),
    ):
        column.addWidget(widget)
    return ground


@pytest.mark.parametrize(
    "worn", [tokens.DARK, tokens.LIGHT, tokens.LIGHT.high_contrast()], ids=lambda worn: worn.name
)
def test_every_control_is_drawn_in_every_theme(gui: QApplication, qtbot: QtBot, worn: tokens.Theme) -> None:
    ground = every_control()
    qtbot.addWidget(ground)
    apply(gui, worn, scale=2.0)
    ground.setProperty("ground", "panel")
    ground.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    picture = ground.grab().toImage()
    assert picture.pixelColor(1, 1) == worn.panel
    colours = {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 3)
        for y in range(0, picture.height(), 3)
    }
    assert worn.accent_fill.name() in colours


def test_everything_that_takes_keys_has_a_name_and_a_target(qtbot: QtBot) -> None:
    ground = every_control()
    qtbot.addWidget(ground)
    ground.show()
    takers = [
        widget
        for widget in ground.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.focusProxy() is None
    ]
    small = [type(widget).__name__ for widget in takers if min(widget.width(), widget.height()) < 24]
    assert not small
    nameless = []
    for widget in takers:
        face = QAccessible.queryAccessibleInterface(widget)
        if not face.text(QAccessible.Text.Name) and not isinstance(
            widget.parentWidget(), SizeField | OptionalField
        ):
            nameless.append(type(widget).__name__)
    valued_alone = {
        "Switch",
        "IntField",
        "NumberField",
        "TextField",
        "IntegersField",
        "ChoiceField",
        "_Track",
        "Tabs",
    }
    assert set(nameless) <= valued_alone, "only fields that a form names may come without a name"


def test_focus_by_keyboard_shows_a_ring_and_a_click_does_not(
    qtbot: QtBot, shown: Callable[[QWidget], QWidget]
) -> None:
    switch = shown(Switch())
    switch.clearFocus()
    switch.setFocus(Qt.FocusReason.TabFocusReason)
    ringed = switch.grab().toImage()
    switch.clearFocus()
    plain = switch.grab().toImage()
    switch.setFocus(Qt.FocusReason.MouseFocusReason)
    assert ringed != plain
    assert switch.grab().toImage() == plain


@pytest.mark.parametrize("make", [make for make, _, _ in VALUED])
def test_a_control_that_nobody_holds_is_gone(make: Callable[[], Any]) -> None:
    control = make()
    control.show()
    QApplication.processEvents()
    held = weakref.ref(control)
    control.hide()
    del control
    gc.collect()
    assert held() is None


def test_an_open_list_is_as_wide_as_its_longest_words(qtbot: QtBot) -> None:
    field = ChoiceField(["Digits", "Random pictures without anything to learn"])
    qtbot.addWidget(field)
    field.resize(90, field.height())
    field.show()
    field.showPopup()
    assert field.view().viewport().width() >= field.view().sizeHintForColumn(0)
    field.hidePopup()


def test_a_label_is_as_high_as_its_text_needs_whatever_changes_of_it(qtbot: QtBot) -> None:
    def height_of(text: str, width: int) -> int:
        fresh = Label(text, "hint", wrap=True, selectable=True)
        qtbot.addWidget(fresh)
        fresh.setFont(label.font())
        fresh.setContentsMargins(label.contentsMargins())
        fresh.setWordWrap(label.wordWrap())
        return fresh.heightForWidth(width)

    short, long = "a word", "many words that need more than one line " * 4
    label = Label(short, "hint", wrap=True, selectable=True)
    qtbot.addWidget(label)
    assert label.heightForWidth(200) == height_of(short, 200)
    label.setText(long)
    assert label.heightForWidth(200) == height_of(long, 200) > label.heightForWidth(400)
    before = label.heightForWidth(200)
    label.setContentsMargins(0, 10, 0, 0)
    assert label.heightForWidth(200) == height_of(long, 200) == before + 10
    theme.set_font(label, "title")
    assert label.heightForWidth(200) == height_of(long, 200) > before + 10
    label.setWordWrap(False)
    assert label.heightForWidth(200) == height_of(long, 200) < before


def test_a_label_breaks_its_lines_once_for_a_text(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    label = Label("many words that need more than one line " * 4, "hint", wrap=True)
    qtbot.addWidget(label)
    heights = [label.heightForWidth(200) for _ in range(3)]
    monkeypatch.setattr(QLabel, "heightForWidth", lambda self, width: 1 / 0)
    assert [label.heightForWidth(200) for _ in range(3)] == heights
