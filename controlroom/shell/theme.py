"""The look of the room: Fusion, a full explicit palette from a token file, and a small style sheet."""

import importlib.resources
import tomllib
from functools import cache
from string import Template
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct
from PySide6.QtCore import QLocale
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

ThemeName = Literal["dark", "light"]
THEMES: tuple[ThemeName, ...] = get_args(ThemeName)

FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei")
"""Simplified forms first: with other locales Qt would take the Japanese forms of the same characters."""

POINT_SIZE = 10

Colour = Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$")]


class Tokens(Struct, frozen=True, forbid_unknown_fields=True):
    """The colours of a theme, each `#rrggbb`. Grey is normal; a colour means that something is not."""

    scheme: ThemeName
    window: Colour
    base: Colour
    raised: Colour
    text: Colour
    faint: Colour
    disabled: Colour
    line: Colour
    accent: Colour
    accent_text: Colour
    link: Colour
    tip: Colour
    stale: Colour
    disconnected: Colour
    good: Colour
    drill: Colour
    drill_text: Colour
    past: Colour
    past_text: Colour
    red: Colour
    red_text: Colour
    orange: Colour
    orange_text: Colour
    yellow: Colour
    yellow_text: Colour
    blue: Colour
    blue_text: Colour


@cache
def tokens(name: ThemeName) -> Tokens:
    """The colours of a theme from resources/themes."""
    text = (importlib.resources.files("resources") / "themes" / f"{name}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Tokens)


def palette(look: Tokens) -> QPalette:
    """Every role of every group, so that nothing depends on the desktop's own colours."""
    roles = QPalette.ColorRole
    active = {
        roles.Window: look.window,
        roles.WindowText: look.text,
        roles.Base: look.base,
        roles.AlternateBase: look.window,
        roles.Text: look.text,
        roles.PlaceholderText: look.faint,
        roles.Button: look.raised,
        roles.ButtonText: look.text,
        roles.BrightText: look.accent_text,
        roles.ToolTipBase: look.tip,
        roles.ToolTipText: look.text,
        roles.Highlight: look.accent,
        roles.HighlightedText: look.accent_text,
        roles.Accent: look.accent,
        roles.Link: look.link,
        roles.LinkVisited: look.link,
        roles.Light: look.line,
        roles.Midlight: look.line,
        roles.Mid: look.line,
        roles.Dark: look.base,
        roles.Shadow: "#000000",
    }
    greyed = {
        roles.WindowText: look.disabled,
        roles.Text: look.disabled,
        roles.ButtonText: look.disabled,
        roles.HighlightedText: look.disabled,
        roles.Highlight: look.raised,
        roles.Accent: look.raised,
        roles.Link: look.disabled,
        roles.PlaceholderText: look.disabled,
    }
    made = QPalette()
    for role, colour in active.items():
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled):
            made.setColor(group, role, QColor(colour))
    for role, colour in greyed.items():
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colour))
    return made


def sheet(look: Tokens) -> str:
    """The style sheet with the theme's colours filled in."""
    text = (importlib.resources.files("resources") / "themes" / "sheet.qss").read_text("utf-8")
    return Template(text).substitute(msgspec.structs.asdict(look))


def font() -> QFont:
    """The room's font with its fallbacks."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPointSize(POINT_SIZE)
    return made


def apply(app: QApplication, name: ThemeName) -> Tokens:
    """Dress the application, also while it runs; every widget hears of it as a PaletteChange."""
    look = tokens(name)
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    app.setStyle("Fusion")
    app.setFont(font())
    app.setPalette(palette(look))
    app.setStyleSheet(sheet(look))
    return look
