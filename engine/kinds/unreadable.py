"""What a file brings that cannot be read, of a kind that nobody here knows or with settings that are not
legal, and what such a layer was meant to be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from engine.kinds.declaring import Kind, from_json, params, plain, registry
from engine.kinds.layer import BlockEnd, Layer
from engine.kinds.nested import Nested
from engine.kinds.params import Param
from engine.message import Illegal, Message


class Absent(Kind):
    """Stands for one whose kind nobody here knows, or that cannot be read. Its data is kept as it came."""

    def __init__(self, raw: Mapping[str, Any], reason: Message) -> None:
        self.raw = json.dumps(raw)
        self.reason = reason

    def own_params(self) -> tuple[Param, ...]:
        """None: what its settings mean is not known."""
        return ()

    def json(self) -> dict[str, Any]:
        """What the file said."""
        data: dict[str, Any] = json.loads(self.raw)
        return data

    @property
    def kind_name(self) -> str:
        """The name that the file gives."""
        return str(json.loads(self.raw).get("kind", "?"))

    def label(self) -> str:  # type: ignore[override]  # of this value, not of the class
        """The name that the file gives."""
        return self.kind_name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Absent) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)


class Unknown(Absent, Layer):
    """A layer whose kind nobody here knows, or that cannot be read. Its data is kept as it came."""

    family = "unknown"
    stem = "unknown"


def layer_from_json(data: Mapping[str, Any]) -> Layer:
    """The layer that `to_json` wrote. One that cannot be read is kept as it is, with the reason: as an
    `InvalidLayer` where its kind is known, else as `Unknown`.
    """
    base = BlockEnd if str(data.get("kind")) in registry(BlockEnd) else Layer
    try:
        return from_json(data, base)
    except Illegal as error:
        return invalid_layer(data, base) or Unknown(data, error.message)


@frozen
class InvalidSetting:
    """A setting that is not legal: its name, what is wrong with it, and the legal value that is `nearest` to
    it. One that the kind does not have at all has no `param`.
    """

    name: str
    reason: Message
    param: Param | None = None
    nearest: Any = None

    @property
    def label(self) -> str:
        """The name in words."""
        return self.param.label if self.param is not None else self.name


class InvalidLayer(Unknown):
    """A layer whose kind is known and whose settings are not all legal. Its data is kept as it came until a
    person chooses; it has the settings of that kind, those that are not legal at their default.
    """

    def __init__(self, raw: Mapping[str, Any], invalid: tuple[InvalidSetting, ...], usual: Layer) -> None:
        super().__init__(raw, _together(invalid))
        self.invalid = invalid
        self.usual = usual
        # it looks like what it was meant to be, on the canvas and in a form
        vars(self).update({name: getattr(usual, name) for name in ("family", "stem", "icon", "tall")})
        vars(self).update({param.name: getattr(usual, param.name) for param in params(usual)})

    @property
    def meant(self) -> Layer:
        """The same with the default in the place of what is not legal."""
        return self.usual

    @property
    def nearest(self) -> Layer:
        """The same with the nearest legal values in the place of what is not legal."""
        kind = self.usual
        for one in self.invalid:
            if one.param is not None:
                kind = kind.with_setting(one.name, one.nearest)
        return kind

    def label(self) -> str:  # type: ignore[override]  # of this value, not of the class
        """The name of the kind that it was meant to be."""
        return self.usual.label()

    def own_params(self) -> tuple[Param, ...]:
        """Those of the kind that it was meant to be."""
        return params(self.usual)

    def with_setting(self, name: str, value: Any) -> Layer:  # type: ignore[override]  # once all is legal it is that layer
        """The layer with one setting changed, which may make it legal. Raises `Illegal`."""
        changed = self.usual.with_setting(name, value)
        return layer_from_json({**self.json(), name: plain(getattr(changed, name))})


def _together(invalid: tuple[InvalidSetting, ...]) -> Message:
    """What is wrong with all of them, in one sentence."""
    first, *rest = [Message("{label}: {reason}", label=one.label, reason=one.reason) for one in invalid]
    for more in rest:
        first = Message("{first}; {more}", first=first, more=more)
    return first


def invalid_layer(raw: Mapping[str, Any], base: type[Layer]) -> InvalidLayer | None:
    """What a layer's data means although it is not legal; None where that cannot be told."""
    cls = registry(base).get(str(raw.get("kind")))
    if cls is None or (raw.get("plugin") and not cls.plugin):
        return None
    legal, invalid = _legal(cls, raw)
    if not invalid:
        return None
    try:
        layer = InvalidLayer(raw, invalid, cls(**legal))
        layer.nearest  # noqa: B018  (settings may be legal each and not together)
    except Illegal:
        return None
    return layer


def _legal(cls: type[Kind], raw: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[InvalidSetting, ...]]:
    """The settings that are legal, and those that are not."""
    known = {param.name: param for param in params(cls)}
    legal: dict[str, Any] = {}
    invalid: list[InvalidSetting] = []
    for name, value in raw.items():
        if name in {"kind", "plugin"}:
            continue
        param = known.get(name)
        if param is None:
            invalid.append(InvalidSetting(name, Message("there is no such setting")))
            continue
        try:
            legal[name] = param.type.accept(value)
        except Illegal as error:
            invalid.append(InvalidSetting(name, error.message, param, _nearest(param, value)))
    return legal, tuple(invalid)


def _nearest(param: Param, value: Any) -> Any:
    """The legal value that is nearest to one that is not: the default where none is near."""
    try:
        if isinstance(param.type, Nested) and isinstance(value, dict):
            return _nearest_kind(param.type.base, value)
        return param.type.nearest(value)
    except Illegal:
        return param.type.accept(param.default)


def _nearest_kind(base: type[Kind], raw: Mapping[str, Any]) -> Kind:
    cls = registry(base).get(str(raw.get("kind")))
    if cls is None:
        raise Illegal("there is no kind {name}", name=str(raw.get("kind")))
    legal, invalid = _legal(cls, raw)
    return cls(**legal, **{one.name: one.nearest for one in invalid if one.param is not None})
