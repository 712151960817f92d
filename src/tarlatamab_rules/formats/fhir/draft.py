"""What is read so far, from which the case is made at the end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import define, field, frozen

from tarlatamab_rules.formats.fhir.bundles import Found
from tarlatamab_rules.formats.fhir.codes import Lookup
from tarlatamab_rules.formats.fhir.report import Account
from tarlatamab_rules.inputs._fields import When, day, earlier
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import Scale

__all__ = ["PREGNANCY", "Administration", "Claim", "Draft", "Setting"]

PREGNANCY: Final = timedelta(weeks=45)
"""What is stated longer ago than this does not show a present pregnancy. A safeguard of this library; no source gives it."""

_CHANGING: Final = frozenset(("pregnant", "breastfeeding", "hypersensitivity"))
"""A *no* to these does not last."""


@frozen
class Setting:
    """What the caller said.

    Attributes:
        point: The planned dose.

        planned_start: When its infusion is to begin.

        zone: The time zone of the site.

        lookup: The codes that are read.

        asked: The facts that the rulebook asks for, by their paths.

        ctcae: The version of CTCAE of a grade that names none.

        state_age: How long a statement that a patient is *not* in some state counts.
    """

    point: DosePoint
    planned_start: When | None
    zone: ZoneInfo | None
    lookup: Lookup
    asked: frozenset[str]
    ctcae: Scale | None
    state_age: timedelta

    def day(self, when: When) -> date:
        """The calendar day at the site."""
        return day(when.astimezone(self.zone) if isinstance(when, datetime) and self.zone is not None else when)

    def days_before(self, when: When) -> int | None:
        """How many calendar days before the planned start; ``None`` if that is not known."""
        return None if self.planned_start is None else (self.day(self.planned_start) - self.day(when)).days

    def age_at_start(self, born: date) -> int | None:
        """How many whole years before the planned start a day of birth is; ``None`` if the start is not known."""
        if self.planned_start is None:
            return None
        today = self.day(self.planned_start)
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    def is_later(self, when: When) -> bool:
        """Whether a time is after the planned start."""
        if self.planned_start is None:
            return False
        if isinstance(when, datetime) and isinstance(self.planned_start, datetime):
            return earlier(self.planned_start, when) is True
        return self.day(when) > self.day(self.planned_start)


@frozen(eq=False)
class Claim:
    """A statement about the patient.

    Attributes:
        account: The resource that states it.

        value: What it states.

        when: Of when it is; ``None``: it holds now.
    """

    account: Account
    value: Any
    when: When | None = None


@frozen(eq=False)
class Administration:
    """An administration of the drug, before its place in the schedule is known."""

    account: Account
    reference: str | None
    started: When | None
    ended: When | None
    amount: Amount | None
    complete: bool | None


@define
class Draft:
    """What is read so far.

    Attributes:
        setting: What the caller said.

        age: The age of the patient at the planned start, in whole years; ``None`` if it is not known.

        resources: The resources by the references that mean them.

        labs: Results.

        events: Episodes.

        given: Administrations of the drug.

        claims: Statements about the patient, by field.

        temperatures: Body temperatures of the day of the dose.

        findings: Findings of now, by syndrome.

        ordered: The ordered amount.

        dose_answers: Answers about doses: the response, the dose by its place or its point, the field and the value.

        reviewed: The parts that were reviewed, and of which there are none.

        doubtful: The parts about which a resource is unclear that is not among the items of the part.

        watched: Conditions that may be toxicities, each with its onset and whether it goes on.

        unknown: Fields of the patient that an answer or a record leaves unknown.

        unclear: Findings that are unclear, by syndrome and field; with an empty field, any of them may be.

        notes: What to know of the whole import.
    """

    setting: Setting
    age: int | None = None
    resources: dict[str, Found] = field(factory=dict)
    labs: list[LabResult] = field(factory=list)
    events: list[ToxicityEvent] = field(factory=list)
    given: list[Administration] = field(factory=list)
    claims: dict[str, list[Claim]] = field(factory=dict)
    temperatures: list[tuple[Account, Amount]] = field(factory=list)
    findings: dict[str, Any] = field(factory=dict)
    ordered: Amount | None = None
    dose_answers: list[tuple[Account, int | DosePoint, str, Any]] = field(factory=list)
    reviewed: set[str] = field(factory=set)
    doubtful: set[str] = field(factory=set)
    watched: list[tuple[Account, ToxicityEvent]] = field(factory=list)
    unknown: set[str] = field(factory=set)
    unclear: set[tuple[str, str]] = field(factory=set)
    notes: list[str] = field(factory=list)

    def asks(self, path: str) -> bool:
        """Whether the rulebook asks for a fact."""
        return path in self.setting.asked

    def claim(self, account: Account, fact: str, *, value: object, when: When | None = None) -> None:
        """Notes a statement about the patient, by the field of the patient."""
        self.claims.setdefault(fact, []).append(Claim(account, value, when))

    def add_lab(self, account: Account, result: LabResult) -> None:
        """A result."""
        account.facts.append(f"labs[{len(self.labs)}]")
        self.labs.append(result)

    def add_event(self, account: Account, event: ToxicityEvent) -> None:
        """An episode."""
        account.facts.append(f"events[{len(self.events)}]")
        self.events.append(event)

    def add_state(self, account: Account, fact: str, when: When | None, *, value: bool) -> None:
        """A statement that the patient is in a state, or is not, as of a time. One that is too old is unclear."""
        path = f"patient.{fact}"
        days = None if when is None else self.setting.days_before(when)
        if when is None or days is None:
            account.doubt("it is not known how long before the planned start it was stated", asked=self.asks(path))
        elif self.setting.is_later(when):
            account.doubt("it was stated after the planned start", asked=self.asks(path))
        elif not value and fact in _CHANGING and days > self.setting.state_age.days:
            account.doubt(f"it was stated more than {self.setting.state_age.days} days before the planned start", asked=self.asks(path))
        elif value and fact == "pregnant" and days > PREGNANCY.days:
            account.doubt(f"it was stated more than {PREGNANCY.days} days before the planned start", asked=self.asks(path))
        else:
            self.claim(account, fact, value=value, when=when)
