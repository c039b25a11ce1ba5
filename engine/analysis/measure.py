"""What one layer makes of what arrives: shapes, parameters, cost. PyTorch itself answers, on tensors without
memory.

The batch stays symbolic: with 1,000,003 samples (a prime) an axis of that very size is the batch, and a much
smaller one has nothing to do with it. Where an answer leaves that open, 17 and 23 samples are asked about,
and a line is fitted through the two answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from attrs import frozen

from engine.kinds import Layer, of_plugin, on_change
from engine.kinds.code import Code
from engine.kinds.layer import HeldInside
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.ports import Incoming, Port
from engine.kinds.shapes import Dtype, N, Shape, fit
from engine.plugins import errors, time_limit

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.overrides import TorchFunctionMode

BATCH_LOST = ObjectionKind(
    "batch-lost",
    expected="samples kept apart, N×…",
    why="{n} samples give {one} and {m} give {two}, so values of different samples mix.",
    by_hand="How a layer shall keep samples apart is for its author to say.",
)
TORCH_REFUSES = ObjectionKind(
    "torch",
    expected="something this layer can work on",
    why="PyTorch says: {text}",
    by_hand="What PyTorch means is in its sentence alone.",
)

SAMPLES = (17, 23)
MANY = 1_000_003
Arrival = Shape | tuple[Shape, ...] | None
"""What arrives at a port: a shape, several at a many-port, None where no wire leads."""
Weight = tuple[str, tuple[int, ...]]
"""The name of a weight in its layer, and its sizes."""


@frozen
class Measured:
    """The answer for one layer and the shapes that arrive. `activation_bytes`, `macs` and what is `inside`
    are for one sample. `frozen` of the parameters are not trained. A block has its `weights` in its layers.
    `uncounted` says that there are multiply-adds which nobody could count, so that `macs` are the least there
    can be.
    """

    outputs: tuple[Shape, ...] = ()
    parameters: int = 0
    macs: int = 0
    activation_bytes: int = 0
    inside: HeldInside | None = None
    code: Code | None = None
    objections: tuple[Objection, ...] = ()
    frozen: int = 0
    weights: tuple[Weight, ...] = ()
    uncounted: bool = False


def incoming(port: Port, arrival: Arrival) -> Incoming | list[Incoming] | None:
    """What `Layer.torch` is handed for a port. None where nothing arrives or where the pattern does not
    fit.
    """
    if isinstance(arrival, tuple):
        several = [_incoming(port, shape) for shape in arrival]
        fitting = [one for one in several if one is not None]
        return fitting if len(fitting) == len(several) else None
    return None if arrival is None else _incoming(port, arrival)


def _incoming(port: Port, shape: Shape) -> Incoming | None:
    named = port.pattern.match(shape)
    return None if named is None else Incoming(shape, named)


@lru_cache(maxsize=20_000)
def measure_layer(kind: Layer, arrivals: tuple[Arrival, ...]) -> Measured:
    """Measure a single layer for what arrives at its ports, in their order. Every port that must be wired is,
    and patterns fit. A plug-in's layer may raise anything, or never come to an end: both are objections.
    """
    foreign = of_plugin(kind)
    if foreign is None:
        return _measured(kind, arrivals)
    import torch  # noqa: F401  (which takes a time of its own, none of the plug-in's)

    if kind in _endless:
        return _endless[kind]
    try:
        with time_limit.limited(time_limit.CALLING):
            return _as_promised(kind, _measured(kind, arrivals))
    except time_limit.TooLong as error:  # it is not waited for again, whatever arrives
        measured = _endless[kind] = Measured(objections=(errors.failed(foreign, error),))
        return measured
    except (Exception, SystemExit) as error:
        return Measured(objections=(errors.failed(foreign, error),))


_endless: dict[Layer, Measured] = {}
on_change(measure_layer.cache_clear)


def _as_promised(kind: Layer, measured: Measured) -> Measured:
    """The answer of a plug-in's layer, once its form is what everybody relies on."""
    if measured.objections:
        return measured
    if len(measured.outputs) != len(kind.outputs) or not all(isinstance(s, Shape) for s in measured.outputs):
        raise TypeError(f"shapes() gives {measured.outputs!r} for the outputs {kind.outputs!r}")
    return measured


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
        module = _on_meta(code)
        outputs = declared if declared is not None else _shapes(kind, code, module, arrivals)
    except Exception as error:  # whatever PyTorch raises is its answer
        return Measured(objections=(_from_torch(error),))
    if isinstance(outputs, Objection):
        return Measured(objections=(outputs,))
    parameters = _parameters(module)
    macs = kind.macs(inputs, outputs) if _declares_cost(kind) else _counted(kind, code, module, arrivals)
    return Measured(
        outputs=outputs,
        parameters=sum(parameter.numel() for parameter in parameters.values()),
        macs=macs or 0,
        activation_bytes=sum(shape.size * (8 if shape.dtype == "int" else 4) for shape in outputs),
        inside=kind.holds_inside(inputs, outputs),
        code=code,
        frozen=sum(p.numel() for p in parameters.values() if not p.requires_grad),
        weights=_weights(parameters),
        uncounted=macs is None,
    )


def _declares_cost(kind: Layer) -> bool:
    """Whether a layer says itself what it costs. Ours that say nothing have no products to count."""
    return not kind.plugin or type(kind).macs is not Layer.macs


def _counted(
    kind: Layer, code: Code, module: nn.Module | nn.Parameter | None, arrivals: tuple[Arrival, ...]
) -> int | None:
    """The multiply-adds for one sample that PyTorch sees when a layer runs; None where it cannot tell."""
    import torch
    from torch import nn
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils.flop_counter import flop_registry

    class Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]  # PyTorch
        flops: int = 0

        def __torch_dispatch__(self, function: Any, types: object, args: Any = (), kwargs: Any = None) -> Any:
            out = function(*args, **(kwargs or {}))
            count = flop_registry.get(function._overloadpacket)
            if count is not None:
                self.flops += int(count(*args, **(kwargs or {}), out_val=out))
            return out

    if isinstance(module, nn.Module) and any(isinstance(one, nn.Bilinear) for one in module.modules()):
        return None  # it runs in operations of which PyTorch counts a part alone
    run = runner(code.lines, tuple(port.name for port in kind.ports()), kind.outputs)
    flops: list[int] = []
    for samples in SAMPLES:
        try:
            with torch.no_grad(), Counting() as counting:  # type: ignore[no-untyped-call]  # PyTorch
                run(module, *(_empty(arrival, samples) for arrival in arrivals))
        except Exception:  # the shapes are the layer's own word then
            return None
        flops.append(counting.flops)
    return (flops[1] - flops[0]) // (SAMPLES[1] - SAMPLES[0]) // 2


def _weights(parameters: Mapping[str, nn.Parameter]) -> tuple[Weight, ...]:
    """The names and sizes of the weights as the layer uses them."""
    if not any("parametrizations." in name for name in parameters):
        return tuple([(name, tuple(parameter.shape)) for name, parameter in parameters.items()])
    # A weight under a norm is kept in parts, of which the last has the sizes that the layer uses.
    sizes = {_NORMED.sub(r"\1", name): tuple(parameter.shape) for name, parameter in parameters.items()}
    return tuple(sizes.items())


_NORMED = re.compile(r"parametrizations\.(\w+)\.original\d*")


def _parameters(module: nn.Module | nn.Parameter | None) -> dict[str, nn.Parameter]:
    """What a layer learns, by name: the parameters of a module, a parameter by itself, or nothing."""
    if module is None:
        return {}
    return dict(module.named_parameters()) if hasattr(module, "named_parameters") else {"": module}


def _on_meta(code: Code) -> nn.Module | nn.Parameter | None:
    """The layer's module without memory for its weights, or None where it has no module."""
    import torch

    if code.make is None:
        return None
    with torch.device("meta"), _unfilled():
        made: nn.Module | nn.Parameter = code.module()
        return made


@cache
def _unfilled() -> TorchFunctionMode:
    """While it is entered, tensors are made and not filled: without memory there is nothing to fill, and
    PyTorch takes half of its time for a large layer to do so.
    """
    from torch import Tensor, nn
    from torch.overrides import TorchFunctionMode

    public = [name for name in vars(nn.init) if not name.startswith("_")]
    initialisations = [getattr(nn.init, name) for name in public if name.endswith("_")]
    fillings = {Tensor.fill_, Tensor.zero_, Tensor.uniform_, Tensor.normal_, *initialisations}

    class Unfilled(TorchFunctionMode):
        def __torch_function__(
            self, function: Callable[..., Any], types: object, args: Any = (), kwargs: Any = None
        ) -> Any:
            if function in fillings:
                return args[0] if args else kwargs["tensor"]
            return function(*args, **(kwargs or {}))

    return Unfilled()


def _shapes(
    kind: Layer, code: Code, module: nn.Module | nn.Parameter | None, arrivals: tuple[Arrival, ...]
) -> tuple[Shape, ...] | Objection:
    """The shapes of the outputs: the batch `N` first and nowhere else, or why that is not so."""
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
            return BATCH_LOST(
                one="×".join(map(str, first.shape)),
                two="×".join(map(str, second.shape)),
                n=SAMPLES[0],
                m=SAMPLES[1],
            )
        shapes.append(shape)
    return tuple(shapes)


Run = Callable[..., "tuple[Tensor, ...]"]
"""Takes a layer's module and a value for each port; gives the value of each output. The samples are along the
first axis of all of them.
"""


def _at_once(
    run: Run, module: nn.Module | nn.Parameter | None, arrivals: tuple[Arrival, ...]
) -> tuple[Shape, ...] | None:
    """The shapes for very many samples, where they leave no doubt which axis is the batch."""
    try:
        outputs = run(module, *(_empty(arrival, MANY) for arrival in arrivals))
    except Exception:  # perhaps so many are too much; what is really wrong shows with few
        return None
    shapes = []
    for output in outputs:
        first, *rest = output.shape or (0,)
        if first != MANY or any(size > MANY // 2 for size in rest):
            return None
        shapes.append(Shape((N, *rest), _dtype(output)))
    return tuple(shapes)


@lru_cache(maxsize=2000)
def runner(lines: tuple[str, ...], inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Run:
    """A layer's lines as a function of its module and its inputs that returns all outputs."""
    import torch
    from torch import nn

    names = {name: _Itself(name) for name in (*inputs, *outputs)}
    body = "\n".join(f"    {line.format_map(_OwnVariables(names))}" for line in lines)
    text = f"def run(m, {', '.join(inputs)}):\n{body}\n    return ({', '.join(outputs)},)"
    space: dict[str, Any] = {"torch": torch, "nn": nn, "F": nn.functional}
    exec(text, space)  # the lines are a kind's own; settings are in them as literals only
    run: Run = space["run"]
    return run


class _Itself:
    """A placeholder that stands for a variable of its own name, `{xs[1]}` for an element of it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __format__(self, spec: str) -> str:
        return self.name

    def __getitem__(self, index: int) -> _Itself:
        return _Itself(f"{self.name}[{index}]")


class _OwnVariables(dict[str, object]):
    """Placeholders nobody gave a value are variables of the layer's own."""

    def __missing__(self, key: str) -> str:
        return key


def _empty(arrival: Arrival, samples: int) -> Tensor | list[Tensor] | None:
    """Tensors of what arrives for that many samples, on meta: they have sizes, samples×…, and no numbers."""
    if isinstance(arrival, tuple):
        return [_empty_tensor(shape, samples) for shape in arrival]
    return None if arrival is None else _empty_tensor(arrival, samples)


def _empty_tensor(shape: Shape, samples: int) -> Tensor:
    import torch

    dtypes = {"float": torch.float32, "int": torch.int64, "bool": torch.bool, "complex": torch.complex64}
    return torch.empty(shape.at(samples), dtype=dtypes[shape.dtype], device="meta")


def _dtype(tensor: Tensor) -> Dtype:
    """What the numbers of a tensor of any shape are."""
    if tensor.is_complex():
        return "complex"
    if tensor.is_floating_point():
        return "float"
    import torch

    return "bool" if tensor.dtype == torch.bool else "int"


def _from_torch(error: Exception) -> Objection:
    text = str(error).strip().split("\n")[0][:300] or type(error).__name__
    return TORCH_REFUSES(text=text)
