"""What a plug-in's kind must be to be listed with the engine's own, and which names it leaves to others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine import kinds
from engine.data.source import Source
from engine.kinds import FAMILIES, Kind, Layer, declaring
from engine.layers.initialisations import Initialisation
from engine.losses.loss import TASKS, Loss
from engine.message import Message, Trouble
from engine.metrics.metric import Metric, key
from engine.optim.optimiser import Optimiser, Schedule
from engine.plugins import module_text

NAMES = frozenset({"Use", "Unknown"})
"""What no kind may be called: files mean something else by it."""
REPORTED = ("loss", "penalty", "persistence", "value")
"""What reports tell of besides metrics."""
METHODS: Mapping[type[Kind], tuple[str, ...]] = {
    Layer: (),
    Loss: (),
    Metric: ("compute",),
    Optimiser: ("torch",),
    Schedule: ("factor",),
    Initialisation: ("call",),
    Source: ("schema", "load"),
}
"""The families of which a plug-in declares kinds, and the methods that such a kind cannot do without."""


def must_be_legal(kind: type[Kind]) -> None:
    """Raises where a declaration is not legal. The kind itself may raise anything."""
    role = declaring.role_of(kind)
    if role not in METHODS:
        families = ", ".join(role.__name__ for role in METHODS)
        raise Trouble("expected one of {families}, received {role}", families=families, role=role.__name__)
    for fact in ("family", "hint", "search", "stem", "icon"):
        if not isinstance(getattr(kind, fact, ""), str):
            raise Trouble("expected a text as {fact}", fact=fact)
    if kind.__name__ in NAMES:
        raise Trouble("a kind cannot be called so; choose another name")
    settings = [param.name for param in kinds.params(kind)]
    for name in settings:
        if name in {"kind", "plugin"}:
            raise Trouble("a setting cannot be called {name}; choose another name", name=name)
    one = kind()
    hash(one)
    if kinds.values_from_json(kind, kinds.values_to_json(one)) != one:
        raise Trouble("its usual settings do not come back from a file as they were")
    if kind.modules:
        _must_be_modules(kind.modules)
    if isinstance(one, Layer):
        _must_be_a_layer(one)
    elif not isinstance(one, Loss) and not one.doc():
        raise Trouble("it has no docstring; say in a sentence what it does")
    for name in METHODS[role]:
        if getattr(kind, name) is getattr(role, name):
            raise Trouble("it has no {name}(); say there what it does", name=name)
    match one:
        case Metric(name=name) if not isinstance(name, str):
            raise Trouble("expected a text as {fact}", fact="name")
        case Metric(tasks=tasks) if not tasks or not set(tasks) <= set(TASKS):
            raise Trouble("expected as tasks some of {tasks}", tasks=", ".join(TASKS))
        case Optimiser() if "rate" not in settings:
            raise Trouble("it has no rate; declare one: rate: float = param(…)")


def _must_be_a_layer(layer: Layer) -> None:
    if layer.family not in FAMILIES:
        raise Trouble(
            "expected one of the families {names}, received {family}",
            names=", ".join(FAMILIES),
            family=repr(layer.family),
        )
    if layer.family == "io":
        raise Trouble("the family io belongs to Input and Output; choose another one")
    if not layer.doc():
        raise Trouble("it has no docstring; say in a sentence what it does")
    if not layer.ports():
        raise Trouble("it has no input; declare one: x = port({pattern}, doc=…)", pattern='"N *"')
    if not layer.outputs:
        raise Trouble("it has no output; leave outputs out, or name at least one")
    for name in [*(port.name for port in layer.ports()), *layer.outputs]:
        if not name.isidentifier():
            raise Trouble("expected a name of an input or output, received {name}", name=repr(name))


def _must_be_modules(text: str) -> None:
    try:
        module_text.parse(text)
    except (SyntaxError, ValueError) as error:
        if isinstance(error, Trouble):
            raise
        reason = getattr(error, "msg", None) or str(error)
        line = getattr(error, "lineno", None) or 0
        raise Trouble("its modules are not Python (line {l}): {m}", l=line, m=reason) from None


def names(kind: type[Kind]) -> list[tuple[str, str]]:
    """What nothing else may be called: files know a kind by its class, and reports a metric by its key."""
    return [("kind", kind.__name__), *([("metric", key(kind.name))] if issubclass(kind, Metric) else [])]


def clashes(
    kind: type[Kind], owners: Mapping[tuple[str, str], Message], texts: Mapping[str, str]
) -> Iterator[Message]:
    for what, name in names(kind):
        if (what, name) in owners:
            owner = owners[what, name]
            yield Message("{owner} has a {what} {name} already; rename it", owner=owner, what=what, name=name)
    text = kind.modules
    for name in module_text.parse(text).names if text else ():
        if texts.get(name, text) != text:
            yield Message(
                "{kind} brings a module {name}, and another kind brings another one of that name; rename it",
                kind=kind.__name__,
                name=name,
            )
