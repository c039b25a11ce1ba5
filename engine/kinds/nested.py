"""A setting that is a kind with settings of its own, such as a loss or an optimiser."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from engine.kinds.declaring import from_json
from engine.kinds.types import SettingType
from engine.message import Message


@frozen
class Nested(SettingType):
    """A kind with settings of its own, such as a loss or an optimiser. `base` names its family of kinds."""

    base: type

    def wanted(self) -> Message:
        return Message("a{base:|n} {base}", base=self.base.__name__.lower())

    def accept(self, value: Any) -> Any:
        if isinstance(value, self.base):
            return value
        if isinstance(value, dict | str):
            return from_json(value if isinstance(value, dict) else {"kind": value}, self.base)
        raise self.refusal(value)
