"""Why a layer or a loss cannot take what arrives: how an objection is declared, once, and those that several
pages raise.

What one page alone raises is declared at its top, and so is what a plug-in raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from engine.message import Message, fill


@frozen
class Objection:
    """Why a layer cannot take what arrives, although the pattern fits. Repairs are looked up by its name.

    `received` says what came in the place of what was expected, where that is not what the wires bring.
    `facts` are what the sentences say and what a repair needs. One key means the same everywhere: `settings`
    is a tuple of (name, value), best first, each of which alone answers this objection; others may stand
    behind it.
    """

    name: str
    expected: Message
    why: Message
    facts: Mapping[str, Any] = field(factory=dict)
    received: Message | None = None


@frozen(kw_only=True)
class ObjectionKind:
    """An objection as it is declared: its name and its sentences, templates that are filled where it is
    raised.

        WIDTH_ODD = ObjectionKind("width-odd", expected="an even number of features", why="It is {width}.")
        …
        yield WIDTH_ODD(width=x.F, multiple=2)

    What is given there fills the sentences and tells the repairs what they need: ideas for ways out are tied
    to the declaration in `engine.repairs`, and `settings` that would do are given with it. `by_hand` says why
    there is no way out but to take the layer away, where there is none.
    """

    name: str = field(kw_only=False)
    expected: str
    why: str
    received: str = ""
    by_hand: str = ""

    def __call__(self, **facts: Any) -> Objection:
        """What is raised, with the values that its sentences name. Raises `TypeError` without one of them."""
        expected, why, received = fill(self.expected, self.why, self.received, **facts)
        return Objection(self.name, expected, why, facts, received if self.received else None)

    def worded(self, *, expected: str = "", why: str = "", received: str = "") -> ObjectionKind:
        """The same objection in other words, where those of its declaration do not say it well."""
        return evolve(
            self,
            expected=expected or self.expected,
            why=why or self.why,
            received=received or self.received,
        )


AXIS_MISSING = ObjectionKind(
    "axis-missing",
    expected="an axis {axis} besides the samples",
    why="What arrives has the axes 1 to {last}.",
)
AXES_DIFFER = ObjectionKind(
    "axes-differ",
    expected="one amount, or one for each axis of positions, {axes}",
    why="The setting {name} gives {count}.",
)
TOO_MANY_AXES = ObjectionKind(
    "too-many-axes",
    expected="at most three axes of positions",
    why="What arrives has {axes}.",
)
UNEQUAL_SHAPES = ObjectionKind(
    "unequal-shapes",
    expected="{shape} at every input",
    why="Input {place} brings {other}.",
)
"""Its `odd` are the places of the wires that differ, counted from 0."""
UNEQUAL_STEPS = ObjectionKind(
    "unequal-steps",
    expected="as many values as keys, {steps}",
    why="There {received:is|are} {received} value{received:|s}, and each belongs to one key.",
    by_hand="Which of two sequences has too many steps, only who made them knows.",
)
STATE_SIZE = ObjectionKind(
    "state-size",
    expected="a state of N×{size}",
    why="It remembers {size} numbers; {received} arrive.",
)
NOTHING_LEFT = ObjectionKind(
    "nothing-left",
    expected="at least one place left",
    why="The axis has {size} place{size:|s}, and none of them is taken.",
)
ONE_PLACE = ObjectionKind(
    "one-place",
    expected="more than one place in each channel",
    why="With a single place the mean is the value itself, and nothing but zero is left.",
)
LIMITS_CROSSED = ObjectionKind(
    "limits-crossed",
    expected="a lower limit of at most {upper:g}",
    why="The lower limit is above the upper one.",
)
KERNEL_TOO_LARGE = ObjectionKind(
    "kernel-too-large",
    expected="a {name} of at least {need}, padding included",
    why="The window spans {need}; a {name} of {size} with {pad} added at each end has {room}.",
)
PADDING_TOO_LARGE = ObjectionKind(
    "padding-too-large",
    expected="a padding of at most {limit}",
    why="{mode} padding takes what it adds from the map itself, and its {name} is {size}.",
)
GROUPS_DO_NOT_DIVIDE = ObjectionKind(
    "groups-do-not-divide",
    expected="channels that {groups} groups share evenly",
    why="{channels} channels do not split into {groups} equal parts.",
)
HEADS_DO_NOT_DIVIDE = ObjectionKind(
    "heads-do-not-divide",
    expected="a width that {heads} heads share evenly",
    why="The width is {width}, and {width} / {heads} leaves a rest.",
)
"""Its `multiple`, where no number of heads would do, is what the width must be a multiple of."""
RESHAPE_COUNT = ObjectionKind(
    "reshape-count",
    expected="{known} number{known:|s} for each sample",
    why="A sample has {whole} number{whole:|s}, and reshaping keeps them all.",
)
"""Its `expected` is how many numbers the sizes come to, but for the one that is left open."""
