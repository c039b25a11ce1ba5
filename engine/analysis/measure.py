"""What one layer makes of what arrives: shapes, parameters, cost. PyTorch itself answers, on tensors without
memory.

The batch stays symbolic: with 1,000,003 samples (a prime) an axis of that very size is the batch, and a much
smaller one has nothing to do with it. Where an answer leaves that open, 17 and 23 samples are asked about,
and a line is fitted through the two answers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from attrs import frozen

from engine.kinds import Layer, on_change
from engine.kinds.code import Code
from engine.kinds.ports import Incoming, Objection, Port
from engine.kinds.shapes import N, Shape, fit
from engine.message import Message
from engine.plugins import errors, time_limit

SAMPLES = (17, 23)
MANY = 1_000_003
Arrival = Shape | tuple[Shape, ...] | None


@frozen
class Measured:
    """The answer for one layer and the shapes that arrive. `activation_bytes` and `macs` are for one
    sample. `frozen` of the parameters are not trained.
    """

    outputs: tuple[Shape, ...] = ()
    parameters: int = 0
    macs: int = 0
    activation_bytes: int = 0
    code: Code | None = None
    objections: tuple[Objection, ...] = ()
    frozen: int = 0


def incoming(port: Port, arrival: Arrival) -> Any:
    """What `Layer.torch` is handed for a port. None where nothing arrives or where the pattern does not
    fit.
    """
    if arrival is None:
        return None
    if isinstance(arrival, tuple):
        parts = [incoming(port, shape) for shape in arrival]
        return None if None in parts else parts
    named = port.pattern.match(arrival)
    return None if named is None else Incoming(arrival, named)


@lru_cache(maxsize=20_000)
def measure(kind: Layer, arrivals: tuple[Arrival, ...]) -> Measured:
    """Measure a layer for what arrives at its ports, in their order. Every port that must be wired is, and
    patterns fit.
    """
    if kind.blocks:
        from engine.analysis.walk import measured

        return measured(kind, arrivals)  # type: ignore[arg-type]  # only the use of a block has blocks
    if not kind.plugin:
        return _measured(kind, arrivals)
    import torch  # noqa: F401  (which takes a time of its own)

    if kind in _endless:
        return _endless[kind]
    try:
        with time_limit.limited(time_limit.CALLING):
            return _as_promised(kind, _measured(kind, arrivals))
    except time_limit.TooLong as error:  # it is not waited for again, whatever arrives
        found = _endless[kind] = Measured(objections=(errors.failed(kind, error),))
        return found
    except Exception as error:  # a plug-in may raise anything, anywhere
        return Measured(objections=(errors.failed(kind, error),))


on_change(measure.cache_clear)
_endless: dict[Layer, Measured] = {}


def _as_promised(kind: Layer, found: Measured) -> Measured:
    """The answer of a plug-in's layer, once its form is what everybody relies on."""
    if found.objections:
        return found
    if len(found.outputs) != len(kind.outputs) or not all(isinstance(one, Shape) for one in found.outputs):
        raise TypeError(f"shapes() gives {found.outputs!r} for the outputs {kind.outputs!r}")
    return found


def _must_be_code(kind: Layer, code: object) -> None:
    if not isinstance(code, Code):
        raise TypeError(f"torch() gives {type(code).__name__}, not module(…) or expression(…)")
    runner(code.lines, tuple(port.name for port in kind.ports()), kind.outputs)


def _measured(kind: Layer, arrivals: tuple[Arrival, ...]) -> Measured:
    inputs = tuple(incoming(port, arrival) for port, arrival in zip(kind.ports(), arrivals, strict=True))
    objections = tuple(kind.objections(*inputs))
    if objections:
        return Measured(objections=objections)
    code = kind.code(*inputs)
    if kind.plugin:
        _must_be_code(kind, code)
    declared = kind.shapes(*inputs)
    try:
        module = on_meta(code)
        outputs = declared if declared is not None else _shapes(kind, code, module, arrivals)
    except Exception as error:  # whatever PyTorch raises is its answer
        return Measured(objections=(_from_torch(error),))
    if isinstance(outputs, Objection):
        return Measured(objections=(outputs,))
    weights = _weights(module)
    return Measured(
        outputs=outputs,
        parameters=sum(p.numel() for p in weights),
        macs=kind.macs(inputs, outputs),
        activation_bytes=sum(shape.size * (8 if shape.dtype == "int" else 4) for shape in outputs),
        code=code,
        frozen=sum(p.numel() for p in weights if not p.requires_grad),
    )


def _weights(made: Any) -> list[Any]:
    """What it learns: the parameters of a module, a parameter by itself, or nothing."""
    if made is None:
        return []
    return list(made.parameters()) if hasattr(made, "parameters") else [made]


def on_meta(code: Code) -> Any:
    """The layer's module without memory for its weights, or None where it has no module."""
    import torch

    if code.make is None:
        return None
    with torch.device("meta"):
        return code.module()


def _shapes(
    kind: Layer, code: Code, module: Any, arrivals: tuple[Arrival, ...]
) -> tuple[Shape, ...] | Objection:
    import torch

    run = runner(code.lines, tuple(port.name for port in kind.ports()), kind.outputs)
    with torch.no_grad():
        certain = _at_once(run, module, arrivals)
        if certain is not None:
            return certain
        one, two = (run(module, *(_empty(arrival, n) for arrival in arrivals)) for n in SAMPLES)
    shapes = []
    for first, second in zip(one, two, strict=True):
        shape = fit(tuple(first.shape), tuple(second.shape), SAMPLES, _dtype(first))
        if shape is None or not shape.batched:
            return Objection(
                "batch-lost",
                Message("samples kept apart, N×…"),
                Message(
                    "{n} samples give {one} and {m} give {two}, so values of different samples mix.",
                    one="×".join(map(str, first.shape)),
                    two="×".join(map(str, second.shape)),
                    n=SAMPLES[0],
                    m=SAMPLES[1],
                ),
            )
        shapes.append(shape)
    return tuple(shapes)


def _at_once(run: Callable[..., Any], module: Any, arrivals: tuple[Arrival, ...]) -> tuple[Shape, ...] | None:
    """The shapes for very many samples, where they leave no doubt which axis is the batch."""
    try:
        results = run(module, *(_empty(arrival, MANY) for arrival in arrivals))
    except Exception:  # perhaps so many are too much; what is really wrong shows with few
        return None
    shapes = []
    for result in results:
        first, *rest = result.shape or (0,)
        if first != MANY or any(size > MANY // 2 for size in rest):
            return None
        shapes.append(Shape((N, *rest), _dtype(result)))
    return tuple(shapes)


@lru_cache(maxsize=2000)
def runner(lines: tuple[str, ...], inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Callable[..., Any]:
    """A layer's lines as a function of its module and its inputs that returns all outputs."""
    import torch
    from torch import nn

    names = {name: _Self(name) for name in (*inputs, *outputs)}
    body = "\n".join(f"    {line.format_map(_Fresh(names))}" for line in lines)
    text = f"def run(m, {', '.join(inputs)}):\n{body}\n    return ({', '.join(outputs)},)"
    space: dict[str, Any] = {"torch": torch, "nn": nn, "F": nn.functional}
    exec(text, space)  # the lines are a kind's own; settings are in them as literals only
    found: Callable[..., Any] = space["run"]
    return found


class _Self:
    """A placeholder that stands for a variable of its own name, `{xs[1]}` for an element of it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __format__(self, spec: str) -> str:
        return self.name

    def __getitem__(self, index: int) -> _Self:
        return _Self(f"{self.name}[{index}]")


class _Fresh(dict[str, Any]):
    """Placeholders nobody gave a value are variables of the layer's own."""

    def __missing__(self, key: str) -> str:
        return key


def _empty(arrival: Arrival, samples: int) -> Any:
    import torch

    if arrival is None:
        return None
    if isinstance(arrival, tuple):
        return [_empty(shape, samples) for shape in arrival]
    dtypes = {"float": torch.float32, "int": torch.int64, "bool": torch.bool, "complex": torch.complex64}
    return torch.empty(arrival.at(samples), dtype=dtypes[arrival.dtype], device="meta")


def _dtype(tensor: Any) -> Any:
    if tensor.is_complex():
        return "complex"
    if tensor.is_floating_point():
        return "float"
    import torch

    return "bool" if tensor.dtype == torch.bool else "int"


def _from_torch(error: Exception) -> Objection:
    text = str(error).strip().split("\n")[0][:300] or type(error).__name__
    return Objection(
        "torch", Message("something this layer can work on"), Message("PyTorch says: {text}", text=text)
    )
