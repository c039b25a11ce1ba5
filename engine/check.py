"""What is known about a network: shapes, parameters, cost, and what is wrong with it, up to the first broken
wire.

Nothing here raises: whatever is wrong becomes a `Problem` at its node. What did not change since a previous
analysis is taken from it, so that an edit costs what it changes. Ways out of a problem stand in
`engine.repairs`; whether a wire would fit before it is drawn, in `engine.wiring`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from attrs import evolve, field, frozen

from engine.blocks import Use
from engine.calls import Code
from engine.graph import Graph, Inside, Node, Project, Wire
from engine.kinds import BlockEnd, Unknown
from engine.layers.ends import Input, Output
from engine.measure import Arrival, incoming, measure
from engine.message import Message, Trouble
from engine.ports import Objection, Port
from engine.shapes import Shape
from engine.shared import settled

if TYPE_CHECKING:
    from engine.data.schema import Schema
    from engine.repairs import Repair

Level = Literal["error", "warning", "note"]


@frozen
class Facts:
    """What is known about one node. `macs` and `activation_bytes` are for one sample.

    `known` is false where the node, or something above it, is broken. `left_out` says that no wire leads from
    it to an Output, so that it is not trained. `shares` is the node whose layer it uses too; its parameters
    are counted there. `frozen` of the parameters are not trained.
    """

    inputs: Mapping[str, tuple[Shape, ...]] = field(factory=dict)
    outputs: Mapping[str, Shape] = field(factory=dict)
    parameters: int = 0
    macs: int = 0
    activation_bytes: int = 0
    known: bool = False
    left_out: bool = False
    code: Code | None = None
    shares: str = ""
    frozen: int = 0


@frozen(slots=False, eq=False)
class Problem:
    """What is wrong at a node (`node` is empty for the network as a whole), in words, with ways out.

    `message` reads after the node's name: "expects N×features but receives N×64×7×7". A problem of a layer
    within a block is `inner` to one of the node that uses the block, named "inside".
    """

    node: str
    name: str
    level: Level
    message: Message
    expected: Message
    received: Message
    why: Message
    port: str = ""
    facts: Mapping[str, object] = field(factory=dict)
    analysis: Analysis | None = field(default=None, repr=False)
    known_repairs: tuple[Repair, ...] | None = field(default=None, repr=False)
    inner: Problem | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same problem after an edit: where it is and what it is called."""
        return (self.node, self.name, self.port, *(self.inner.key if self.inner else ()))

    @property
    def path(self) -> tuple[str, ...]:
        """The ids of the nodes that lead to it: one, or more where it is within blocks."""
        return (self.node, *(self.inner.path if self.inner else ()))

    @cached_property
    def repairs(self) -> tuple[Repair, ...]:
        """Ways out that were tried and work, best first. Computed when first asked for, unless they are
        known.
        """
        if self.known_repairs is not None:
            return self.known_repairs
        from engine.repairs import propose

        return propose(self)


@frozen
class Found:
    """One node's facts and problems, with what they were computed from, so that the next check can take them
    over.
    """

    node: Node
    arrivals: tuple[Arrival, ...]
    broken: frozenset[str]
    alive: bool
    schema: Schema | None
    facts: Facts
    problems: tuple[Problem, ...]


@frozen(slots=False, eq=False)
class Analysis:
    """Everything `check` found out about a project. Sums count the nodes that are trained."""

    project: Project
    schema: Schema | None
    found: Mapping[str, Found]
    general: tuple[Problem, ...] = ()
    alone: Mapping[str, Found] = field(factory=dict)
    """What was found before shared weights were counted once: what the next check takes over."""

    @cached_property
    def nodes(self) -> Mapping[str, Facts]:
        """The facts of every node by id, in the order of the graph."""
        return {id: self.found[id].facts for id in self.project.graph.nodes}

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """All problems: the network's own first, then node by node as the data flows; errors before the
        rest.
        """
        every = [*self.general]
        for id in self.project.graph.order:
            every += self.found[id].problems
        rank = {"error": 0, "warning": 1, "note": 2}
        every.sort(key=lambda problem: rank[problem.level])
        return tuple(evolve(problem, analysis=self) for problem in every)

    def of(self, id: str) -> tuple[Problem, ...]:
        """The problems of one node."""
        return self._by_node.get(id, ())

    @cached_property
    def _by_node(self) -> dict[str, tuple[Problem, ...]]:
        found: dict[str, tuple[Problem, ...]] = {}
        for problem in self.problems:
            found[problem.node] = (*found.get(problem.node, ()), problem)
        return found

    def inside(self, id: str, turn: int = 0) -> Analysis:
        """The inside of the block that a node uses, as an analysis of its own. Where the block is repeated,
        `turn` says which time is meant.
        """
        from engine import insides

        found = self.found[id]
        assert isinstance(found.node.kind, Use)
        one = insides.turn(found.node.kind, found.arrivals, turn)
        project = self.project
        inner = Inside(one.use.graph, project.data, project.recipe, one.given)
        general = tuple(_exits(inner.graph))
        return Analysis(inner, self.schema, one.found, general, one.alone)

    @cached_property
    def trainable(self) -> bool:
        """Whether the network can be trained as it stands."""
        return not any(problem.level == "error" for problem in self.problems)

    @property
    def trained(self) -> Iterator[Facts]:
        """The facts of the nodes that take part."""
        return (facts for facts in self.nodes.values() if not facts.left_out)

    @cached_property
    def parameters(self) -> int:
        """Numbers that the layers have learnt or will learn, frozen ones among them."""
        return sum(facts.parameters for facts in self.trained)

    @cached_property
    def macs(self) -> int:
        """Multiply-adds of one forward pass of one sample."""
        return sum(facts.macs for facts in self.trained)

    @cached_property
    def activation_bytes(self) -> int:
        """Memory for what the layers put out for one sample, all kept for the backward pass, in bytes."""
        return sum(facts.activation_bytes for facts in self.trained)


def check(project: Project, previous: Analysis | None = None) -> Analysis:
    """Find out everything about a project. Never raises for what a person can draw."""
    from engine.data.prepare import schema as schema_of

    general: list[Problem] = []
    schema: Schema | None = None
    try:
        schema = schema_of(project.data)
    except Trouble as trouble:
        general.append(
            _general(
                "data",
                trouble.message,
                Message("data that can be read"),
                Message("none"),
                Message("Shapes begin with the data."),
            )
        )
    if previous is not None and previous.schema is not None and previous.schema == schema:
        schema = previous.schema
    graph = project.graph
    inside = isinstance(project, Inside)
    alone = look(graph, schema, dict(project.given) if isinstance(project, Inside) else None, previous)
    found = settled(graph, alone)
    general += _exits(graph) if inside else _ends(project)
    if not inside and not general and not any(
        found.facts.left_out is False and not found.facts.known for found in found.values()
    ):
        general += _nothing_to_train(graph, found)
    return Analysis(project, schema, found, tuple(general), alone)


def look(
    graph: Graph,
    schema: Schema | None = None,
    given: Mapping[str, Shape | None] | None = None,
    previous: Analysis | None = None,
) -> dict[str, Found]:
    """What is known of every node, as the data flows. What cannot have changed is taken from before.

    `given` is what arrives at the Entries, by their ids, where the graph is the inside of a block.
    """
    alive = graph.alive
    before: Mapping[str, Found] = {}
    wires_before: Callable[[str], tuple[Wire, ...]] = graph.incoming
    if previous is not None:
        before, wires_before = previous.alone, previous.project.graph.incoming
    found: dict[str, Found] = {}
    changed: set[str] = set()
    for id in graph.order:
        node = graph.nodes[id]
        lives = id in alive
        old = before.get(id)
        same = (
            old is not None
            and old.node.kind is node.kind
            and old.node.muted == node.muted
            and old.alive == lives
            and old.schema is schema
        )
        wires = graph.incoming(id)
        if same and wires == wires_before(id) and changed.isdisjoint([wire.source for wire in wires]):
            found[id] = old  # type: ignore[assignment]  # nothing is the same where there was nothing
            continue
        arrivals, broken = arrivals_at(graph, node, found)
        if isinstance(node.kind, BlockEnd) and given is not None and not node.kind.ports():
            arrivals = (given.get(id),)
        if old is not None and same and old.arrivals == arrivals and old.broken == broken:
            found[id] = old
        else:
            found[id] = _find(node, arrivals, broken, lives, schema, given is not None)
            changed.add(id)
    return found


# --------------------------------------------------------------------------- one node


def arrivals_at(
    graph: Graph, node: Node, found: Mapping[str, Found]
) -> tuple[tuple[Arrival, ...], frozenset[str]]:
    """The shapes at each port, and the ports at which a wire arrives that carries nothing known."""
    wires = graph.incoming(node.id)
    carried = [found[wire.source].facts.outputs.get(wire.output) for wire in wires]
    ports = node.kind.ports()
    if len(wires) == 1 and len(ports) == 1 and not ports[0].many and carried[0] is not None:
        return (carried[0],), _NONE
    arrivals: list[Arrival] = []
    for port in ports:
        shapes = [shape for wire, shape in zip(wires, carried, strict=True) if wire.input == port.name]
        if port.many:
            arrivals.append(tuple(shape for shape in shapes if shape is not None))
        else:
            arrivals.append(shapes[0] if shapes else None)
    return tuple(arrivals), frozenset(
        wire.input for wire, shape in zip(wires, carried, strict=True) if shape is None
    )


_NONE: frozenset[str] = frozenset()


def _find(
    node: Node,
    arrivals: tuple[Arrival, ...],
    broken: frozenset[str],
    alive: bool,
    schema: Schema | None,
    inside: bool,
) -> Found:
    if isinstance(node.kind, Input | Output if inside else BlockEnd):
        facts, problems = Facts(), [_misplaced(node, inside)]
    else:
        facts, problems = examine(node, arrivals, schema, broken)
    if not alive:
        facts = evolve(facts, left_out=True)
        problems = [evolve(problem, level="warning") for problem in problems] or [_left_out(node)]
    return Found(node, arrivals, broken, alive, schema, facts, tuple(problems))


def _misplaced(node: Node, inside: bool) -> Problem:
    kind, instead = node.kind.label(), "Entry" if node.kind.outputs else "Exit"
    if inside:
        return Problem(
            node.id,
            "misplaced",
            "error",
            Message("cannot stand inside a block; data goes into a block at an Entry and out at an Exit"),
            Message("an {instead}", instead=instead),
            Message("an {kind}", kind=kind),
            Message("Columns of the data belong to the network, so that a block can be used anywhere."),
        )
    return Problem(
        node.id,
        "misplaced",
        "error",
        Message("stands outside of a block, where nothing goes in or out"),
        Message("an Input or Output"),
        Message("an {kind}", kind=kind),
        Message("An Entry and an Exit are the ends of a block."),
    )


def _left_out(node: Node) -> Problem:
    return Problem(
        node.id,
        "left-out",
        "note",
        Message("reaches no output, so it is left out of training"),
        Message("a wire that leads to an Output"),
        Message("none"),
        Message("Only what an Output depends on is computed and trained."),
    )


def examine(
    node: Node, arrivals: tuple[Arrival, ...], schema: Schema | None, broken: frozenset[str]
) -> tuple[Facts, list[Problem]]:
    """One node's facts and problems for what arrives at its ports; `broken` ports have a wire that carries
    nothing known.
    """
    kind = node.kind
    if isinstance(kind, Unknown):
        message = Message("is of a kind that is not known here: {reason}", reason=kind.reason)
        return Facts(), [
            Problem(
                node.id,
                "unknown-kind",
                "error",
                message,
                Message("a kind that this program has"),
                Message("{kind}", kind=kind.kind_name),
                Message("Its data is kept when the network is saved."),
            )
        ]
    if isinstance(kind, Input):
        return _examine_input(node, kind, schema)
    if isinstance(kind, BlockEnd) and not kind.ports():
        given = arrivals[0] if arrivals else None
        return Facts({}, {"out": given} if isinstance(given, Shape) else {}, known=given is not None), []
    ports = kind.ports()
    inputs = {
        port.name: arrival if isinstance(arrival, tuple) else () if arrival is None else (arrival,)
        for port, arrival in zip(ports, arrivals, strict=True)
    }
    if node.skipped:
        wired = next((name for name, shapes in inputs.items() if shapes or name in broken), "")
        first = inputs[wired][0] if wired and wired not in broken else None
        outputs = dict.fromkeys(kind.outputs, first) if first is not None else {}
        return Facts(inputs, outputs, known=first is not None), []
    problems: list[Problem] = []
    for port, arrival in zip(ports, arrivals, strict=True):
        problem = misfit(node, port, arrival, port.name in broken)
        if problem is not None:
            problems.append(problem)
    if problems or broken:
        return Facts(inputs), problems
    if isinstance(kind, Output):
        return _examine_output(node, kind, arrivals, schema, inputs)
    if isinstance(kind, BlockEnd):
        return Facts(inputs, known=True), []
    if isinstance(kind, Use):
        problems = list(_inside(node, kind, arrivals))
        if problems:
            return Facts(inputs), problems
    measured = measure(kind, arrivals)
    if measured.objections:
        return Facts(inputs), [_objected(node, objection, inputs) for objection in measured.objections]
    return Facts(
        inputs,
        dict(zip(kind.outputs, measured.outputs, strict=True)),
        measured.parameters,
        measured.macs,
        measured.activation_bytes,
        True,
        code=measured.code,
        frozen=measured.frozen,
    ), []


def _inside(node: Node, kind: Use, arrivals: tuple[Arrival, ...]) -> Iterator[Problem]:
    """What is wrong within a block for what arrives at it: its own problems, as ones of the node."""
    from engine import insides

    unfit = insides.unfit(kind)
    if unfit is not None:
        yield _objected(node, unfit, {})
        return
    for place, turn in enumerate(insides.turns(kind, arrivals)):
        for problem in turn.errors:
            layer = kind.graph.nodes[problem.node]
            within = {"layer": layer.name, "message": problem.message, "time": place + 1}
            yield Problem(
                node.id,
                "inside",
                "error",
                Message("has a problem inside: {layer} {message}", **within)
                if place == 0
                else Message("has a problem inside, at repetition {time}: {layer} {message}", **within),
                problem.expected,
                problem.received,
                problem.why,
                facts={"turn": place},
                inner=problem,
            )


def misfit(node: Node, port: Port, arrival: Arrival, broken: bool) -> Problem | None:
    """What is wrong at one port of a node, or None. A missing wire is no fault of a `broken` port."""
    shapes = arrival if isinstance(arrival, tuple) else () if arrival is None else (arrival,)
    least = port.least if port.many else 0 if port.optional else 1
    if len(shapes) < least and not broken:
        return _unwired(node, port, len(shapes))
    for shape in shapes:
        if port.pattern.match(shape) is None:
            return Problem(
                node.id,
                "wrong-shape",
                "error",
                Message("expects {expected} but receives {received}", expected=port.pattern, received=shape),
                Message("{pattern}", pattern=port.pattern),
                Message("{shape}", shape=shape),
                _why_misfit(port, shape),
                port.name,
                {"shape": shape},
            )
        whole = {"int", "bool"} if port.dtype == "int" else {port.dtype}
        if port.dtype != "any" and shape.dtype not in whole:
            wanted, came = _NUMBERS[port.dtype], _NUMBERS[shape.dtype]
            return Problem(
                node.id,
                "wrong-numbers",
                "error",
                Message("expects {expected} but receives {received}", expected=wanted, received=came),
                wanted,
                came,
                Message("It works on {doc}.", doc=port.doc),
                port.name,
                {"shape": shape},
            )
    return None


def _unwired(node: Node, port: Port, number: int) -> Problem:
    why = Message("Without it the layer has nothing to work on.")
    if not port.many:
        message = Message("has no wire at its input ({doc})", doc=port.doc)
        return Problem(
            node.id,
            "unwired",
            "error",
            message,
            Message("{p}", p=port.pattern),
            Message("nothing"),
            why,
            port.name,
        )
    expected = Message("at least {least} wires", least=port.least)
    received = Message("one wire") if number == 1 else Message("nothing")
    message = Message("takes {expected} but has {received}", expected=expected, received=received)
    return Problem(node.id, "unwired", "error", message, expected, received, why, port.name)


_NUMBERS = {
    "float": Message("decimal numbers"),
    "int": Message("whole numbers, such as the ids of words"),
    "bool": Message("yes or no"),
    "complex": Message("complex numbers"),
}


def _why_misfit(port: Port, shape: Shape) -> Message:
    rank = port.pattern.rank
    if rank is not None and rank != len(shape.dims):
        return Message(
            "It works on {doc}: {rank} axes with the samples, and this has {received}.",
            doc=port.doc,
            rank=rank,
            received=len(shape.dims),
        )
    return Message("It works on {doc}.", doc=port.doc)


def _objected(node: Node, objection: Objection, inputs: Mapping[str, tuple[Shape, ...]]) -> Problem:
    shapes = [str(shape) for arrived in inputs.values() for shape in arrived]
    received = Message("{shapes}", shapes=" and ".join(shapes) or "nothing")
    return Problem(
        node.id,
        objection.name,
        "error",
        Message(
            "expects {expected}, but receives {received}", expected=objection.expected, received=received
        ),
        objection.expected,
        received,
        objection.why,
        facts=objection.facts,
    )


def _examine_input(node: Node, kind: Input, schema: Schema | None) -> tuple[Facts, list[Problem]]:
    if schema is None:
        return Facts(), []
    name = kind.column or schema.inputs[0]
    column = schema.columns.get(name)
    if column is None:
        return Facts(), [_missing_column(node, name, schema)]
    return Facts({}, {"out": column.shaped}, known=True), []


def _examine_output(
    node: Node,
    kind: Output,
    arrivals: tuple[Arrival, ...],
    schema: Schema | None,
    inputs: Mapping[str, tuple[Shape, ...]],
) -> tuple[Facts, list[Problem]]:
    predictions = [incoming(port, arrival) for port, arrival in zip(kind.ports(), arrivals, strict=True)]
    objections = list(kind.loss.among(*predictions))
    if schema is not None and kind.loss.judged:
        name = kind.target or schema.target
        column = schema.columns.get(name)
        if column is None:
            return Facts(inputs), [_missing_column(node, name, schema)]
        objections += kind.loss.object(predictions[0], column)
    problems = [_objected(node, objection, inputs) for objection in objections]
    return Facts(inputs, {}, known=not problems), problems


def _missing_column(node: Node, name: str, schema: Schema) -> Problem:
    return Problem(
        node.id,
        "missing-column",
        "error",
        Message(
            "expects a column {name}, but the data has {names}", name=name, names=", ".join(schema.columns)
        ),
        Message("one of {names}", names=", ".join(schema.columns)),
        Message("{name}", name=name),
        Message("The data does not have that column; its name may have changed with the data."),
        facts={"columns": tuple(schema.columns)},
    )


# --------------------------------------------------------------------------- the network as a whole


def _general(name: str, message: Message, expected: Message, received: Message, why: Message) -> Problem:
    return Problem("", name, "error", message, expected, received, why)


def _ends(project: Project) -> Iterator[Problem]:
    graph = project.graph
    none = Message("none")
    if not graph.nodes:
        yield _general(
            "empty",
            Message("The network is empty; it needs an Input, a layer and an Output"),
            Message("an Input, a layer and an Output"),
            Message("no layers"),
            Message("Data enters at an Input, and what is learned is judged at an Output."),
        )
        return
    if not graph.outputs:
        yield _general(
            "no-output",
            Message("The network has no Output, so nothing says what it should learn; add one at the end"),
            Message("an Output"),
            none,
            Message("An Output compares the prediction with the data."),
        )
    if not graph.inputs:
        yield _general(
            "no-input",
            Message("The network has no Input, so no data comes in; add one at the top"),
            Message("an Input"),
            none,
            Message("An Input brings a column of the data in."),
        )


def _exits(graph: Graph) -> Iterator[Problem]:
    """What a block lacks as a whole."""
    if not any(isinstance(node.kind, BlockEnd) for node in graph.outputs):
        yield _general(
            "no-exit",
            Message("The block has no Exit, so nothing comes out of it; add one at the end"),
            Message("an Exit"),
            Message("none"),
            Message("What arrives at an Exit is what the block gives."),
        )


def _nothing_to_train(graph: Graph, found: Mapping[str, Found]) -> Iterator[Problem]:
    """Training needs a weight whose gradient reaches an Output. Whole numbers carry no gradient."""
    waiting = [node.id for node in graph.outputs]
    seen = set(waiting)
    while waiting:
        id = waiting.pop()
        if found[id].facts.parameters > found[id].facts.frozen:
            return
        passed = graph.passed(id) if graph.nodes[id].skipped else None
        for wire in graph.incoming(id) if passed is None else (passed,):
            shape = found[wire.source].facts.outputs.get(wire.output)
            if wire.source not in seen and shape is not None and shape.dtype in {"float", "complex"}:
                seen.add(wire.source)
                waiting.append(wire.source)
    trained = [one.facts for one in found.values() if not one.facts.left_out]
    weights = any(facts.parameters > facts.frozen for facts in trained)
    frozen = any(facts.frozen for facts in trained)
    if weights:
        message = Message("No weight reaches an Output, so there is nothing to train; whole numbers stop it")
        received = Message("whole numbers between every weight and the Outputs")
    elif frozen:
        message = Message("Every layer with weights is frozen, so there is nothing to train; thaw one")
        received = Message("frozen layers only")
    else:
        message = Message(
            "No layer has weights, so there is nothing to train; add a Linear layer or a convolution"
        )
        received = Message("none")
    yield _general(
        "nothing-to-train",
        message,
        Message("at least one layer with weights that an Output depends on"),
        received,
        Message("Training changes weights, by gradients that come back from the Outputs."),
    )
