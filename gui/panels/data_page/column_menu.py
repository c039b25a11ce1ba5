"""The menu of a column: its type, its role, and how it becomes numbers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from engine import kinds
from engine.data.columns.column_type import ROLES, ColumnType
from engine.data.overview import ColumnOverview
from engine.data.rereading import offered, taken_for
from engine.kinds import types
from gui.forms.fields import label_text
from gui.panels.data_page.inks import role_name

Retype = Callable[[ColumnType], object]
Recast = Callable[[str, bool], object]


def column_menu(one: ColumnOverview, part: str, retype: Retype, recast: Recast, parent: QWidget) -> QMenu:
    """What can be chosen for a column: its "type", its "role", what the network "gets", or "all" of it.
    `retype` is given the type that is chosen, `recast` a role and whether it is a target beside others.
    """
    menu = QMenu(parent)
    if part in {"type", "all"}:
        _types(_within(menu, "Type", part), one, retype)
    if part in {"role", "type", "all"}:
        if part == "type":
            menu.addSeparator()
        _roles(_within(menu, "Role", part), one, recast)
    if part in {"gets", "all"} and one.type is not None:
        _choices(menu, one.type, retype)
    return menu


def _tr(text: str) -> str:
    return QCoreApplication.translate("data", text)


def _within(menu: QMenu, title: str, part: str) -> QMenu:
    titles = {"Type": _tr("Type"), "Role": _tr("Role")}
    return menu.addMenu(titles[title]) if part == "all" else menu


def _picked(menu: QMenu, text: str, on: bool, act: Callable[[], object]) -> QAction:
    action = menu.addAction(text.replace("&", "&&"))
    action.setCheckable(True)
    action.setChecked(on)
    action.triggered.connect(lambda: act())
    return action


def _types(menu: QMenu, one: ColumnOverview, retype: Retype) -> None:
    group = QActionGroup(menu)

    def taken(kind: type[ColumnType]) -> None:
        found = taken_for(kind, one.values)
        if found is not None:
            retype(found)

    for kind in offered(one.values):
        title = QCoreApplication.translate("engine", kind.label())
        action = _picked(menu, title, type(one.type) is kind, lambda kind=kind: taken(kind))
        action.setToolTip(QCoreApplication.translate("engine", kind.hint))
        group.addAction(action)


def _roles(menu: QMenu, one: ColumnOverview, recast: Recast) -> None:
    for role in ROLES:
        _picked(menu, role_name(role), one.role == role, lambda role=role: recast(role, False))
    if one.role != "target":
        menu.addAction(_tr("A further target")).triggered.connect(lambda: recast("target", True))


def _choices(menu: QMenu, kind: ColumnType, retype: Retype) -> None:
    """What there is to choose about how it becomes numbers: of each setting that is a choice, the options."""
    for param in kinds.params(kind):
        if not isinstance(param.type, types.Choice):
            continue
        title = label_text(param)
        inner = menu.addMenu(title[:1].upper() + title[1:])
        now = getattr(kind, param.name)
        for option in param.type.options:
            title = QCoreApplication.translate("engine", str(option))

            def choose(name: str = param.name, value: object = option) -> None:
                changed = kind.with_setting(name, value)
                assert isinstance(changed, ColumnType)
                retype(changed)

            _picked(inner, title, option == now, choose)
