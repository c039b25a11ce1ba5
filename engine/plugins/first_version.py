"""The pages that a plug-in of the first version imports from, such as `engine.calls`, as it knows them.

They are there for the file of a plug-in alone, its functions included: nothing else finds modules of these
names.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import engine
from engine.kinds.code import definitions
from engine.kinds.params import param
from engine.kinds.types import Boolean, ColumnName, SettingType

NOW_IN: Mapping[str, tuple[str, ...]] = {
    "engine.kinds": (
        *("engine.kinds", "engine.kinds.ports", "engine.kinds.objections", "engine.kinds.shapes"),
        *("engine.kinds.code", "engine.message"),
        *("engine.data.source", "engine.losses.loss", "engine.optim.optimiser"),
    ),
    "engine.calls": ("engine.kinds.code",),
    "engine.ports": (
        "engine.kinds.ports",
        "engine.kinds.objections",
        "engine.kinds.shapes",
        "engine.message",
    ),
    "engine.shapes": ("engine.kinds.shapes",),
    "engine.forms": ("engine.kinds.types", "engine.kinds.nested"),
    "engine.params": ("engine.kinds.params",),
    "engine.declaring": ("engine.kinds.declaring",),
    "engine.initialisations": ("engine.layers.initialisations",),
    "engine.weighted": ("engine.layers.weighted", "engine.message"),
    "engine.losses": ("engine.losses", "engine.losses.classification"),
    "engine.binary_losses": ("engine.losses.binary",),
    "engine.number_losses": ("engine.losses.regression",),
    "engine.wire_losses": ("engine.losses.pairs",),
    "engine.criteria": ("engine.losses.modules",),
    "engine.metric_kinds": ("engine.metrics.metric",),
    "engine.optimisers": ("engine.optim.optimisers", "engine.optim.schedules"),
}
"""Where the names of each page stand now. A page that has kept its name offers what it has now, too."""
_engine = ModuleType("engine")


def _param(default: Any, **facts: Any) -> Any:
    """`param` as it was, which called a type a form."""
    return param(default, **{"type" if name == "form" else name: fact for name, fact in facts.items()})


RENAMED: Mapping[str, Mapping[str, object]] = {
    "engine.kinds": {"param": _param},
    "engine.params": {"param": _param},
    "engine.forms": {"Form": SettingType, "Switch": Boolean, "Column": ColumnName},
    "engine.calls": {"brought": definitions},
}
"""What is called otherwise now, by page and name."""


def bring(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """What `import` does in a plug-in: one of these pages, or any other module as ever."""
    if name in NOW_IN and fromlist:
        return _page(name)
    if name in NOW_IN or name == "engine":  # import engine.calls, from engine import forms
        asked = (name, *(f"engine.{one}" for one in fromlist or ()))
        pages = {one.removeprefix("engine."): _page(one) for one in asked if one in NOW_IN}
        __import__("engine", globals, locals, [one for one in fromlist or () if one not in pages])
        vars(_engine).update({**vars(engine), **vars(_engine), **pages})
        return _engine
    return __import__(name, globals, locals, fromlist or (), level)


BUILTINS = {**vars(builtins), "__import__": bring}
"""What the file of a plug-in has as its `__builtins__`."""


@cache
def _page(name: str) -> ModuleType:
    page = ModuleType(name)
    for place in reversed(NOW_IN[name]):
        names = vars(import_module(place))
        vars(page).update({one: value for one, value in names.items() if not one.startswith("__")})
    vars(page).update(RENAMED.get(name, {}))
    return page
