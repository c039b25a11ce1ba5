"""Every colour of the window, by name, dark and light: the only place where one may be written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from PySide6.QtGui import QColor

FAMILY_ICONS: Mapping[str, str] = {
    "io": "input-output",
    "dense": "dense",
    "convolution": "convolution",
    "pooling": "pool",
    "normalise": "normalise",
    "activation": "activation",
    "recurrent": "recurrent",
    "attention": "attention",
    "combine": "add",
}


def _colours(text: str) -> tuple[QColor, ...]:
    return tuple(QColor(word) for word in text.split())


def _families(text: str) -> Mapping[str, QColor]:
    return dict(zip(FAMILY_ICONS, _colours(text), strict=True))


class Theme(NamedTuple):
    """One value for each colour token, and the two traits that only the high-contrast variants change.

    Like all values that the first page needs it is no class of attrs, which takes a while to be imported.
    """

    name: str
    dark: bool
    window: QColor
    panel: QColor
    raised: QColor
    field: QColor
    hover: QColor
    tip: QColor
    canvas: QColor
    grid: QColor
    line: QColor
    line2: QColor
    node: QColor
    node_edge: QColor
    text1: QColor
    text2: QColor
    text3: QColor
    disabled: QColor
    accent: QColor
    accent_fill: QColor
    accent_on: QColor
    accent_text: QColor
    accent_ground: QColor
    success: QColor
    warning: QColor
    error: QColor
    wire: QColor
    track: QColor
    healthy: QColor
    empty: QColor
    """Empty cells of a matrix."""
    series: tuple[QColor, ...]
    families: Mapping[str, QColor]
    amounts: tuple[QColor, ...]
    """Ramp for magnitudes, from nothing to most."""
    signed: tuple[QColor, ...]
    """Ramp for weights, from most negative over zero to most positive."""
    signed_maps: tuple[QColor, ...]
    """Ramp for activation maps, from most negative over zero to most positive."""
    wire_width: float = 1.5
    tints: bool = True

    @property
    def chosen(self) -> QColor:
        """The ground of the chosen one among joined choices."""
        return self.raised if self.dark else self.accent_ground

    @property
    def knob(self) -> QColor:
        """The knob of a switch, legible on both of its tracks."""
        return self.accent_on

    def tint(self, colour: QColor, share: float) -> QColor:
        """A see-through version of a colour, fully clear where high contrast turns tints off."""
        return faded(colour, share if self.tints else 0.0)

    def high_contrast(self) -> Theme:
        """The same theme with edges in text 2, wider wires and no tints."""
        text2 = self.text2
        return self._replace(
            name=f"{self.name}, high contrast",
            node_edge=text2,
            line=text2,
            line2=text2,
            wire=text2,
            wire_width=2.0,
            tints=False,
        )


_TOKENS = """
window        #1B1C1F  #E9EAED
panel         #222327  #F7F7F8
raised        #2C2E33  #FFFFFF
field         #18191C  #FFFFFF
hover         #2A2C31  #ECEDF0
tip           #32343A  #FFFFFF
canvas        #17181B  #F0F1F3
grid          #26282C  #DDDFE3
line          #33353B  #D9DBE0
line2         #44474F  #C3C6CD
node          #26282D  #FFFFFF
node_edge     #3C3F47  #C6C9D0
text1         #E6E7EA  #1C1D21
text2         #A9ADB6  #50555F
text3         #9096A0  #616772
disabled      #5E626B  #A3A8B2
accent        #6E8BFF  #3D5BE0
accent_fill   #4F6BED  #3D5BE0
accent_on     #FFFFFF  #FFFFFF
accent_text   #9DB1FF  #2F4BC7
accent_ground #2A3050  #E0E6FD
success       #3FB68B  #0B7A56
warning       #E5A83B  #8A5A00
error         #F0646E  #C22F3D
wire          #6B707B  #7F848F
track         #3A3D44  #DADCE1
healthy       #4A4E57  #C3C7CF
empty         #18191C  #F0F1F3
"""


def _column(index: int) -> dict[str, Any]:
    return {row.split()[0]: QColor(row.split()[index]) for row in _TOKENS.strip().splitlines()}


DARK = Theme(
    name="dark",
    dark=True,
    **_column(1),
    series=_colours("#7CA2FF #F2A65A #46C3A0 #D96EA6"),
    families=_families("#979EA7 #E2A841 #6EB2E8 #3BD3AB #849C22 #E8855F #A583D6 #D0609A #B7D7E6"),
    amounts=_colours("#1D1F23 #24486B #5AA3DC #F0F7FD"),
    signed=_colours("#F2A65A #8A5A2B #2A2C31 #3B5FAF #8FB0FF"),
    signed_maps=_colours("#8F6238 #5A4331 #26282D #3F78C4 #D6E8FF"),
)

LIGHT = Theme(
    name="light",
    dark=False,
    **_column(2),
    series=_colours("#3563D9 #AD5600 #0C7A5F #A63A83"),
    families=_families("#5A6068 #A58316 #2F74B8 #0F9270 #5B7722 #8F3D0C #8A66D6 #A63A83 #6F8C9B"),
    amounts=_colours("#F6F7F9 #A9CBEA #2F74B8 #0C2742"),
    signed=_colours("#B85C00 #E9B27C #F6F7F9 #9DB6F2 #2347B5"),
    signed_maps=_colours("#B85C00 #E9B27C #F6F7F9 #9DB6F2 #2347B5"),
)


def faded(colour: QColor, share: float) -> QColor:
    """The colour with that share of its opacity, 0 to 1."""
    result = QColor(colour)
    result.setAlphaF(colour.alphaF() * share)
    return result


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """The colour that lies that share of the way from the first to the second, opaque."""

    def between(one: float, two: float) -> float:
        return one + (two - one) * share

    return QColor.fromRgbF(
        between(first.redF(), second.redF()),
        between(first.greenF(), second.greenF()),
        between(first.blueF(), second.blueF()),
    )


FULL_INK = QColor("#FFFFFF")
"""The strongest mark in a picture that is data, such as a digit somebody draws."""
