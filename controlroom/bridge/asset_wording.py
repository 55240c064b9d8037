"""Teams, hazard sources and spaces in words."""

from collections.abc import Callable
from datetime import datetime

from controlroom.bridge.wording import age_text
from controlroom.domain.asset import Asset, AssetKind, AssetState
from controlroom.i18n import _

_NUMERALS = ("", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")


def kind_word(kind: AssetKind) -> str:
    """What a kind is called."""
    return {
        AssetKind.TEAM: _("Team"),
        AssetKind.HAZARD: _("Hazard source"),
        AssetKind.SPACE: _("Space"),
    }[kind]


def kind_words(kind: AssetKind) -> str:
    """What all of a kind are called."""
    return {
        AssetKind.TEAM: _("Teams"),
        AssetKind.HAZARD: _("Hazard sources"),
        AssetKind.SPACE: _("Spaces"),
    }[kind]


def sort_word(sort: str) -> str:
    """What a sort is called; one that nobody named as its source says it."""
    known = {
        "rescue": _("rescue"),
        "drainage": _("drainage"),
        "sanitation": _("sanitation"),
        "urban_management": _("urban management"),
        "medical": _("medical care"),
        "repair": _("repair"),
        "underground": _("underground space"),
        "parking": _("car park"),
        "shelter": _("emergency shelter"),
    }
    return known.get(sort, sort)


def state_word(state: AssetState) -> str:
    """How it stands with something."""
    return {
        AssetState.UNKNOWN: _("not known"),
        AssetState.READY: _("ready"),
        AssetState.UNDERWAY: _("on its way"),
        AssetState.WORKING: _("at work"),
        AssetState.RESTING: _("resting"),
        AssetState.RUNNING: _("running"),
        AssetState.STOPPED: _("stopped"),
        AssetState.ABNORMAL: _("abnormal"),
        AssetState.OPEN: _("open"),
        AssetState.FULL: _("full"),
        AssetState.CLOSED: _("closed"),
    }[state]


def rank_word(rank: int) -> str:
    """The grade of a major hazard installation; empty without one."""
    return _("grade {numeral}").format(numeral=_NUMERALS[rank]) if rank else ""


def short_line(asset: Asset) -> str:
    """Sort, grade, strength and state in one line."""
    strength = "" if asset.strength is None else _("{count} people").format(count=asset.strength)
    room = "" if asset.capacity is None else f"{asset.occupied or 0:,} / {asset.capacity:,}"
    parts = (sort_word(asset.sort), rank_word(asset.rank), strength, room, state_word(asset.state))
    return " · ".join(part for part in parts if part)


def age_word(asset: Asset, now: datetime) -> str:
    """How old what is known of it is, and that it is old where it is."""
    age = asset.age_s(now)
    if age is None:
        return _("nobody told when")
    return _("{age}, old").format(age=age_text(age)) if asset.stale(now) else age_text(age)


def detail_lines(asset: Asset, now: datetime, name_of: Callable[[str], str] = str) -> list[tuple[str, str]]:
    """All that is known of it, as (what, how) lines."""
    lines = [(_("State"), state_word(asset.state))]
    if asset.strength is not None:
        lines.append((_("Strength"), _("{count} people").format(count=asset.strength)))
    if asset.rank:
        lines.append((_("Major hazard"), rank_word(asset.rank) + " (GB 18218-2018)"))
    if asset.capacity is not None:
        taken = f"{asset.occupied:,}" if asset.occupied is not None else _("not known")
        lines.append((_("Taken"), _("{taken} of {capacity}").format(taken=taken, capacity=f"{asset.capacity:,}")))
    for title, text in ((_("Department"), asset.department), (_("Contact"), asset.contact), (_("Note"), asset.note)):
        if text:
            lines.append((title, text))
    for title, at in ((_("State told"), asset.state_at), (_("Place told"), asset.seen_at)):
        if at is not None:
            lines.append((title, age_text(max(0.0, (now - at).total_seconds()))))
    if asset.stale(now):
        lines.append((_("Old"), _("What is known is older than it may be: it may be otherwise now.")))
    invented = _("invented for the demo") if asset.schematic else ""
    lines.append(
        (
            _("Source"),
            " · ".join(word for word in (name_of(asset.source) if asset.source else "", invented) if word) or "—",
        )
    )
    return lines
