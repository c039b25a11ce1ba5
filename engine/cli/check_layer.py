"""Tries a layer of a plug-in: shapes, parameters, files and code, against PyTorch itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from engine import edits, kinds
from engine.analysis.measure import TORCH_REFUSES, Arrival, Measured, incoming, runner
from engine.analysis.walk import measure
from engine.cli.check_settings import lost_in_a_file, others, settings_without_doc
from engine.kinds import Layer
from engine.kinds.code import Call, Code
from engine.kinds.ports import Port
from engine.kinds.shapes import Shape, per_sample
from engine.layers.block_ends import Entry, Exit
from engine.layers.dense import Identity
from engine.message import Message
from engine.plugins import module_text
from engine.plugins.errors import PLUGIN_FAILS
from engine.project.blocks import Block, Use
from engine.project.graph import Node, Wire
from engine.templates.builder import Sketch

TYPICAL = {"C": 6, "F": 8, "E": 8, "T": 6, "S": 6, "L": 16, "H": 16, "W": 16, "D": 16, "A": 4, "B": 6, "G": 2}
"""Sizes that suit most layers: channels divide, maps are larger than kernels."""


def check(cls: type[Layer]) -> Iterator[Message]:
    """What is wrong with a layer: its words, shapes, parameters, files and code, against PyTorch itself."""
    yield from settings_without_doc(cls)
    for port in cls.input_ports:
        if not port.doc.strip():
            yield Message("its input {name} has no doc; say what it takes", name=port.name)
    usual = cls()
    arrivals = tuple(None if port.optional else typical(port) for port in usual.ports())
    measured = measure(usual, arrivals)
    if measured.objections:
        yield Message(
            "with its usual settings it does not take {shapes}: {why}",
            shapes=_shapes_text(arrivals),
            why=measured.objections[0].why,
        )
        return  # all that follows would say the same in other words
    yield from _check_texts(usual, arrivals, measured)
    yield from check_module(usual, arrivals, measured)
    for other in others(cls):
        yield from _check_other_settings(other, arrivals)


def _check_other_settings(layer: Layer, arrivals: tuple[Arrival, ...]) -> Iterator[Message]:
    """The same for other settings, which it may refuse in words of its own."""
    values = kinds.values_to_json(layer)
    yield from lost_in_a_file(layer)
    measured = measure(layer, arrivals)
    problems: list[Message] = []
    if not measured.objections:
        problems += check_module(layer, arrivals, measured)
    elif measured.objections[0].name in {TORCH_REFUSES.name, PLUGIN_FAILS.name}:
        problems.append(Message("{why} Say it first, in object()", why=measured.objections[0].why))
    for problem in problems[:1]:  # one a setting is enough: what follows comes of the first
        yield Message("with {told}: {problem}", told=values, problem=problem)


def _check_texts(layer: Layer, arrivals: tuple[Arrival, ...], measured: Measured) -> Iterator[Message]:
    """Its words: they must be there, and its count must come to the number of parameters."""
    inputs = [incoming(port, one) for port, one in zip(layer.ports(), arrivals, strict=True)]
    for name, arguments in (("summary", []), ("explain", inputs), ("sizing", inputs), ("count", inputs)):
        method = getattr(type(layer), name)
        getattr(method, "__wrapped__", method)(layer, *arguments)  # what it raises is to be seen here
    count = layer.count(*inputs)
    if count:
        try:
            number = eval(count.replace("×", "*").replace(",", ""), {"__builtins__": {}})
        except SyntaxError:
            yield Message("count() gives {count}, which is no sum of products", count=count)
            return
        if number != measured.parameters:
            yield Message(
                "count() comes to {number}, but it has {parameters} parameter{parameters:|s}",
                number=f"{number:,}",
                parameters=f"{measured.parameters:,}",
            )


def use(cls: type[Layer]) -> str:
    """Make a layer with its usual settings and let it compute, on as little as suits it. Why it does not, if
    it does not.
    """
    usual = cls()
    arrivals = tuple(None if port.optional else typical(port) for port in usual.ports())
    measured = measure(usual, arrivals)
    if measured.objections or measured.code is None:
        return " ".join(str(objection.why) for objection in measured.objections)
    run = runner(measured.code.lines, tuple(port.name for port in usual.ports()), usual.outputs)
    run(measured.code.module(), *(_sample_values(one, 2) for one in arrivals))
    return ""


def check_module(layer: Layer, arrivals: tuple[Arrival, ...], measured: Measured) -> Iterator[Message]:
    """What the real layer does on the processor must be what was said before."""
    import torch

    code = measured.code
    assert isinstance(code, Code)
    module = code.module()
    # It was measured without numbers; with them, parameters and shapes must come out the same.
    number = sum(p.numel() for p in module.parameters()) if hasattr(module, "parameters") else 0
    if module is not None and hasattr(module, "parameters") and number != measured.parameters:
        yield Message(
            "it has {number} parameter{number:|s}, not {said}", number=number, said=measured.parameters
        )
    run = runner(code.lines, tuple(port.name for port in layer.ports()), layer.outputs)
    for samples in (2, 3):  # two sizes of batch tell a size that is fixed from one that follows the batch
        results = run(module, *(_sample_values(one, samples) for one in arrivals))
        for result, shape in zip(results, measured.outputs, strict=True):
            if tuple(result.shape) != tuple(shape.at(samples)):
                yield Message(
                    "for {samples} sample{samples:|s} {came} comes out, not {said}, as shapes() says",
                    samples=samples,
                    came="×".join(map(str, result.shape)),
                    said="×".join(map(str, shape.at(samples))),
                )
                return
            if result.is_floating_point() and not torch.isfinite(result).all():
                yield Message("numbers come out that are not finite")
                return
    yield from _check_emitted(layer, arrivals)
    # The call that is written into a file must make the same module, with nothing imported but torch.
    if isinstance(code.make, Call):
        space: dict[str, Any] = {}
        text = module_text.parse(code.make.text).body if code.make.text else ""
        head = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
        more = "\n".join(module_text.parse(code.make.text).imports) if code.make.text else ""
        exec(f"{head}{more}\n{text}", space)
        again = eval(code.make.source(), space)
        if repr(again) != repr(module) and not code.set_up:
            yield Message("the code {code} makes something else", code=code.make.source())


def _check_emitted(layer: Layer, arrivals: tuple[Arrival, ...]) -> Iterator[Message]:
    """The code that is written for it among other layers must compute what its own lines do."""
    import torch
    from torch import nn

    from engine.codegen.build import layer_module

    # One list of shapes for each port; a free port has none.
    shapes = [one if isinstance(one, tuple) else () if one is None else (one,) for one in arrivals]
    code = measure(Use(block=_block_around(layer, shapes)), sum(shapes, ())).code
    assert code is not None
    module = layer_module(code)
    assert isinstance(module, nn.Module)
    module.eval()
    values = [[_sample_values(shape, 2) for shape in several] for several in shapes]
    ports = layer.ports()
    inputs = [
        group if port.many else group[0] if group else None for port, group in zip(ports, values, strict=True)
    ]
    own = measure(layer, arrivals).code
    assert own is not None
    run = runner(own.lines, tuple(port.name for port in ports), layer.outputs)
    # Both ways start from one seed, so that a layer which draws at random draws the same.
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        expected = run(getattr(module, "tried", None), *inputs)
        torch.manual_seed(0)
        actual = module(*(value for group in values for value in group))
    several = actual if isinstance(actual, tuple) else (actual,)
    for output, one, other in zip(layer.outputs, expected, several, strict=True):
        if not torch.equal(one, other):
            yield Message("its output {output} is another one in the code of a network", output=output)


def _block_around(layer: Layer, shapes: list[tuple[Shape, ...]]) -> Block:
    """A block with a layer before it at every wire and one behind each output."""
    sketch = Sketch("Tried")
    before = [[sketch.add(Identity(), sketch.add(Entry())) for _ in several] for several in shapes]
    wires = [(sketch_id, place) for place, several in enumerate(before) for sketch_id in several]
    id = sketch.add(layer, name="tried")
    graph = sketch.project().graph
    ports = layer.ports()
    more = [Wire(source, "out", id, ports[place].name) for source, place in wires]
    graph = evolve(graph, wires=(*graph.wires, *more))
    for output in layer.outputs:
        after, end = edits.new_ids(graph, 2)
        graph = graph.with_nodes([Node(after, Identity(), after), Node(end, Exit(), f"{output}_{end}")])
        graph = evolve(
            graph, wires=(*graph.wires, Wire(id, output, after, "x"), Wire(after, "out", end, "x"))
        )
    return Block(graph)


def typical(port: Port) -> Arrival:
    """One shape that suits the port, with sizes a person would meet."""
    dims: list[int] = []
    for token in port.pattern.text.split():
        if token == "*":
            dims += [4] if not dims else []
        elif token != "N" and not token.endswith("?"):
            dims.append(int(token) if token.isdecimal() else TYPICAL.get(token, 6))
    shape = per_sample(*dims, dtype="int" if port.dtype == "int" else "float")
    return (shape,) * port.least if port.many else shape


def _sample_values(arrival: Arrival, samples: int) -> Any:
    """What arrives at a port, `samples` first in its shape: zeros for whole numbers, else 0.1 to 0.9, which
    every function of real numbers takes. A port of many wires gets a list of tensors, a free one None.
    """
    import torch

    if arrival is None:
        return None
    if isinstance(arrival, tuple):
        return [_sample_values(shape, samples) for shape in arrival]
    if arrival.dtype == "int":
        return torch.zeros(arrival.at(samples), dtype=torch.int64)
    return torch.rand(arrival.at(samples)) * 0.8 + 0.1


def _shapes_text(arrivals: tuple[Arrival, ...]) -> str:
    """The shapes of all wires for a sentence."""
    flat: list[Shape] = []
    for one in arrivals:
        flat += one if isinstance(one, tuple) else [one] if one is not None else []
    return " and ".join(map(str, flat))
