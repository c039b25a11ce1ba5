"""Colours for Python source, from the tokens of the theme."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from gui.style import theme, tokens

MARGIN = 200
"""Lines beyond those in sight that are coloured at once."""
_BUILT_IN = "super|print|range|int|float|len"
_TOKENS = re.compile(
    rf"""(?P<text>\"\"\".*?(?:\"\"\"|$)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<comment>\#.*)
      | (?P<number>(?<![\w.])\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)
      | (?P<called>(?<=\.)[A-Za-z_]\w*(?=\()|(?<=def\ )\w+|(?<=class\ )\w+|\b(?:{_BUILT_IN})(?=\())
      | (?P<keyword>\b(?:{"|".join(keyword.kwlist)})\b)""",
    re.VERBOSE,
)
_OWN = re.compile(r"self\.$")


def spans(line: str) -> list[tuple[int, int, str]]:
    """The coloured pieces of a line: where each begins, how long it is, and what it is.

    A method that is called on the module itself, as in `self.conv1(x)`, is a value and stays plain.
    """
    pieces = []
    for hit in _TOKENS.finditer(line):
        kind = hit.lastgroup or ""
        if kind == "called" and _OWN.search(line, 0, hit.start()):
            continue
        pieces.append((hit.start(), hit.end() - hit.start(), kind))
    return pieces


def ink(kind: str) -> QColor:
    """The colour of a kind of token in the theme of now."""
    worn = theme.current()
    violet = worn.families["recurrent"]
    return {
        "keyword": violet if worn.dark else tokens.mixed(violet, worn.text1, 0.25),  # text needs 4.5 : 1
        "text": worn.series[2],
        "comment": worn.text3,
        "number": worn.series[1],
        "called": worn.series[0],
    }[kind]


class PythonHighlighter(QSyntaxHighlighter):
    """Colours the lines of a document that come into sight. Follows the theme."""

    _NOT_YET, _PLAIN, _IN_TEXT = -1, 0, 1

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self._sight = (0, MARGIN)
        self._reaching = False
        self._mix()
        theme.theme_changed.connect(self._recolour)

    def reach(self, first: int, last: int) -> None:
        """Colour the lines in sight, counted from 0, and some more around them; all others wait."""
        if self._reaching or (self._sight[0] <= first and last <= self._sight[1]):
            return
        self._reaching = True
        self._sight = (first - MARGIN, last + MARGIN)
        block = self.document().findBlockByNumber(max(0, self._sight[0]))
        while block.isValid() and block.blockNumber() <= self._sight[1]:
            if block.userState() == self._NOT_YET:
                self.rehighlightBlock(block)
            block = block.next()
        self._reaching = False

    def _recolour(self) -> None:
        self._mix()
        self.rehighlight()

    def _mix(self) -> None:
        for kind in ("keyword", "text", "comment", "number", "called"):
            format = QTextCharFormat()
            format.setForeground(ink(kind))
            self._formats[kind] = format

    def highlightBlock(self, text: str) -> None:
        if not self._sight[0] <= self.currentBlock().blockNumber() <= self._sight[1]:
            self.setCurrentBlockState(self._NOT_YET)
            return
        start = 0
        self.setCurrentBlockState(self._PLAIN)
        if self.previousBlockState() == self._IN_TEXT:
            end = text.find('"""')
            if end < 0:
                self.setFormat(0, len(text), self._formats["text"])
                self.setCurrentBlockState(self._IN_TEXT)
                return
            start = end + 3
            self.setFormat(0, start, self._formats["text"])
        rest = text[start:]
        for at, length, kind in spans(rest):
            self.setFormat(start + at, length, self._formats[kind])
            if (
                kind == "text"
                and rest.startswith('"""', at)
                and (length < 6 or not rest.endswith('"""', at, at + length))
            ):
                self.setCurrentBlockState(self._IN_TEXT)
