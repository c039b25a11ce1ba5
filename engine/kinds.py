"""How a kind is declared: one frozen class says everything about a layer, a data source, a loss, an
optimiser.

    @declare(family="convolution", hint="images")
    class Conv2d(Layer):
        '''Slides learned filters over a picture.'''
        out_channels: int = param(32, lo=1, doc="Number of filters")
        x = port("N C H W", doc="a picture")

        def torch(self, x):
            return module("nn.Conv2d", x.C, self.out_channels)

From this come the palette entry, the inspector form, its limits and help, the file form, the module, the
emitted source, the command line and one generic test. Adding a kind is adding one class.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import attrs
from attrs import frozen

from engine import forms
from engine.message import Illegal, Message
from engine.shapes import Pattern, Shape

if TYPE_CHECKING:
    import numpy as np

    from engine.blocks import Block
    from engine.data.schema import Column, Raw, Schema

# --------------------------------------------------------------------------- settings


@frozen
class Param:
    """One setting of a kind: its name in files and code, its default, its form, and what it means."""

    name: str
    default: Any
    form: forms.Form
    doc: str
    unit: str
    advanced: bool

    @property
    def label(self) -> str:
        """The name in words: `out_channels` is "Out channels"."""
        return self.name.replace("_", " ").capitalize()


SPATIAL = (
    -1
)  # as `axes` of a param: one number for every spatial axis of the kind, which `declare(spatial=…)` counts


def param(
    default: Any,
    *,
    doc: str,
    lo: float | None = None,
    hi: float | None = None,
    above: bool = False,
    options: tuple[str, ...] = (),
    several: bool = False,
    axes: int = 0,
    optional: bool = False,
    unit: str = "",
    advanced: bool = False,
    form: forms.Form | None = None,
) -> Any:
    """Declare a setting. Its form follows from the default and the limits, unless `form` names one.

    `axes` makes it a size (one number or one for each axis), `options` a choice, `several` any number of
    them. `axes=SPATIAL` takes the number of axes from the kind, so that 1-D, 2-D and 3-D kinds share one
    declaration.
    """
    if form is None:
        form = _form(default, lo, hi, above, options, several, axes, optional)
    return attrs.field(
        default=default,
        converter=form.accept,
        metadata={"form": form, "doc": doc, "unit": unit, "advanced": advanced},
    )


def _form(
    default: Any,
    lo: float | None,
    hi: float | None,
    above: bool,
    options: tuple[str, ...],
    several: bool,
    axes: int,
    optional: bool,
) -> forms.Form:
    whole_lo = None if lo is None else int(lo)
    if several:
        return forms.Several(options)
    if axes:
        return forms.Size(axes, whole_lo or 0, options, optional)
    if options:
        return forms.Choice(options)
    if isinstance(default, bool):
        return forms.Switch()
    if isinstance(default, int):
        return forms.Integer(whole_lo, None if hi is None else int(hi), optional)
    if isinstance(default, float) or default is None:
        return forms.Number(lo, hi, optional, above)
    if isinstance(default, str):
        return forms.Text()
    return forms.Integers(whole_lo)


# --------------------------------------------------------------------------- ports


@frozen
class Port:
    """A place where a wire arrives: the shapes and numbers it accepts, in a pattern and in words."""

    pattern: Pattern
    doc: str
    name: str = ""
    dtype: str = "float"  # float | int | any
    many: bool = False
    optional: bool = False
    least: int = 1


def port(pattern: str, *, doc: str, dtype: str = "float", optional: bool = False) -> Port:
    """Declare an input that takes one wire. `dtype` is "float", "int" or "any"."""
    return Port(Pattern(pattern), doc, dtype=dtype, optional=optional)


def ports(pattern: str, *, doc: str, least: int = 2, dtype: str = "any") -> Port:
    """Declare an input that takes any number of wires, in order, but at least that many."""
    return Port(Pattern(pattern), doc, dtype=dtype, many=True, least=least)


class Incoming:
    """What arrives at a port: its shape, and the sizes its pattern names as attributes (`x.C`, `x.H`)."""

    __slots__ = ("_named", "shape")

    def __init__(self, shape: Shape, named: Mapping[str, int]) -> None:
        self.shape = shape
        self._named = named

    def __getattr__(self, name: str) -> int:
        try:
            return self._named[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def rank(self) -> int:
        """The number of axes, the batch included."""
        return len(self.shape.dims)

    @property
    def last(self) -> int:
        """The size of the last axis."""
        dim = self.shape.dims[-1]
        return dim if isinstance(dim, int) else 0


@frozen
class Objection:
    """Why a layer cannot take what arrives, although the pattern fits. Repairs are looked up by its name.

    `facts` are numbers a repair needs. One key means the same everywhere: `settings` is a tuple of (name,
    value), best first, each of which alone answers this objection; others may stand behind it.
    """

    name: str
    expected: Message
    why: Message
    facts: Mapping[str, Any] = attrs.field(factory=dict)


# --------------------------------------------------------------------------- code


class Maker(Protocol):
    """Makes a layer's module: a call, or a block whose class is written for it."""

    def source(self) -> str:
        """How it is written."""

    def make(self) -> Any:
        """The module itself, made now."""


@frozen(cache_hash=True)
class Call:
    """A call as an engineer would write it: `nn.Conv2d(1, 32, 3, padding=1)`. Arguments equal to the default
    stay out.
    """

    target: str
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()

    def source(self) -> str:
        """The call as source text. Every value goes through `repr`, so no value can become code."""
        return _source(self)

    def make(self) -> Any:
        """Make the call now. The caller chooses the device by `with torch.device(…)`."""
        args = [_made(arg) for arg in self.args]
        return resolve(self.target)(*args, **{name: _made(value) for name, value in self.kwargs})


@frozen(cache_hash=True)
class Code:
    """A layer in code: the module it keeps, if any, and the lines that run it.

    In the lines `{m}` stands for the module, the names of ports and outputs for the values, any other name in
    braces for a variable of the layer's own.
    """

    lines: tuple[str, ...]
    make: Maker | None = None


def module(target: str, *args: Any, line: str | tuple[str, ...] = "{out} = {m}({x})", **kwargs: Any) -> Code:
    """A layer that is a module: how it is made and how it is called."""
    return Code((line,) if isinstance(line, str) else line, Call(target, args, tuple(kwargs.items())))


def expression(text: str) -> Code:
    """A layer that needs no module: an expression over its inputs."""
    return Code(("{out} = " + text,))


def _made(value: Any) -> Any:
    return value.make() if isinstance(value, Call) else value


@cache
def _source(call: Call) -> str:
    usual = _defaults(call.target)
    words = [literal(arg) for arg in call.args]
    words += [
        f"{name}={literal(value)}"
        for name, value in call.kwargs
        if name not in usual or not _same(usual[name], value)
    ]
    return f"{call.target}({', '.join(words)})"


def literal(value: Any) -> str:
    """A value as Python source. A call within a call is written out."""
    if isinstance(value, Call):
        return value.source()
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, bool | int | float) or value is None:
        return repr(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(literal, value)) + ("," if len(value) == 1 else "") + ")"
    raise TypeError(f"no literal for {type(value).__name__}")


def _same(one: Any, two: Any) -> bool:
    return isinstance(one, bool) is isinstance(two, bool) and bool(one == two)


@cache
def resolve(target: str) -> Any:
    import torch
    from torch import nn

    first, *rest = target.split(".")
    found: Any = {"nn": nn, "torch": torch, "F": nn.functional}[first]
    for name in rest:
        found = getattr(found, name)
    return found


@cache
def _defaults(target: str) -> dict[str, Any]:
    made = resolve(target)
    # a recurrent module takes (*args, **kwargs) and leaves the names to the class it extends
    makers = [made]
    if isinstance(made, type):
        makers = [vars(base)["__init__"] for base in made.__mro__[:-1] if "__init__" in vars(base)]
    found: dict[str, Any] = {}
    for maker in makers:
        try:
            parameters = inspect.signature(maker).parameters.values()
        except ValueError:  # a builtin without a signature: every argument is written
            return found
        for parameter in parameters:
            if parameter.default is not parameter.empty:
                found.setdefault(parameter.name, parameter.default)
        if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
            return found
    return found


# --------------------------------------------------------------------------- kinds


class Kind:
    """Something that is declared once. Subclasses are frozen values; the decorator `declare` makes them
    so.
    """

    __attrs_attrs__: ClassVar[Any]
    if TYPE_CHECKING:  # attrs makes it, and the forms of the settings check it

        def __init__(self, **settings: Any) -> None: ...

    family: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    search: ClassVar[str] = ""
    use: ClassVar[str] = ""
    source: ClassVar[str] = ""

    @classmethod
    def label(cls) -> str:
        """The name a person reads."""
        return cls.__name__

    @classmethod
    def doc(cls) -> str:
        """What it does, in one or two sentences: the first paragraph of its docstring.

        The second paragraph, when to use it, is the attribute `use`; the one after `Source:` is `source`.
        """
        return _paragraphs(cls)[0]

    def own_params(self) -> tuple[Param, ...]:
        """The settings of this very value."""
        return _params(type(self))

    def with_setting(self: K, name: str, value: Any) -> K:
        """The same with one setting changed. Raises `Illegal`."""
        return attrs.evolve(self, **{name: value})  # type: ignore[misc]  # every kind is an attrs class

    def json(self) -> dict[str, Any]:
        """Its name and every setting as plain JSON."""
        return {"kind": type(self).__name__, **values_to_json(self)}


def _paragraphs(cls: type) -> list[str]:
    return [part.replace("\n", " ") for part in inspect.cleandoc(cls.__doc__ or "").split("\n\n")]


@frozen
class Family:
    """A heading of the palette: its title, and the icon of those kinds that have none of their own."""

    title: Message
    icon: str


FAMILIES: Mapping[str, Family] = {
    "io": Family(Message("Input and output"), "input-output"),
    "convolution": Family(Message("Convolution"), "convolution"),
    "dense": Family(Message("Dense"), "dense"),
    "pooling": Family(Message("Pooling and resizing"), "pool"),
    "normalise": Family(Message("Normalise and drop"), "normalise"),
    "activation": Family(Message("Activation"), "activation"),
    "recurrent": Family(Message("Recurrent"), "recurrent"),
    "attention": Family(Message("Attention and embedding"), "attention"),
    "combine": Family(Message("Combine and reshape"), "reshape"),
}


class Layer(Kind):
    """A node on the canvas."""

    stem: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    spatial: ClassVar[int] = 0
    tall: ClassVar[bool] = True
    input_ports: ClassVar[tuple[Port, ...]] = ()
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    blocks: ClassVar[tuple[Block, ...]] = ()
    """The definitions that it uses, inner ones first. Only the use of a block has any."""

    def ports(self) -> tuple[Port, ...]:
        """The inputs of this very layer; they may depend on its settings."""
        return self.input_ports

    def port(self, name: str) -> Port | None:
        """The input of that name, or None."""
        return next((port for port in self.ports() if port.name == name), None)

    def summary(self) -> str:
        """The settings that tell most, in a few words, for the second line of the node."""
        return ""

    # `**named` is never used: with it mypy lets a kind name its inputs, `def torch(self, x)`.
    def torch(self, *inputs: Any, **named: Any) -> Code:
        """The code for what arrives: an `Incoming` for each port, a list of them for a many-port, None for a
        free one.
        """
        raise NotImplementedError(type(self).__name__)  # every layer with inputs says how it is written

    def object(self, *inputs: Any, **named: Any) -> Iterator[Objection]:
        """What is wrong with what arrives although the patterns fit."""
        yield from ()

    def shapes(self, *inputs: Any, **named: Any) -> tuple[Shape, ...] | None:
        """The output shapes by formula, where PyTorch on meta tensors would be slow. None asks PyTorch."""
        return None

    def macs(self, inputs: tuple[Any, ...], outputs: tuple[Shape, ...]) -> int:
        """Multiply-adds for one sample: products of convolutions, linear maps and attention."""
        return 0

    def explain(self, *inputs: Any, **named: Any) -> Message:
        """What it does with exactly what arrives, in a sentence or two."""
        return Message(self.doc().replace("{", "{{").replace("}", "}}"))

    def formula(self, *inputs: Any, **named: Any) -> str:
        """How the size of the output comes about, with the numbers put in. Empty where there is nothing to
        tell.
        """
        return ""

    def count(self, *inputs: Any, **named: Any) -> str:
        """How the number of parameters comes about: `64 × 32 × 3 × 3 + 64`. Empty where there are none."""
        return ""

    def curve(self, x: np.ndarray) -> np.ndarray | None:
        """The values of an activation at `x`, for its icon. None for a layer that is no curve."""
        return None


class BlockEnd(Layer):
    """Where a value enters a block or leaves it. It stands inside blocks alone, in the place of an Input or
    Output.
    """


class Unknown(Layer):
    """A layer whose kind nobody here knows, or whose settings are not legal. Its data is kept as it came."""

    family = "unknown"
    stem = "unknown"

    def __init__(self, raw: Mapping[str, Any], reason: Message) -> None:
        self.raw = json.dumps(raw, sort_keys=True)
        self.reason = reason

    def own_params(self) -> tuple[Param, ...]:
        """None: what its settings mean is not known."""
        return ()

    def json(self) -> dict[str, Any]:
        """What the file said."""
        found: dict[str, Any] = json.loads(self.raw)
        return found

    @property
    def kind_name(self) -> str:
        """The name that the file gives."""
        return str(json.loads(self.raw).get("kind", "?"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)


class Source(Kind):
    """Where data comes from."""

    title: ClassVar[str] = ""

    @classmethod
    def label(cls) -> str:
        """The name a person reads."""
        return cls.title or cls.__name__

    def schema(self) -> Schema:
        """What the data looks like, without reading it."""
        raise NotImplementedError(type(self).__name__)  # every source says it

    def load(self) -> Raw:
        """The data itself, in its own units. Raises `Trouble` where it cannot be read."""
        raise NotImplementedError(type(self).__name__)  # every source reads its own


class Loss(Kind):
    """What training makes small.

    `task` says what it judges: "classes" (one score for each class, the target is a class number, kept as
    int64), "binary" (a score for yes, the target 0 or 1) or "numbers". For the last two the target is turned
    into the prediction's type and shape before the loss sees it; `object` has made sure that it has as many
    numbers, and so nothing is broadcast. `natural` are the metrics shown where a person chose none.
    """

    task: ClassVar[str] = "numbers"
    natural: ClassVar[tuple[str, ...]] = ()

    def torch(self) -> Call:
        """The loss as a module of torch, called with prediction and target, averaging over the batch."""
        raise NotImplementedError(type(self).__name__)  # every loss says how it is written

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        """What is wrong with judging this prediction by that column of the data."""
        yield from ()


class Optimiser(Kind):
    """How a step changes the weights."""

    def torch(self) -> Call:
        """The optimiser, all but its first argument, the parameters: `resolve(call.target)(parameters,
        **kwargs)`.
        """
        raise NotImplementedError(type(self).__name__)  # every optimiser says how it is written


class Schedule(Kind):
    """How the learning rate changes over training."""

    def factor(self, progress: float, epochs: int) -> float:
        """What the rate is multiplied with when `progress` epochs (a fraction counts) of `epochs` are
        done.
        """
        raise NotImplementedError(type(self).__name__)  # every schedule says what it does


_registries: dict[type, dict[str, type[Any]]] = {
    base: {} for base in (BlockEnd, Layer, Source, Loss, Optimiser, Schedule)
}
K = TypeVar("K", bound=Kind)


def declare(**facts: Any) -> Callable[[type[K]], type[K]]:
    """Make a class a kind: frozen, compared by value, and known by its name. `facts` become class
    attributes.
    """

    def register(cls: type[K]) -> type[K]:
        for name, fact in facts.items():
            setattr(cls, name, fact)
        _, *rest = _paragraphs(cls)
        cls.use = next((part for part in rest if not part.startswith("Source: ")), "")
        cls.source = next((part.removeprefix("Source: ") for part in rest if part.startswith("Source: ")), "")
        if issubclass(cls, Layer):
            own = {
                name: attrs.evolve(value, name=name)
                for klass in reversed(cls.__mro__)
                for name, value in vars(klass).items()
                if isinstance(value, Port)
            }
            cls.input_ports = tuple(own.values())
            cls.stem = cls.stem or re.sub(r"\dd$", "", cls.__name__).lower()
            cls.icon = cls.icon or FAMILIES[cls.family].icon
        # slots would make a second class behind the registry's back
        made = attrs.frozen(slots=False, kw_only=True, field_transformer=_spatial)(cls)
        family = next(base for base in _registries if issubclass(made, base))
        _registries[family][made.__name__] = made
        return made

    return register


def _spatial(cls: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Fill in the number of spatial axes where a setting, perhaps inherited, leaves it to the kind."""
    count = getattr(cls, "spatial", 0)
    filled = []
    for field in fields:
        form = field.metadata.get("form")
        if count and isinstance(form, forms.Size) and form.axes == SPATIAL:
            form = attrs.evolve(form, axes=count)
            field = field.evolve(converter=form.accept, metadata={**field.metadata, "form": form})
        filled.append(field)
    return filled


def settings(cls: type[K]) -> type[K]:
    """Make a class a value with settings like a kind's, without listing it anywhere: how data is split, how
    to train.

    Also for what several kinds share: their common settings stand in such a class.
    """
    return attrs.frozen(slots=False, kw_only=True, cache_hash=True)(cls)


def registries() -> tuple[type[Kind], ...]:
    """The families of kinds: the ends of blocks, layers, sources, losses, optimisers, schedules."""
    return tuple(_registries)


def registry(base: type[K]) -> Mapping[str, type[K]]:
    """All kinds of that family by name: `registry(Layer)`. The engine's own are declared on first use."""
    import engine.vocabulary  # noqa: F401  (declares them)

    family: Any = base
    ordered: Mapping[str, type[K]] = _ordered(family, len(_registries[base]))
    return ordered


@cache
def _ordered(base: Any, count: int) -> Mapping[str, Any]:
    """The kinds in the order of their pages, whoever imported them first. `count` tells when one is new."""
    from engine.vocabulary import PAGES

    places = {page: place for place, page in enumerate(PAGES)}
    kinds = _registries[base].items()
    return dict(sorted(kinds, key=lambda item: places.get(item[1].__module__, len(places))))


@cache
def _params(cls: type) -> tuple[Param, ...]:
    if not attrs.has(cls):
        return ()
    return tuple(
        Param(
            field.name,
            field.default,
            field.metadata["form"],
            field.metadata["doc"],
            field.metadata["unit"],
            field.metadata["advanced"],
        )
        for field in sorted(attrs.fields(cls), key=lambda field: _declared(cls)[field.name])
        if "form" in field.metadata
    )


@cache
def _declared(cls: type) -> dict[str, int]:
    """The place of every setting where it was first declared: declaring it anew does not move it."""
    names = [name for klass in reversed(cls.__mro__) for name in vars(klass).get("__annotations__", ())]
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def params(kind: Any) -> tuple[Param, ...]:
    """The settings of a kind, in the order they are declared. Takes the class or a value of it."""
    if isinstance(kind, Kind):
        return kind.own_params()
    return _params(kind if isinstance(kind, type) else type(kind))


def changed(kind: K, name: str, value: Any) -> K:
    """The same kind with one setting changed. Raises `Illegal` with the name of the setting."""
    found = next((p for p in params(kind) if p.name == name), None)
    if found is None:
        raise Illegal(
            "{kind} has no setting {name}; it has {names}",
            kind=type(kind).__name__,
            name=name,
            names=", ".join(p.name for p in params(kind)) or "none",
        )
    try:
        return kind.with_setting(name, value)
    except Illegal as error:
        raise Illegal("{label}: {reason}", label=found.label, reason=error.message) from None


# --------------------------------------------------------------------------- files


def to_json(kind: Any) -> dict[str, Any]:
    """A kind as plain JSON: its name and every setting, so that a changed default never changes an old
    file.
    """
    told: dict[str, Any] = kind.json()
    return told


def values_to_json(kind: Any) -> dict[str, Any]:
    """The settings alone, without the name of the kind."""
    return {p.name: _plain(getattr(kind, p.name)) for p in params(kind)}


def from_json(data: Mapping[str, Any], base: type[K]) -> K:
    """The kind that `to_json` wrote. Raises `Illegal` where name or settings are not known or not legal."""
    name = data.get("kind")
    known = registry(base)
    if not isinstance(name, str) or name not in known:
        raise Illegal(
            "expected the name of a {base}, received {name}", base=base.__name__.lower(), name=repr(name)
        )
    return values_from_json(known[name], {key: value for key, value in data.items() if key != "kind"})


def values_from_json(cls: type[K], data: Mapping[str, Any]) -> K:
    """A value of that class from its settings; those that are missing have their default."""
    known = {p.name: p for p in params(cls)}
    values = {}
    for name, value in data.items():
        if name not in known:
            raise Illegal("{kind} has no setting {name}", kind=cls.__name__, name=name)
        try:
            values[name] = known[name].form.accept(value)
        except Illegal as error:
            raise Illegal(
                "{kind}, {label}: {reason}", kind=cls.__name__, label=known[name].label, reason=error.message
            ) from None
    return cls(**values)


def layer_from_json(data: Mapping[str, Any]) -> Layer:
    """The layer that `to_json` wrote; one that cannot be read is kept as `Unknown` with the reason."""
    try:
        base = BlockEnd if data.get("kind") in registry(BlockEnd) else Layer
        return from_json(data, base)
    except Illegal as error:
        return Unknown(data, error.message)


def _plain(value: Any) -> Any:
    if isinstance(value, Kind):
        return to_json(value)
    return list(value) if isinstance(value, tuple) else value
