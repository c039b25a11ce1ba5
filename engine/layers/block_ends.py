"""Where values enter a block and leave it."""

from __future__ import annotations

from engine.kinds import BlockEnd, declare
from engine.kinds.ports import port


@declare(family="io", hint="into the block", stem="x", search="block start argument")
class Entry(BlockEnd):
    """What arrives at the block comes in here.

    Each Entry is an input of the block, and its name is the name of that input.

    Formula: y = what arrives at the block
    """


@declare(family="io", hint="out of the block", stem="out", search="block end result return")
class Exit(BlockEnd):
    """What arrives here goes out of the block.

    Each Exit is an output of the block, and its name is the name of that output.

    Formula: what the block gives = x
    """

    outputs = ()
    x = port("N *", doc="what the block gives", dtype="any")
