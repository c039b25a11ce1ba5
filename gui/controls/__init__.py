"""The controls that the window's panels are made of, in the design's measures and in both themes."""

from gui.controls.badge import Badge, KeyBadge, keys_text
from gui.controls.button import Button, Joined, bind, tip_text
from gui.controls.chip import Chip
from gui.controls.choice import ChoiceField
from gui.controls.field import Accept, Field, reason
from gui.controls.form import Fact, Form, FormRow, Line, Section
from gui.controls.icon_button import IconButton
from gui.controls.label import ElidedLabel, Label, set_ink
from gui.controls.notices import Banner, EmptyState, Sign, Toast
from gui.controls.number import IntField, NumberField
from gui.controls.optional import OptionalField
from gui.controls.progress import Segments, ThinBar
from gui.controls.segmented import Segmented
from gui.controls.size import SizeField
from gui.controls.slider import Slider
from gui.controls.switch import Switch
from gui.controls.tabs import Tabs
from gui.controls.text import IntegersField, SearchField, TextField

__all__ = [
    "Accept",
    "Badge",
    "Banner",
    "Button",
    "Chip",
    "ChoiceField",
    "ElidedLabel",
    "EmptyState",
    "Fact",
    "Field",
    "Form",
    "FormRow",
    "IconButton",
    "IntField",
    "IntegersField",
    "Joined",
    "KeyBadge",
    "Label",
    "Line",
    "NumberField",
    "OptionalField",
    "SearchField",
    "Section",
    "Segmented",
    "Segments",
    "Sign",
    "SizeField",
    "Slider",
    "Switch",
    "Tabs",
    "TextField",
    "ThinBar",
    "Toast",
    "bind",
    "keys_text",
    "reason",
    "set_ink",
    "tip_text",
]
