"""The document: order, what reaches an Output, what a muted node passes on, names for what is computed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine import edits
from engine.data.sets.tables import Wine
from engine.data.settings import DataSettings
from engine.layers.activation import ReLU
from engine.layers.attention import MultiheadAttention
from engine.layers.combine import Add
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch


def branched() -> Project:
    """An Input, a branch with a skip, an Output, and a layer that leads nowhere."""
    sketch = Sketch("Branched")
    x = sketch.add(Input())
    a = sketch.add(Linear(), x, name="a")
    b = sketch.add(ReLU(), a, name="b")
    sketch.add(Output(), sketch.add(Add(), b, a, name="sum"))
    sketch.add(ReLU(), a, name="loose")
    return sketch.project()


def names(project: Project, ids: object) -> list[str]:
    return [project.graph.nodes[id].name for id in ids]  # type: ignore[attr-defined]


def test_a_node_stands_after_all_it_depends_on_and_loose_ends_come_last() -> None:
    project = branched()
    assert names(project, project.graph.order) == ["input1", "a", "b", "sum", "output1", "loose"]


def test_a_branch_is_finished_before_the_next_begins() -> None:
    sketch = Sketch("Two")
    x = sketch.add(Input())
    left = sketch.chain(x, ReLU(), ReLU())
    right = sketch.chain(x, Linear(), Linear())
    sketch.add(Output(), sketch.add(Add(), left, right))
    project = sketch.project()
    assert names(project, project.graph.order)[1:5] == ["relu1", "relu2", "linear1", "linear2"]


def test_only_what_an_output_depends_on_is_alive() -> None:
    project = branched()
    assert "loose" not in names(project, project.graph.alive)
    assert len(project.graph.alive) == 5
    assert Graph().alive == frozenset()
    assert Graph().order == ()


def test_a_muted_node_uses_one_of_its_wires_alone() -> None:
    project = branched()
    graph = project.graph
    add = next(id for id, node in graph.nodes.items() if node.name == "sum")
    before = graph.passed(add)
    assert before is not None
    assert graph.nodes[before.source].name == "b"
    swapped = edits.reorder(project, add, "xs", [1, 0])
    muted = edits.mute(swapped, [add], True).graph
    assert "b" not in [muted.nodes[id].name for id in muted.alive]


def test_the_first_port_decides_what_passes_and_not_the_first_wire() -> None:
    nodes = {
        id: Node(id, kind, id) for id, kind in {"q": ReLU(), "k": ReLU(), "m": MultiheadAttention()}.items()
    }
    ports = [port.name for port in MultiheadAttention().ports()]
    graph = Graph("G", nodes, (Wire("k", "out", "m", ports[1]), Wire("q", "out", "m", ports[0])))
    passed = graph.passed("m")
    assert passed is not None
    assert passed.source == "q"
    assert graph.passed("q") is None


def test_only_what_has_an_input_and_an_output_can_be_passed() -> None:
    assert not Node("a", Input(), "a", muted=True).skipped
    assert not Node("a", Output(), "a", muted=True).skipped
    assert Node("a", ReLU(), "a", muted=True).skipped
    assert not Node("a", ReLU(), "a").skipped


def test_a_circle_in_a_value_still_has_an_order() -> None:
    """Edits refuse circles and files are refused for them, but deriving must end for any value."""
    nodes = {id: Node(id, ReLU(), id) for id in "abc"}
    wires = (Wire("a", "out", "b", "x"), Wire("b", "out", "c", "x"), Wire("c", "out", "a", "x"))
    assert sorted(Graph("G", nodes, wires).order) == ["a", "b", "c"]


def test_neighbours_are_kept_when_only_nodes_change() -> None:
    project = branched()
    graph = project.graph
    id = graph.order[1]
    assert graph.incoming(id)
    moved = edits.move(project, [id], 5, 5).graph
    assert moved.incoming(id) is graph.incoming(id)
    assert edits.set_param(project, id, "bias", False).graph.order is graph.order
    other = edits.set_kind(project, id, Output()).graph
    assert other.order is not graph.order
    assert other.alive == Graph(other.name, other.nodes, other.wires).alive
    grown = edits.add(project, "new", ReLU())
    wired = edits.connect(grown, id, "out", "new", "x").graph
    assert [wire.target for wire in wired.outgoing(id)][-1] == "new"
    assert "new" not in [wire.target for wire in graph.outgoing(id)]


def test_upstream_is_the_node_and_all_before_it() -> None:
    project = branched()
    graph = project.graph
    loose = graph.order[-1]
    assert names(project, sorted(graph.upstream(loose))) == ["input1", "a", "loose"]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_what_a_node_reaches_has_it_upstream(pairs: list[tuple[int, int]]) -> None:
    nodes = {str(i): Node(str(i), ReLU(), f"r{i}") for i in range(10)}
    graph = Graph("G", nodes, tuple(Wire(str(a), "out", str(b), "x") for a, b in pairs if a < b))
    for start in nodes:
        for end in nodes:
            assert graph.reaches(start, end) == (start in graph.upstream(end))


def test_the_fingerprint_names_what_is_computed() -> None:
    project = branched()
    id = project.graph.order[1]
    assert edits.move(project, [id], 7, 7).fingerprint == project.fingerprint
    assert edits.set_title(project, "Another").fingerprint == project.fingerprint
    changed = [
        edits.set_param(project, id, "out_features", 65),
        edits.rename(project, id, "other"),
        edits.mute(project, [id], True),
        edits.remove(project, [], project.graph.wires[:1]),
        edits.set_data(project, DataSettings(source=Wine())),
        edits.set_recipe(project, Recipe(epochs=3)),
    ]
    assert len({project.fingerprint, *(one.fingerprint for one in changed)}) == len(changed) + 1


def test_long_chains_and_hubs_are_no_trouble() -> None:
    nodes = {str(i): Node(str(i), ReLU(), f"r{i}") for i in range(5000)}
    chain = Graph("C", nodes, tuple(Wire(str(i), "out", str(i + 1), "x") for i in range(4999)))
    hub = Graph("H", nodes, tuple(Wire("0", "out", str(i), "x") for i in range(1, 5000)))
    assert chain.order == tuple(nodes)
    assert len(chain.upstream("4999")) == 5000
    assert hub.order[0] == "0"
    assert len(hub.outgoing("0")) == 4999
