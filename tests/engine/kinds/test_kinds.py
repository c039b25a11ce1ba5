"""A kind is declared once: what the declarations must hold, and how settings are read, refused and kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import kinds
from engine.kinds import FAMILIES, Layer, Unknown, types
from engine.kinds.code import Call, literal
from engine.kinds.nested import Nested
from engine.kinds.unreadable import InvalidLayer
from engine.layers.convolution import Conv1d, Conv2d
from engine.layers.initialisations import Initialisation
from engine.layers.input_output import Output
from engine.losses.loss import Loss
from engine.losses.regression import Huber
from engine.message import Illegal, Message
from engine.metrics.metric import Metric
from engine.optim.optimiser import Optimiser, Schedule
from tests.engine.strategies import settings_of

BASES = (Layer, Loss, Metric, Optimiser, Schedule, Initialisation)
ALL = [(base, name) for base in BASES for name in kinds.registry(base)]
ICONS = Path(__file__).parents[3] / "assets" / "icons"
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=300),
    st.lists(st.one_of(st.integers(-3, 9), st.text(max_size=3), st.none()), max_size=4),
    st.dictionaries(st.sampled_from(["kind", "delta"]), st.sampled_from(["Huber", "", 2, -1])),
)


@pytest.mark.parametrize("name", kinds.registry(Layer))
def test_every_layer_has_its_place_in_the_palette(name: str) -> None:
    cls = kinds.registry(Layer)[name]
    assert cls.family in FAMILIES
    assert (ICONS / f"{cls.icon}.svg").exists()
    assert cls.stem.isidentifier()
    names = [port.name for port in cls.input_ports]
    assert len({*names, *cls.outputs}) == len(names) + len(cls.outputs)
    assert all(port.doc for port in cls.input_ports)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_layers(family: str) -> None:
    assert any(cls.family == family for cls in kinds.registry(Layer).values())


FORMS = {
    repr(param.type): param.type for base, name in ALL for param in kinds.params(kinds.registry(base)[name])
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_no_value_gets_past_a_form(form: types.SettingType) -> None:
    """Whatever a file holds is either accepted, and then stays as it is, or refused in a sentence."""

    @settings(max_examples=50)
    @given(anything)
    def check(value: Any) -> None:
        sentence, accepted = answer(form, value)
        if sentence:
            assert ("expected" in sentence and "received" in sentence) or "has no setting" in sentence
        else:
            assert form.accept(accepted) == accepted

    check()


def answer(form: types.SettingType, value: Any) -> tuple[str, Any]:
    try:
        return "", form.accept(value)
    except Illegal as error:
        return str(error), None


@pytest.mark.parametrize(
    ("form", "value", "sentence"),
    [
        (types.Integer(1), 0, "expected a whole number of at least 1, received 0"),
        (types.Integer(1, 9), 10, "expected a whole number from 1 to 9, received 10"),
        (types.Integer(), 1.5, "expected a whole number, received 1.5"),
        (types.Integer(), True, "expected a whole number, received True"),
        (types.Number(0, above=True), 0, "expected a number above 0, received 0"),
        (types.Number(hi=1), 2, "expected a number of at most 1, received 2"),
        (types.Number(), float("nan"), "expected a number, received nan"),
        (types.Boolean(), 1, "expected yes or no (true or false), received 1"),
        (types.Choice(("a", "b")), "c", "expected one of a, b, received 'c'"),
        (types.Size(2, 1), (1, 2, 3), "expected 1 or 2 whole numbers of at least 1, received (1, 2, 3)"),
        (
            types.Size(1, 0, ("same",)),
            "full",
            "expected a whole number of at least 0 or \"same\", received 'full'",
        ),
        (types.Integers(1), (0,), "expected whole numbers of at least 1, received (0,)"),
        (
            types.Extent(),
            (-1, -1),
            "expected sizes of at least 1, of which one may be −1 for the rest, received (-1, -1)",
        ),
        (types.Axis(), 0, "expected the number of an axis, 1 or more, or −1 for the last, received 0"),
        (types.Several(("a",)), ("b",), "expected some of a, received ('b',)"),
        (types.Text(3), "four", "expected one line of at most 3 characters, received 'four'"),
        (Nested(Loss), 3, "expected a loss, received 3"),
    ],
)
def test_a_refusal_says_what_was_expected(form: types.SettingType, value: Any, sentence: str) -> None:
    with pytest.raises(Illegal) as refused:
        form.accept(value)
    assert str(refused.value) == sentence


def test_values_are_kept_in_their_normal_form() -> None:
    assert Conv2d(kernel_size=(3, 3)) == Conv2d(kernel_size=3) == Conv2d(kernel_size=[3, 3])
    assert hash(Conv2d(kernel_size=(3, 3))) == hash(Conv2d())
    assert Conv2d(kernel_size=(3, 5)).kernel_size == (3, 5)
    assert Output(loss={"kind": "Huber", "delta": 2}).loss == Huber(delta=2.0)


def test_axes_follow_the_kind() -> None:
    with pytest.raises(Illegal, match="expected a whole number of at least 1"):
        Conv1d(kernel_size=(3, 5))
    with pytest.raises(Illegal, match="expected 1 or 2 whole numbers"):
        Conv2d(kernel_size=(3, 5, 7))


def test_a_changed_setting_names_itself_when_refused() -> None:
    with pytest.raises(
        Illegal, match=r"^Out channels: expected a whole number from 1 to 1,000,000, received 0$"
    ):
        kinds.changed(Conv2d(), "out_channels", 0)
    with pytest.raises(Illegal, match="Conv2d has no setting colour; it has out_channels"):
        kinds.changed(Conv2d(), "colour", 1)
    assert kinds.changed(Conv2d(), "stride", 2) == Conv2d(stride=2)


@pytest.mark.parametrize(("base", "name"), [pair for pair in ALL if pair[0] is not Layer])
def test_files_give_back_the_same_value(base: type, name: str) -> None:
    @settings(max_examples=20)
    @given(settings_of(kinds.registry(base)[name]))
    def check(kind: Any) -> None:
        assert kinds.from_json(kinds.to_json(kind), base) == kind

    check()


def test_a_layer_nobody_knows_keeps_its_data() -> None:
    raw = {"kind": "SpikingLIF", "decay": 0.9}
    kind = kinds.layer_from_json(raw)
    assert isinstance(kind, Unknown)
    assert kind.kind_name == "SpikingLIF"
    assert kinds.to_json(kind) == raw
    assert str(kind.reason) == "expected the name of a layer, received 'SpikingLIF'"
    assert kind == kinds.layer_from_json(raw)
    assert kind != Conv2d()


def test_a_layer_with_an_illegal_value_keeps_its_data() -> None:
    raw = {"kind": "Conv2d", "out_channels": -4}
    kind = kinds.layer_from_json(raw)
    assert isinstance(kind, Unknown)
    assert kinds.to_json(kind) == raw
    assert str(kind.reason).startswith("Out channels: expected a whole number")
    assert kind.label() == "Conv2d"


@pytest.mark.parametrize(
    ("raw", "nearest", "usual"),
    [
        (
            {"kind": "Conv2d", "out_channels": -4, "stride": 2},
            {"stride": 2, "out_channels": 1},
            {"stride": 2},
        ),
        ({"kind": "Conv2d", "out_channels": "64"}, {"out_channels": 64}, {}),
        ({"kind": "Conv2d", "out_channels": 1e400}, {}, {}),
        ({"kind": "Conv2d", "out_channels": None}, {}, {}),
        ({"kind": "Conv2d", "kernel_size": [0, 5]}, {"kernel_size": (1, 5)}, {}),
        ({"kind": "Conv2d", "kernel_size": [5, 5, 5]}, {"kernel_size": 5}, {}),
        ({"kind": "Conv2d", "bias": "no"}, {"bias": False}, {}),
        ({"kind": "Conv2d", "padding_mode": "reflection"}, {"padding_mode": "reflect"}, {}),
        ({"kind": "Conv2d", "colour": "red"}, {}, {}),
        ({"kind": "Dropout", "rate": 7}, {"rate": 1.0}, {}),
        (
            {"kind": "Output", "loss": {"kind": "CrossEntropy", "label_smoothing": 7, "ignore": 2}},
            {"loss": {"kind": "CrossEntropy", "label_smoothing": 1.0, "ignore": 2}},
            {},
        ),
        ({"kind": "Output", "loss": {"kind": "Guess"}}, {}, {}),
    ],
    ids=range(12),
)
def test_illegal_settings_have_legal_ones_near_by(
    raw: dict[str, Any], nearest: dict[str, Any], usual: dict[str, Any]
) -> None:
    kind = kinds.layer_from_json(raw)
    assert isinstance(kind, InvalidLayer)
    made = kinds.registry(Layer)[raw["kind"]]
    assert (kind.nearest, kind.meant) == (made(**nearest), made(**usual))
    assert (kind.family, kind.icon, kind.label()) == (made.family, made.icon, made.label())


def test_code_leaves_out_what_is_usual() -> None:
    assert (
        Call("nn.Conv2d", (1, 32, 3), (("padding", 1), ("stride", 1))).source()
        == "nn.Conv2d(1, 32, 3, padding=1)"
    )
    assert (
        Call("nn.LSTM", (4, 8), (("num_layers", 1), ("batch_first", True))).source()
        == "nn.LSTM(4, 8, batch_first=True)"
    )
    inner = Call("torch.zeros", (1, 2))
    assert Call("nn.Parameter", (inner,)).source() == "nn.Parameter(torch.zeros(1, 2))"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("inf"), 'float("inf")'),
        ('"); import os', '"\\"); import os"'),
        ((1,), "(1,)"),
        ((True, None, 0.5), "(True, None, 0.5)"),
    ],
)
def test_values_in_code_are_literals(value: Any, text: str) -> None:
    assert literal(value) == text
    assert eval(text) == value


def test_only_plain_values_become_code() -> None:
    with pytest.raises(TypeError):
        literal(object())


def test_messages_are_compared_by_what_they_say() -> None:
    assert Message("{a} of {b}", a=1, b=2) == Message("1 of 2")


def test_declaring_everything_leaves_torch_alone() -> None:
    """The window shows itself before torch is imported, and needs the kinds for that."""
    code = "import sys, engine.kinds.catalogue; sys.exit('torch' in sys.modules or 'sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_palette_has_one_order_whoever_is_imported_first() -> None:
    code = "from engine import kinds; print(*kinds.registry(kinds.Layer))"
    early = "import engine.layers.unpooling, engine.layers.functions;" + code
    orders = {
        subprocess.run([sys.executable, "-c", text], check=True, capture_output=True).stdout
        for text in (code, early)
    }
    assert len(orders) == 1


def test_the_families_are_known_before_one_is_asked_for() -> None:
    code = (
        "from engine import kinds; families = kinds.registries(); kinds.registry(kinds.Layer);"
        "print(families == kinds.registries())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ICONS.parents[1]
    )
    assert done.stdout == "True\n"
