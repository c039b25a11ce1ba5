"""What every kind can do, how a class becomes one, and how kinds are listed, changed, written and read."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import attrs

from engine.kinds.code import Call
from engine.kinds.params import Param, of_class, spatial
from engine.message import Illegal

FEW = 16
"""As many names are listed where one of them is expected."""


class Kind:
    """Something that is declared once. Subclasses are frozen values; the decorator `declare` makes them
    so.
    """

    __attrs_attrs__: ClassVar[Any]
    if TYPE_CHECKING:  # attrs makes it, and the types of the settings check it

        def __init__(self, **settings: Any) -> None: ...

    family: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    search: ClassVar[str] = ""
    use: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    """Its mathematics on one line, in the names of its settings and ports: `y = x·Wᵀ + b`."""
    source: ClassVar[str] = ""
    modules: ClassVar[str] = ""
    """The text of what its code calls and PyTorch does not have: `class Spike(nn.Module): …`."""
    plugin: ClassVar[str] = ""
    """The plug-in that declares it, by the name of its file. Empty for the engine's own."""
    absent: ClassVar[type[Any] | None] = None
    """What stands in a project for one of this family that cannot be read since its plug-in is absent or has
    changed: made of what the file says and of the reason. None where it is refused.
    """

    @property
    def kind_name(self) -> str:
        """The name of its kind in files."""
        return type(self).__name__

    def words_unchosen(self, name: str) -> tuple[str, ...]:
        """What counts where a person chose none of the words of that setting."""
        return ()

    @classmethod
    def label(cls) -> str:
        """The name a person reads."""
        return cls.__name__

    @classmethod
    def labels(cls) -> tuple[str, ...]:
        """Those of all kinds of this family."""
        return tuple(kind.label() for kind in registry(cls).values())

    @classmethod
    def doc(cls) -> str:
        """What it does, in one or two sentences: the first paragraph of its docstring.

        The second paragraph, when to use it, is the attribute `use`; those after `Formula:` and `Source:` are
        `formula` and `source`.
        """
        return _paragraphs(cls)[0]

    @classmethod
    def complete(cls) -> None:
        """Fill in what a class leaves open when it is declared."""

    def own_params(self) -> tuple[Param, ...]:
        """The settings of this very value."""
        cls: Any = type(self)  # a class can always be hashed, which mypy does not see
        return of_class(cls)

    def with_setting(self: K, name: str, value: Any) -> K:
        """The same with one setting changed. Raises `Illegal`."""
        return attrs.evolve(self, **{name: value})  # type: ignore[misc]  # every kind is an attrs class

    def brings(self, call: Call) -> Call:
        """The call, which may name what its `modules` define."""
        return attrs.evolve(call, text=self.modules) if self.modules else call

    def json(self) -> dict[str, Any]:
        """Its name and every setting as plain JSON."""
        origin = {"plugin": self.plugin} if self.plugin else {}
        return {"kind": self.kind_name, **origin, **values_to_json(self)}


def _paragraphs(cls: type) -> list[str]:
    return [part.replace("\n", " ") for part in inspect.cleandoc(cls.__doc__ or "").split("\n\n")]


LABELS = ("Formula", "Source", "Licence")
"""What the later paragraphs of a kind's docstring may begin with."""


def stated(cls: type, label: str) -> str:
    """What a docstring says after `label:`, its own or one of the classes in which kinds share something."""
    shared = (base for base in cls.__mro__ if base is cls or "use" not in vars(base))  # which a kind has
    statements = (part for base in shared for part in _paragraphs(base) if part.startswith(f"{label}: "))
    return next(statements, "").removeprefix(f"{label}: ")


K = TypeVar("K", bound=Kind)
_registries: dict[type, dict[str, type[Any]]] = {}
PLUGINS = "layerloom_plugins."
"""What the module of a plug-in is called, before the name of its file."""
_aside: dict[str, list[type[Any]]] = {}
_on_change: list[Callable[[], None]] = []


def role(cls: type[K]) -> type[K]:
    """Make a class one of the things that kinds can be: all kinds below it are listed together."""
    _registries[cls] = {}
    return cls


def declare(**facts: Any) -> Callable[[type[K]], type[K]]:
    """Make a class a kind: frozen, compared by value, and known by its name. `facts` become class
    attributes.
    """

    def register(cls: type[K]) -> type[K]:
        for name, fact in facts.items():
            setattr(cls, name, fact)
        for name in {"use", "formula", "source"} & vars(cls).get("__annotations__", {}).keys():
            raise Illegal("a setting cannot be called {name}; choose another name", name=name)
        labelled = tuple(f"{label}: " for label in LABELS)
        cls.use = next((part for part in _paragraphs(cls)[1:] if not part.startswith(labelled)), "")
        cls.formula, cls.source = stated(cls, "Formula"), stated(cls, "Source")
        cls.complete()
        # slots would make a second class behind the registry's back
        made = attrs.frozen(slots=False, kw_only=True, cache_hash=True, field_transformer=spatial)(cls)
        if made.__module__.startswith(PLUGINS):  # whether it may join is seen once its file has been read
            _aside.setdefault(made.__module__, []).append(made)
        else:
            _registries[role_of(made)][made.__name__] = made
        return made

    return register


def is_role(cls: type[Kind]) -> bool:
    """Whether kinds below that class are listed together."""
    return cls in _registries


def role_of(cls: type[Kind]) -> type[Kind]:
    """What a kind is: a layer, a loss."""
    return next(base for base in cls.__mro__ if base in _registries)


def declared_by(module: str) -> tuple[type[Kind], ...]:
    """The kinds that the module of a plug-in has declared since this was last asked."""
    return tuple(_aside.pop(module, ()))


def join(cls: Iterable[type[Kind]]) -> None:
    """List these kinds of plug-ins with the engine's own, in the place of what those brought before."""
    import engine.kinds.catalogue  # noqa: F401  (declares the engine's own)

    listed = {
        base: {name: kind for name, kind in known.items() if not kind.plugin}
        for base, known in _registries.items()
    }
    for kind in cls:
        listed[role_of(kind)][kind.__name__] = kind
    _registries.update(listed)
    for forget in (_ordered.cache_clear, *_on_change):
        forget()


def on_change(forget: Callable[[], None]) -> None:
    """Call this whenever other kinds of plug-ins are listed. What is kept by what a file says of a kind is no
    longer true then, for it says the same of the one before it.
    """
    _on_change.append(forget)


def of_plugin(kind: Kind) -> Kind | None:
    """The kind of a plug-in in it, if there is one: itself, or one that it holds."""
    if kind.plugin:
        return kind
    held = (getattr(kind, param.name, None) for param in params(kind))
    return next((one for value in held if isinstance(value, Kind) and (one := of_plugin(value))), None)


def settings(cls: type[K]) -> type[K]:
    """Make a class a value with settings like a kind's, without listing it anywhere: how data is split, how
    to train.

    Also for what several kinds share: their common settings stand in such a class.
    """
    return attrs.frozen(slots=False, kw_only=True, cache_hash=True)(cls)


def registries() -> tuple[type[Kind], ...]:
    """The families of kinds: the ends of blocks, layers, sources, losses, optimisers, schedules."""
    import engine.kinds.catalogue  # noqa: F401  (declares the engine's own, and with them their families)

    return tuple(_registries)


def registry(base: type[K]) -> Mapping[str, type[K]]:
    """All kinds of that family by name: `registry(Layer)`. The engine's own are declared on first use."""
    import engine.kinds.catalogue  # noqa: F401  (declares them)

    family: Any = base
    ordered: Mapping[str, type[K]] = _ordered(family, len(_registries[base]))
    return ordered


@cache
def _ordered(base: Any, count: int) -> Mapping[str, Any]:
    """The kinds in the order of their pages, whoever imported them first. `count` tells when one is new."""
    from engine.kinds.catalogue import PAGES

    places = {page: place for place, page in enumerate(PAGES)}
    kinds = _registries[base].items()
    return dict(sorted(kinds, key=lambda item: places.get(item[1].__module__, len(places))))


def params(kind: Any) -> tuple[Param, ...]:
    """The settings of a kind, in the order they are declared. Takes the class or a value of it."""
    if isinstance(kind, Kind):
        return kind.own_params()
    return of_class(kind if isinstance(kind, type) else type(kind))


def changed(kind: K, name: str, value: Any) -> K:
    """The same kind with one setting changed. Raises `Illegal` with the name of the setting."""
    setting = next((p for p in params(kind) if p.name == name), None)
    if setting is None:
        raise Illegal(
            "{kind} has no setting {name}; it has {names}",
            kind=type(kind).__name__,
            name=name,
            names=", ".join(p.name for p in params(kind)) or "none",
        )
    try:
        return kind.with_setting(name, value)
    except Illegal as error:
        raise Illegal("{label}: {reason}", label=setting.label, reason=error.message) from None


# --------------------------------------------------------------------------- files


def to_json(kind: Any) -> dict[str, Any]:
    """A kind as plain JSON: its name and every setting, so that a changed default never changes an old file;
    `values_to_json` says which ones may be left out.
    """
    data: dict[str, Any] = kind.json()
    return data


def values_to_json(kind: Any) -> dict[str, Any]:
    """The settings alone, without the name of the kind. Those that came after the first version are left out
    at their default: what older versions wrote, and how they named it, stays as it was.
    """
    values = ((p, getattr(kind, p.name)) for p in params(kind))
    return {p.name: plain(value) for p, value in values if not (p.later and value == p.default)}


def from_json(data: Mapping[str, Any], base: type[K]) -> K:
    """The kind that `to_json` wrote. Raises `Illegal` where name or settings are not known or not legal, but
    for one of a plug-in where the family has something `absent` in its place.
    """
    try:
        values = {key: value for key, value in data.items() if key not in {"kind", "plugin"}}
        return values_from_json(_named(data, base), values)
    except Illegal as error:
        if base.absent is None or not data.get("plugin"):
            raise
        absent: K = base.absent(data, error.message)
        return absent


def _named(data: Mapping[str, Any], base: type[K]) -> type[K]:
    """The class that JSON names."""
    name = data.get("kind")
    known = registry(base)
    cls = known.get(name) if isinstance(name, str) else None
    plugin = data.get("plugin")
    if isinstance(plugin, str) and plugin and (cls is None or not cls.plugin):
        raise Illegal("from plug-in {plugin}, not found", plugin=plugin[:60])
    if cls is None:
        names = ", ".join(known) if len(known) <= FEW else ""
        raise Illegal(
            "expected the name of a{base:|n} {base} ({names}), received {name}"
            if names
            else "expected the name of a{base:|n} {base}, received {name}",
            base=base.__name__.lower(),
            names=names,
            name=repr(name),
        )
    return cls


def values_from_json(cls: type[K], data: Mapping[str, Any]) -> K:
    """A value of that class from its settings; those that are missing have their default."""
    known = {p.name: p for p in params(cls)}
    values = {}
    for name, value in data.items():
        if name not in known:
            raise Illegal("{kind} has no setting {name}", kind=cls.__name__, name=name)
        try:
            values[name] = known[name].type.accept(value)
        except Illegal as error:
            raise Illegal(
                "{kind}, {label}: {reason}", kind=cls.__name__, label=known[name].label, reason=error.message
            ) from None
    return cls(**values)


def plain(value: Any) -> Any:
    """A setting's value as plain JSON."""
    if isinstance(value, Kind):
        return to_json(value)
    return [plain(one) for one in value] if isinstance(value, tuple) else value
