"""A plan as an iCalendar file, to be imported into a calendar. Needs the extra ``tarlatamab-rules[calendar]``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

try:
    import icalendar
except ImportError as _missing:
    msg = "a calendar needs icalendar: pip install 'tarlatamab-rules[calendar]'"
    raise ImportError(msg, name=_missing.name) from _missing

from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.assessment.words import capital, fact_in_words
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.course.entries import EntryKind, PlanEntry, period
from tarlatamab_rules.course.plan import CoursePlan
from tarlatamab_rules.inputs._fields import day, is_aware, whole
from tarlatamab_rules.values.names import named

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When

__all__ = ["calendar"]

_ALARM: Final = timedelta(hours=15)
_DAY: Final = timedelta(days=1)
_LAST_SEQUENCE: Final = 2**31 - 1
"""The greatest number that iCalendar has."""

_BEFORE: Final = frozenset((EntryKind.LABS, EntryKind.HYDRATION, EntryKind.RESTART_LIMIT))
"""What is over if its dose has been given: it needs no alarm."""


def calendar(  # noqa: PLR0913  # one keyword a property of the calendar
    plan: CoursePlan,
    *,
    plan_id: str,
    sequence: int = 0,
    label: str = "",
    previous: CoursePlan | None = None,
    alarm: timedelta | None = _ALARM,
    stamp: datetime | None = None,
) -> bytes:
    """A plan as an iCalendar file: one event for each entry that has a date, with the same UID in a later plan.

    Moments are written in UTC, because hours are elapsed time: an hour that a change of clocks repeats would be ambiguous in local time.
    Each description has the time by the clock of the site. Moments of a plan without a zone have none in the calendar either. A date
    without a time is an all-day event. What is to come is tentative until its dose is given. An entry without a date is listed in the
    description of the calendar.

    Nothing about the patient is in it but the label.

    Args:
        plan: The plan.

        plan_id: What the plan is called, such as a UUID. It begins each UID, so use another one for each plan, and the same one for a later
            plan of the same course. Letters, digits, and ``. _ -``.

        sequence: How often the plan was made anew; 0 for the first one.

        label: What each title begins with, such as a bed or a study number.

        previous: The plan that was imported before. What is no longer planned is written as cancelled.

        alarm: How long before a deadline the calendar reminds; of a last day, before that day begins. ``None``: no alarms.

        stamp: When the file was made, with a UTC offset; now if left out.

    Raises:
        FieldError: An argument cannot be; it is named, with what to write instead.

        ImportError: icalendar is not installed.
    """
    _check(plan, "plan")
    head, number = _id(plan_id), whole(sequence, "sequence", 0, _LAST_SEQUENCE) or 0
    if previous is not None:
        _check(previous, "previous")
        if number == 0:
            raise FieldError("sequence", "0 is the first plan, and there is a previous one", "pass 1, and one more for each later plan")
    made, before, title = _stamp(stamp), _alarm(alarm), _label(label)
    now = _by_uid(plan.entries, head)
    gone = {} if previous is None else {uid: entry for uid, entry in _by_uid(previous.entries, head).items() if uid not in now}
    whole_calendar = _empty(plan, title)
    for uid, entry in (*now.items(), *gone.items()):
        event = _event(entry, title)
        event.add("uid", uid)
        event.add("sequence", number)
        event.add("dtstamp", made)
        event.add("status", "CANCELLED" if uid in gone else "CONFIRMED" if entry.given else "TENTATIVE")
        if uid in now and before is not None and _reminds(entry):
            event.add_component(_reminder(entry, before, title))
        whole_calendar.add_component(event)
    return bytes(whole_calendar.to_ical())


# --- arguments ---


def _check(plan: object, path: str) -> None:
    if not isinstance(plan, CoursePlan):
        raise FieldTypeError(path, f"{shown(plan)} is not a CoursePlan", "pass what plan_course gave")


def _id(plan_id: str) -> str:
    fix = "write letters, digits, and . _ -, such as str(uuid.uuid4())"
    if not isinstance(plan_id, str):
        raise FieldTypeError("plan_id", f"{shown(plan_id)} is not a text", fix)
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", plan_id):
        raise FieldError("plan_id", f"{plan_id[:60]!r} is empty, too long, or has another character", fix)
    return plan_id


def _label(label: str) -> str:
    if not isinstance(label, str):
        raise FieldTypeError("label", f"{shown(label)} is not a text", "write a few words")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in label).split())


def _alarm(alarm: timedelta | None) -> timedelta | None:
    fix = "pass datetime.timedelta(hours=15), or None for no alarms"
    if alarm is not None and not isinstance(alarm, timedelta):
        raise FieldTypeError("alarm", f"{shown(alarm)} is not a duration", fix)
    if alarm is not None and alarm < timedelta():
        raise FieldError("alarm", "is negative: it would ring after the deadline", fix)
    return alarm


def _stamp(stamp: datetime | None) -> datetime:
    fix = "pass a moment with its UTC offset, or leave it out"
    if stamp is None:
        return datetime.now(UTC).replace(microsecond=0)
    if not isinstance(stamp, datetime):
        raise FieldTypeError("stamp", f"{shown(stamp)} is not a moment", fix)
    if not is_aware(stamp):
        raise FieldError("stamp", f"{stamp} has no UTC offset", fix)
    return stamp.astimezone(UTC).replace(microsecond=0)


# --- the calendar ---


def _empty(plan: CoursePlan, title: str) -> icalendar.Calendar:
    undated = [f"No date: {_summary(entry, '')}: {entry.says}" for entry in plan.entries if entry.when is None]
    notes = [f"{fact_in_words(note.about)}: {note.says}" for note in plan.notes]
    name = ": ".join(filter(None, (title, "tarlatamab")))
    whole_calendar = icalendar.Calendar()
    for key, value in (
        ("prodid", "-//tarlatamab_rules//course//EN"),
        ("version", "2.0"),
        ("method", "PUBLISH"),
        ("x-wr-calname", name),
        ("description", "\n".join((f"Rulebook: {plan.rulebook}.", *notes, *undated, *plan.caveats, DISCLAIMER))),
    ):
        whole_calendar.add(key, value)
    zone = getattr(plan.request.site.zone, "key", None)
    if zone is not None:
        whole_calendar.add("x-wr-timezone", zone)
    return whole_calendar


def _by_uid(entries: Iterable[PlanEntry], head: str) -> Mapping[str, PlanEntry]:
    """The entries that have a date, by their UID: plan, dose and kind; several of a kind by what they are about and by their order."""
    seen: Counter[str] = Counter()
    by_uid: dict[str, PlanEntry] = {}
    for entry in entries:
        if entry.when is None:
            continue
        about = "" if entry.kind in _ONE_OF_A_KIND else f".{_slug(entry.what)}"
        base = f"{head}.{'course' if entry.point is None else entry.point}.{entry.kind}{about}"
        seen[base] += 1
        by_uid[f"{base}{f'.{seen[base]}' if seen[base] > 1 else ''}@tarlatamab-rules"] = entry
    return by_uid


_ONE_OF_A_KIND: Final = frozenset(
    (
        EntryKind.LABS,
        EntryKind.CHECK,
        EntryKind.DOSE,
        EntryKind.INFUSION,
        EntryKind.OBSERVATION,
        EntryKind.NEAR_CARE,
        EntryKind.RESTART_LIMIT,
    )
)
"""What a dose has once: it stays the same entry whatever it is called in a later plan."""

_SLUG: Final = 40


def _slug(text: str) -> str:
    """The beginning of a text, in letters and digits."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_SLUG]


def _event(entry: PlanEntry, title: str) -> icalendar.Event:
    event = icalendar.Event()
    event.add("summary", _summary(entry, title))
    event.add("description", _description(entry))
    start, end = _span(entry)
    event.add("dtstart", start)
    if end is not None:
        event.add("dtend", end)
    event.add("transp", "OPAQUE" if entry.kind is EntryKind.INFUSION and isinstance(start, datetime) else "TRANSPARENT")
    for url in dict.fromkeys(reason.url for reason in entry.reasons if reason.url):
        event.add("url", url)
        break
    return event


def _summary(entry: PlanEntry, title: str) -> str:
    what = f"{entry.point or ''} {_TITLES[entry.kind]}".strip()
    more = ""
    if entry.kind in {EntryKind.DOSE, EntryKind.PREMEDICATION, EntryKind.SALINE, EntryKind.RECOVERY_DEADLINE}:
        more = f": {entry.what}{f' {entry.amount}' if entry.amount is not None else ''}"
    return f"{f'{title}: ' if title else ''}{capital(what)}{more}"


_TITLES: Final = {kind: named(kind) for kind in EntryKind} | {
    EntryKind.LABS: "laboratory results due",
    EntryKind.CHECK: "checklist",
    EntryKind.RESTART_LIMIT: "last day of this dose",
    EntryKind.RECOVERY_DEADLINE: "improvement due",
    EntryKind.CONTRACEPTION: "contraception until",
    EntryKind.BREAST_FEEDING: "no breast-feeding until",
}


def _description(entry: PlanEntry) -> str:
    """What an entry says, by the clock of the site, with its condition, its sources and what they disagree on."""
    lines = [f"{period(entry)}: {entry.says}", *([f"Condition: {entry.condition}"] if entry.condition else [])]
    lines += [f"Otherwise: {line}" for line in entry.otherwise]
    lines += [f"Sources disagree: {line}" for line in entry.disagreements]
    lines += [f"Source: {line}" for line in dict.fromkeys(entry.sources)]
    lines += [f"Caution: {line}" for line in entry.caveats]
    if not entry.given:
        lines.append("Planned, not cleared: assess the dose on its day.")
    return "\n".join([*lines, DISCLAIMER])


def _span(entry: PlanEntry) -> tuple[Any, Any]:
    """When an event begins and ends. A deadline is a moment or a day; a day ends before the next one begins."""
    start, end = entry.when, None if entry.deadline is not None else entry.end or entry.end_from
    if isinstance(start, datetime) and (end is None or isinstance(end, datetime)):
        return _moment(start), None if end is None or end <= start else _moment(end)
    return _day(start), _day(start if end is None else end) + _DAY


def _day(when: When | None) -> date:
    assert when is not None  # noqa: S101  # entries without a date have no event
    return day(when)


def _moment(when: datetime) -> datetime:
    """A moment in UTC; one without an offset stays as it is. iCalendar has no parts of a second."""
    plain = when.replace(microsecond=0)
    return plain.astimezone(UTC) if is_aware(plain) else plain


# --- alarms ---


def _reminds(entry: PlanEntry) -> bool:
    """Whether an entry has a deadline that is not over with its dose."""
    return entry.deadline is not None and not (entry.given and entry.kind in _BEFORE)


def _reminder(entry: PlanEntry, before: timedelta, title: str) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _summary(entry, title))
    alarm.add("trigger", -before)
    return alarm
