"""The alarm report in words and figures: rows for a table, and CSV for whoever calculates on."""

import csv
import io
from datetime import datetime, timedelta, tzinfo

from controlroom.bridge.models.duty_model import harmless
from controlroom.bridge.wording import severity_word, span_text
from controlroom.domain.alarm_bands import AlarmBands, LoadLevel
from controlroom.domain.alarm_report import AlarmReport, ViewReport
from controlroom.domain.flood import Flood
from controlroom.domain.severity import Severity
from controlroom.i18n import _

PERCENT = 100.0


def level_word(level: LoadLevel) -> str:
    """The band in a word."""
    return {
        LoadLevel.ACCEPTABLE: _("acceptable"),
        LoadLevel.MANAGEABLE: _("manageable"),
        LoadLevel.OVER_DEMANDING: _("over-demanding"),
        LoadLevel.UNACCEPTABLE: _("unacceptable"),
    }[level]


def view_name(view: str) -> str:
    """The seat, or the whole room."""
    return view or _("Whole room")


def measures(report: AlarmReport, bands: AlarmBands) -> list[list[str]]:
    """One row for each measure: its name, its figure in each view, and what it should be."""
    figures, minutes = bands.report, report.window_s // 60
    views = report.views

    def row(name: str, values: list[str], wanted: str = "") -> list[str]:
        return [name, *values, wanted]

    rows = [
        row(_("New alarms"), [str(v.count) for v in views]),
        row(
            _("Rate: in {minutes} min on average").format(minutes=minutes),
            [f"{v.mean:.2f}" for v in views],
            _("up to {count}").format(count=bands.band[0].most),
        ),
        row(
            _("Most in {minutes} min").format(minutes=minutes),
            [str(v.peak) for v in views],
            _("up to {count}").format(count=bands.flood.starts_above),
        ),
    ]
    rows += [
        row(_("Time {level}").format(level=level_word(level)), [_share(v.bands[level]) for v in views])
        for level in LoadLevel
    ]
    rows += [
        row(_("Floods"), [str(len(v.floods)) for v in views]),
        row(
            _("Time in flood"),
            [f"{_share(v.flood_share)} · {span_text(v.flood_s)}" for v in views],
            _("up to {share}").format(share=_share(figures.flood_share_most)),
        ),
        row(_("Standing at the end"), [str(v.standing) for v in views], _up_to(figures.standing_most)),
        row(_("Standing at the most"), [str(v.standing_most) for v in views], _up_to(figures.standing_most)),
        row(
            _("Stale (over {span})").format(span=span_text(figures.stale_after_s)),
            [str(len(v.stale)) for v in views],
            "0",
        ),
        row(
            _("Chattering ({times} times in {seconds} s)").format(
                times=figures.chattering_times, seconds=figures.chattering_within_s
            ),
            [str(len(v.chattering)) for v in views],
            "0",
        ),
    ]
    wanted = {
        Severity.RED: figures.share_high,
        Severity.ORANGE: figures.share_middle,
        Severity.YELLOW: figures.share_low,
        Severity.BLUE: figures.share_low,
    }
    for severity in Severity:
        told = _("about {share}").format(share=_share(wanted[severity]))
        if severity in (Severity.YELLOW, Severity.BLUE):
            told = _("about {share} together").format(share=_share(figures.share_low))
        rows.append(row(severity_word(severity), [_mixed(v, severity) for v in views], told))
    return rows


def quality(report: AlarmReport, zone: tzinfo | None = None) -> str:
    """How well the period is known, in a sentence or two."""
    since, until = (at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for at in (report.since, report.until))
    said = [
        _("{since} to {until}; {changes} changes of alarms read; the hub was running {share} of the time").format(
            since=since, until=until, changes=report.changes, share=_share(report.known_share)
        )
    ]
    if report.begins is not None:
        begins = report.begins.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        said.append(_("the journal begins at {time} only").format(time=begins))
    for begin, end in report.gaps[:3]:
        said.append(
            _("not running {begin} to {end}").format(
                begin=begin.astimezone(zone).strftime("%m-%d %H:%M:%S"),
                end=end.astimezone(zone).strftime("%m-%d %H:%M:%S"),
            )
        )
    if len(report.gaps) > 3:
        said.append(_("and {count} more gaps").format(count=len(report.gaps) - 3))
    if report.left_out:
        said.append(_("{count} alarms that stood at the beginning are missing").format(count=report.left_out))
    return _("; ").join(said)


def top_rows(report: AlarmReport) -> list[list[str]]:
    """View, rank, title, place, count and share of the most frequent alarms."""
    return [
        [view_name(view.view), str(rank), alarm.title, alarm.place, str(alarm.count), _share(alarm.share)]
        for view in report.views
        for rank, alarm in enumerate(view.top, 1)
    ]


def named_rows(report: AlarmReport, zone: tzinfo | None = None) -> list[list[str]]:
    """View, what is wrong, title, place and since when of stale and chattering alarms."""
    return [
        [view_name(view.view), word, named.title, named.place, _time(named.since, zone)]
        for view in report.views
        for word, found in ((_("standing too long"), view.stale), (_("chattering"), view.chattering))
        for named in found
    ]


def flood_rows(floods: list[Flood], report: AlarmReport, zone: tzinfo | None = None) -> list[list[str]]:
    """View, beginning, duration, count, peak and when it was of the floods that the hub wrote down."""
    return [
        [
            view_name(flood.view),
            _time(flood.started_at, zone),
            span_text(flood.duration_s(report.until)) + ("" if flood.ended_at else "…"),
            str(flood.count),
            str(flood.peak),
            _time(flood.peak_at, zone),
        ]
        for flood in floods
    ]


def csv_text(report: AlarmReport, floods: list[Flood], bands: AlarmBands, zone: tzinfo | None = None) -> str:
    """Everything as one CSV file in parts, each with a line of headings; numbers are plain, shares from 0 to 1."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = [view_name(view.view) for view in report.views]

    def write(*cells: object) -> None:
        writer.writerow([harmless(str(cell)) for cell in cells])

    write(_("Alarm report"), quality(report, zone))
    write(_("Figures"), bands.edition, *dict.fromkeys(band.source for band in bands.band))
    write()
    write(_("Figure"), *names, _("Should be"))
    for cells in measures(report, bands):
        write(*cells)
    for heading, rows in (
        ((_("Seat"), _("Rank"), _("Alarm title"), _("Place"), _("Count"), _("Share")), top_rows(report)),
        ((_("Seat"), _("What"), _("Alarm title"), _("Place"), _("Since")), named_rows(report, zone)),
        (
            (_("Seat"), _("Since"), _("Duration"), _("Count"), _("Peak"), _("Peak at")),
            flood_rows(floods, report, zone),
        ),
    ):
        write()
        write(*heading)
        for cells in rows:
            write(*cells)
    write()
    write(_("From"), *names)
    for place in range(len(report.views[0].windows)):
        begin = report.since + timedelta(seconds=place * report.window_s)
        write(begin.astimezone(zone).isoformat(timespec="seconds"), *(view.windows[place] for view in report.views))
    return out.getvalue()


def _up_to(count: int) -> str:
    return _("up to {count}").format(count=count)


def _share(share: float) -> str:
    return f"{share * PERCENT:.1f} %"


def _mixed(view: ViewReport, severity: Severity) -> str:
    count = view.mix[severity]
    return f"{count} · {_share(count / view.count)}" if view.count else str(count)


def _time(at: datetime, zone: tzinfo | None) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
