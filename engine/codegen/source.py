"""The code of a network, as a value: its text, and which of its lines belong to what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

Lines = Mapping[str, tuple[int, ...]]
"""The numbers of the lines, from 1, that belong to each node, by its id."""


@frozen
class BlockSource:
    """The class of a block: which lines belong to which node inside, each node's attribute, and the classes
    of the blocks that are used inside, one for each repetition.
    """

    lines: Lines
    names: Mapping[str, str]
    uses: Mapping[str, tuple[str, ...]]


@frozen
class SourceCode:
    """The code of a network: its text, the name of its class, and which lines (from 1) belong to which node.

    `names` gives each node's attribute in the module, for the nodes that have one; `owners` the node that a
    line computes. `inputs` and `outputs` are the ids of the Input and Output nodes in the order of
    `forward`'s arguments and results, an Output as often as it has inputs. `complete` is false where the
    network is broken or unfinished, so that the code ends early. `uses` names the classes of each node that
    uses a block, and `classes` has them.
    """

    text: str
    class_name: str
    lines: Lines
    names: Mapping[str, str]
    owners: Mapping[int, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    complete: bool
    uses: Mapping[str, tuple[str, ...]] = field(factory=dict)
    classes: Mapping[str, BlockSource] = field(factory=dict)

    def inside(self, path: Iterable[str]) -> Lines:
        """The lines of each node inside the block at the end of a path: the ids of the nodes that use it."""
        blocks = [BlockSource(self.lines, self.names, self.uses)]
        for id in path:
            # each repetition may have a class of its own
            blocks = [self.classes[name] for one in blocks for name in dict.fromkeys(one.uses.get(id, ()))]
        lines: dict[str, tuple[int, ...]] = {}
        for one in blocks:
            for id, numbers in one.lines.items():
                lines[id] = tuple(dict.fromkeys((*lines.get(id, ()), *numbers)))
        return lines
