"""The entries of one dose: what goes before it, its infusion, what goes after it, and how long the patient is watched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from tarlatamab_rules.core.decisions import Decided, Decision
from tarlatamab_rules.course.clock import Site, hours_of
from tarlatamab_rules.course.conditions import Expected
from tarlatamab_rules.course.entries import EntryKind, PlanEntry
from tarlatamab_rules.inputs._fields import When, day, hours_after
from tarlatamab_rules.inputs.units import Amount, Span
from tarlatamab_rules.rulebooks.questions import CHECKLIST, PREMEDICATION
from tarlatamab_rules.values.plans import InfusionPlan, Instruction, MonitoringPlan
from tarlatamab_rules.values.vocabulary import Anchor, InstructionKind

if TYPE_CHECKING:
    from tarlatamab_rules.course.steps import TimedDose
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.labs import LabsDue
    from tarlatamab_rules.values.plans import Checklist, PremedicationPlan

__all__ = ["Around", "rows_by_order"]

_OWN_KINDS: Final = {InstructionKind.HYDRATION: EntryKind.HYDRATION, InstructionKind.TEACHING: EntryKind.TEACHING}
"""The items of a checklist that have an entry of their own; the others share one."""


@frozen
class Around:
    """One dose with its moments.

    Attributes:
        dose: The dose.

        drug: What the drug is called.

        rows: The rows that give a drug or a measure, by its name.

        site: The clock of the site.

        infusion: How it is infused.
    """

    dose: TimedDose
    drug: str
    rows: Mapping[str, frozenset[str]]
    site: Site
    infusion: Decision[InfusionPlan]

    @property
    def start(self) -> datetime | None:
        """When the infusion begins, if its time is known."""
        start = self.dose.start
        return start if isinstance(start, datetime) else None

    @property
    def end(self) -> datetime | None:
        """When the infusion ends: as it did, else as planned."""
        ended = None if self.dose.given is None else self.dose.given.ended
        if isinstance(ended, datetime):
            return ended
        plan = self.infusion.value if isinstance(self.infusion, Decided) else None
        if plan is None or plan.duration is None or self.start is None:
            return None
        return hours_after(self.start, plan.duration.value)

    def entry(self, kind: EntryKind, what: str, answer: Decision[Any], **rest: Any) -> PlanEntry:  # noqa: ANN401  # fields of an entry
        """An entry of this dose."""
        dose, rows = self.dose, rest.pop("reasons", None)
        return PlanEntry(
            kind=kind,
            what=what,
            answer=answer,
            point=dose.point,
            role=dose.one_role,
            given=dose.given is not None,
            reasons=answer.reasons if rows is None else rows,
            **rest,
        )

    # --- the dose itself ---

    def dose_entry(self, condition: str = "") -> PlanEntry:
        """The dose: its amount and its day."""
        dose = self.dose
        return self.entry(
            EntryKind.DOSE, self.drug, dose.answer, start=dose.start, amount=dose.amount, value=dose.step or dose.given, condition=condition
        )

    def infusion_entry(self) -> PlanEntry:
        """The infusion, from its start to its end."""
        plan = self.infusion.value if isinstance(self.infusion, Decided) else None
        route = None if plan is None else plan.route
        return self.entry(
            EntryKind.INFUSION,
            "infusion",
            self.infusion,
            start=self.dose.start,
            end=self.end,
            amount=self.dose.amount,
            route=route,
            value=plan,
        )

    def limit_entry(self) -> Iterator[PlanEntry]:
        """The last day on which the dose is still this one, if it has one."""
        answer, step = self.dose.answer, self.dose.step
        if step is not None and step.latest is not None:
            yield self.entry(
                EntryKind.RESTART_LIMIT, "last day", answer, start=step.due, deadline=step.latest, amount=step.amount, value=step
            )

    # --- before ---

    def labs_entry(self, answer: Decision[LabsDue]) -> Iterator[PlanEntry]:
        """The results that the dose asks for. They count if they are drawn after the dose before and not after the planned start."""
        last = self.dose.before.last
        value = answer.value if isinstance(answer, Decided) else None
        if value is not None and not value.required and not value.recommended:
            return
        after = None if last is None else last.ended or last.started
        yield self.entry(EntryKind.LABS, "laboratory results", answer, start=after, deadline=self.dose.start, value=value)

    def checks(self, answer: Decision[Checklist], leaves: When | None) -> Iterator[PlanEntry]:
        """The checklist; *leaves* is when the patient may leave at the earliest, if that is known."""
        if not isinstance(answer, Decided):
            yield self.entry(EntryKind.CHECK, "checklist", answer, start=self.dose.start)
            return
        rest: list[Instruction] = []
        for item in answer.value.instructions:
            kind = _OWN_KINDS.get(item.kind)
            if kind is None:
                rest.append(item)
                continue
            by = leaves if kind is EntryKind.TEACHING and leaves is not None else self.dose.start
            yield self.entry(kind, item.what, answer, deadline=by, modality=item.modality, value=item, reasons=self._rows(answer, item))
        if rest:
            yield self.entry(EntryKind.CHECK, "checklist", answer, start=self.dose.start, value=tuple(rest))

    def medicines(self, expected: Expected) -> Iterator[PlanEntry]:
        """What is given before and after the infusion."""
        answer: Decision[PremedicationPlan] = expected.answer
        holds: dict[str, Any] = {"condition": expected.condition, "alternatives": expected.alternatives}
        if not isinstance(answer, Decided):
            yield self.entry(EntryKind.PREMEDICATION, "premedication", answer, start=self.dose.start, **holds)
            return
        for item in answer.value.instructions:
            yield self._medicine(item, answer, holds)
        if not answer.value.instructions and expected.condition:
            yield self.entry(EntryKind.PREMEDICATION, "nothing", answer, start=self.dose.start, value=answer.value, **holds)

    def _medicine(self, item: Instruction, answer: Decision[PremedicationPlan], holds: dict[str, Any]) -> PlanEntry:
        fluid = item.kind is InstructionKind.SALINE and item.anchor is Anchor.INFUSION_END
        return self.entry(
            EntryKind.SALINE if fluid else EntryKind.PREMEDICATION,
            item.what,
            answer,
            anchor=item.anchor,
            amount=item.amount,
            route=item.route,
            modality=item.modality,
            value=item,
            reasons=self._rows(answer, item),
            **self._window(item),
            **holds,
        )

    def _window(self, item: Instruction) -> dict[str, When | None]:
        """From when to when an instruction is carried out."""
        moment = self._moment(item.anchor)
        if moment is None:
            return self._sometime(item.anchor)
        if item.offset is None:
            return {"start": moment, **self._for(moment, item.duration)}
        low, high = hours_of(item.offset)
        return {"start": hours_after(moment, low), "end": None if high is None else hours_after(moment, high)}

    def _sometime(self, anchor: Anchor | None) -> dict[str, When | None]:
        """On the day of the dose, at a time that is not known; with its infusion if nothing else is said."""
        start = self.dose.start
        return {"start": start if anchor is None or start is None else day(start)}

    # --- after ---

    def watching(self, expected: Expected) -> Iterator[PlanEntry]:
        """How long the patient is watched, and how close to care the patient stays."""
        answer: Decision[MonitoringPlan] = expected.answer
        holds: dict[str, Any] = {"condition": expected.condition, "alternatives": expected.alternatives}
        if not isinstance(answer, Decided):
            yield self.entry(EntryKind.OBSERVATION, "how long to observe", answer, start=self.dose.start, **holds)
            return
        plan = answer.value
        holds |= {"anchor": plan.anchor, "value": plan}
        if plan.observe is not None or plan.near_care is None:
            yield self.entry(EntryKind.OBSERVATION, "observation", answer, **self._since(plan.anchor, plan.observe), **holds)
        near = plan.near_care
        if near is not None:
            yield self.entry(
                EntryKind.NEAR_CARE, "near care", answer, modality=near.modality, **self._since(plan.anchor, near.hours), **holds
            )

    def _since(self, anchor: Anchor | None, span: Span | None) -> dict[str, When | None]:
        moment = self._moment(anchor)
        return self._sometime(anchor) if moment is None else {"start": moment, **self._for(moment, span)}

    def _for(self, moment: datetime, span: Span | Amount | None) -> dict[str, When | None]:
        """When something ends that begins at a moment; of a range, the earliest end as well."""
        if span is None:
            return {}
        least, most = hours_of(span)
        low, high = hours_after(moment, least), None if most is None else hours_after(moment, most)
        return {"end_from": None if low == high else low, "end": high}

    def _moment(self, anchor: Anchor | None) -> datetime | None:
        return {Anchor.INFUSION_START: self.start, Anchor.INFUSION_END: self.end}.get(anchor) if anchor is not None else None

    def _rows(self, answer: Decision[Any], item: Instruction) -> tuple[Any, ...]:
        """The reasons that give this instruction; all of them if none does by itself."""
        ids = self.rows.get(item.what, frozenset())
        return tuple([reason for reason in answer.reasons if reason.row in ids]) or answer.reasons


def rows_by_order(book: Rulebook) -> Mapping[str, frozenset[str]]:
    """The rows of a book that give a drug or a measure with a dose, by its name."""
    ids: dict[str, set[str]] = {}
    for row in (*book.rows.get(PREMEDICATION, ()), *book.rows.get(CHECKLIST, ())):
        for item in () if row.then is None else row.then.instructions:
            ids.setdefault(item.what, set()).add(row.id)
    return {what: frozenset(rows) for what, rows in ids.items()}
