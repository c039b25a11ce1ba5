"""The controls that the window's panels are made of, in the design's measures and in both themes.

Each is imported when it is first asked for, so that the first page of the window waits for no other.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gui.controls.badge import Badge, KeyBadge, keys_text
    from gui.controls.button import Button, Joined, bind, tip_text
    from gui.controls.chip import Chip
    from gui.controls.choice import ChoiceField
    from gui.controls.field import Accept, Field, reason
    from gui.controls.form import Fact, Form, FormRow, Section, Separator
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
    from gui.controls.text import IntegersField, NumbersField, SearchField, TextField

_PAGES = {
    "badge": "Badge KeyBadge keys_text",
    "button": "Button Joined bind tip_text",
    "chip": "Chip",
    "choice": "ChoiceField",
    "field": "Accept Field reason",
    "form": "Fact Form FormRow Section Separator",
    "icon_button": "IconButton",
    "label": "ElidedLabel Label set_ink",
    "notices": "Banner EmptyState Sign Toast",
    "number": "IntField NumberField",
    "optional": "OptionalField",
    "progress": "Segments ThinBar",
    "segmented": "Segmented",
    "size": "SizeField",
    "slider": "Slider",
    "switch": "Switch",
    "tabs": "Tabs",
    "text": "IntegersField NumbersField SearchField TextField",
}
_PLACES = {name: page for page, names in _PAGES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """The control of that name, from the page where it stands."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    control = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = control
    return control


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
    "NumberField",
    "NumbersField",
    "OptionalField",
    "SearchField",
    "Section",
    "Segmented",
    "Segments",
    "Separator",
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
