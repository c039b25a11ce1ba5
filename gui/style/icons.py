"""The icon set, drawn in the colours of the theme and sharp at every scale of the screen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QGuiApplication,
    QIcon,
    QImage,
    QPainter,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from gui.style import theme

FOLDER = Path(__file__).parents[2] / "assets" / "icons"
FILLED = frozenset({"play", "stop"})
SIZES = (16, 20)


@cache
def names() -> tuple[str, ...]:
    """The names of all icons there are."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.svg")))


@cache
def _svg(name: str) -> str:
    text = (FOLDER / f"{name}.svg").read_text("utf-8")
    return text.replace('fill="none"', 'fill="currentColor"') if name in FILLED else text


def svg(name: str, colour: str) -> str:
    """The source of an icon in a colour (`#rrggbb`)."""
    return _svg(name).replace("currentColor", colour)


@cache
def renderer(name: str, colour: str) -> QSvgRenderer:
    """What draws that icon in that colour (`#rrggbb`), for painters that scale freely."""
    return QSvgRenderer(QByteArray(svg(name, colour).encode()))


def paint(painter: QPainter, name: str, colour: QColor, rect: QRectF) -> None:
    """Draw an icon with a painter into a rectangle, as sharp as the painter's device allows.

    On whole pixels of the device that is a picture which is drawn once.
    """
    dpr = painter.device().devicePixelRatio()
    pixels = [value * dpr for value in (rect.x(), rect.y(), rect.width(), rect.height())]
    turned = painter.worldTransform().isScaling() or painter.worldTransform().isRotating()
    if not turned and rect.width() == rect.height() and all(value.is_integer() for value in pixels):
        painter.drawPixmap(rect.topLeft(), pixmap(name, colour, rect.width(), dpr))
    else:
        _paint_anew(painter, name, colour, rect)


def _paint_anew(painter: QPainter, name: str, colour: QColor, rect: QRectF) -> None:
    painter.save()
    painter.setOpacity(painter.opacity() * colour.alphaF())
    renderer(name, colour.name()).render(painter, rect)
    painter.restore()


def pixmap(name: str, colour: QColor, size: float = 16, dpr: float = 1.0) -> QPixmap:
    """The icon as a square picture of that many px, with the device pixel ratio built in. Cached."""
    key = f"icon {name} {colour.rgba():08x} {size} {dpr:.3f}"
    picture = QPixmap()
    if QPixmapCache.find(key, picture):
        return picture
    image = QImage(QSize(round(size * dpr), round(size * dpr)), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_anew(painter, name, colour, QRectF(image.rect()))
    painter.end()
    picture = QPixmap.fromImage(image)
    picture.setDevicePixelRatio(dpr)
    QPixmapCache.insert(key, picture)
    return picture


def icon(name: str, role: str = "text1", checked: str = "accent_text") -> QIcon:
    """An icon in the colour of a token of the current theme, with its disabled, selected and checked looks.

    A family's name ("convolution", "dense" …) is taken as a role, too. The icon keeps the colours of now;
    `dress` follows the theme.
    """
    worn = theme.current()
    colour = worn.families[role] if role in worn.families else getattr(worn, role)
    ratios = {1.0, 2.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}
    mode, state = QIcon.Mode, QIcon.State
    looks = (
        (colour, mode.Normal, state.Off),
        (colour, mode.Active, state.Off),
        (colour, mode.Selected, state.Off),
        (worn.disabled, mode.Disabled, state.Off),
        (getattr(worn, checked), mode.Normal, state.On),
        (getattr(worn, checked), mode.Active, state.On),
        (getattr(worn, checked), mode.Selected, state.On),
        (worn.disabled, mode.Disabled, state.On),
    )
    result = QIcon()
    for size in SIZES:
        for dpr in ratios:
            for ink, when, how in looks:
                result.addPixmap(pixmap(name, ink, theme.px(size), dpr), when, how)
    return result


class _Dresser(QObject):
    """Lives as long as what it dresses."""

    def __init__(self, target: QAbstractButton | QAction, name: str, role: str, checked: str) -> None:
        super().__init__(target)
        self.look = (name, role, checked)
        theme.theme_changed.connect(self.recolour)

    def recolour(self) -> None:
        cast(QAbstractButton, self.parent()).setIcon(icon(*self.look))


def dress(
    target: QAbstractButton | QAction, name: str, role: str = "text1", checked: str = "accent_text"
) -> None:
    """Give a button or an action an icon that follows the theme. A later call replaces the icon."""
    dresser = target.findChild(_Dresser, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if dresser is None:
        dresser = _Dresser(target, name, role, checked)
    dresser.look = (name, role, checked)
    dresser.recolour()
