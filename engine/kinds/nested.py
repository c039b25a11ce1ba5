"""A setting that is a kind with settings of its own, such as a loss or an optimiser, or several of them."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from engine.kinds.declaring import Kind, from_json, is_role, values_from_json
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


@frozen
class NestedSeveral(SettingType):
    """Any number of values with settings of their own, in order, such as what is known of every column."""

    base: type[Kind]
    most: int = 20_000

    def wanted(self) -> Message:
        return Message("a list of at most {most}", most=f"{self.most:,}")

    def accept(self, value: Any) -> tuple[Kind, ...]:
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise self.refusal(value)
        return tuple(self._one(one) for one in value)

    def _one(self, value: Any) -> Kind:
        if isinstance(value, self.base):
            return value
        if not isinstance(value, dict):
            raise self.refusal(value)
        if is_role(self.base):
            return from_json(value, self.base)
        return values_from_json(self.base, {key: one for key, one in value.items() if key != "kind"})
