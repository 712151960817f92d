"""Faults that a fourth attack found: what was odd long ago, and mild toxicities that have resolved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import normal_labs, well
from tarlatamab_rules import DoseAssessment, DosePoint, GivenDose, LabResult, ToxicityEvent, assess_dose
from test_results_attacked import EU, US

PAGE = "precautions-2025-09"
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
LONG = 12
"""So many doses are listed."""
WEEKS = [0, 1, 2, *range(4, 2 * LONG, 2)]
"""The weeks in which the doses of a regular course are given."""


def schedule(doses: int, *, late: int = 0) -> list[GivenDose]:
    """The first doses of a regular course that begins so many days late."""
    starts = [FIRST + timedelta(weeks=WEEKS[n], days=late) for n in range(doses)]
    return [GivenDose(DosePoint.at(n + 1), start, "10 mg" if n else "1 mg", start + timedelta(hours=1)) for n, start in enumerate(starts)]


def assessed(course: list[GivenDose], planned: GivenDose, book: str | None = US, **more: Any) -> DoseAssessment:
    """A dose of a patient who is well."""
    start = planned.started
    assert isinstance(start, datetime)
    facts = {"events": [], "labs": normal_labs(start - timedelta(hours=2))} | more
    patient = well(childbearing_potential=False, hypersensitivity=False)
    return assess_dose(patient, planned.point, planned_start=start, course=course, ordered=planned.amount, rulebook=book, **facts)


class TestOddLongAgo:
    """A dose that was left out or given twice needs a clinician while it is one of the last two doses."""

    @pytest.mark.parametrize(("since", "verdict"), [(0, "needs-assessment"), (2, "needs-assessment"), (3, "proceed"), (5, "proceed")])
    def test_left_out(self, since: int, verdict: str) -> None:
        """C3D15 was not given. The dose after it, and the two after that one, wait for a clinician; later ones have a note."""
        *given_, planned = [dose for dose in schedule(8 + since) if str(dose.point) != "C3D15"]
        found = assessed(given_, planned)
        assert found.verdict == verdict
        told = [reason.says for reason in found.reasons] if since <= 2 else list(found.notes)
        assert any("C3D15 comes before C4D1, and was not given." in said for said in told)

    @pytest.mark.parametrize(("since", "verdict"), [(0, "needs-assessment"), (1, "needs-assessment"), (2, "proceed"), (4, "proceed")])
    def test_given_twice(self, since: int, verdict: str) -> None:
        """A restart under the name of C1D1: it needs a clinician at the next two doses, and has a note after that."""
        *again, planned = schedule(2 + since, late=23)
        found = assessed([*schedule(1), *again], planned)
        assert found.verdict == verdict
        told = [reason.says for reason in found.reasons] if since <= 1 else list(found.notes)
        assert any("C1D1 was given more than once." in said for said in told)

    def test_the_planned_dose_given_already(self) -> None:
        """However long ago it was: a planned dose that was given, or that comes before one that was given, needs a clinician."""
        given_ = schedule(9)
        for point in ("C1D1", "C1D8", "C2D1", "C4D15"):
            planned = GivenDose(point, FIRST + timedelta(weeks=WEEKS[9]), "10 mg")
            assert assessed(given_, planned).verdict == "needs-assessment"

    @given(st.integers(2, LONG - 1), st.data(), st.sampled_from([US, PAGE, EU]))
    def test_any_dose(self, doses: int, data: st.DataObject, book: str) -> None:
        """Whichever dose is missing: a clinician looks if it is the first, or if at most two doses were given after it."""
        left_out = data.draw(st.integers(0, doses - 1))
        course, planned = schedule(doses + 1)[:-1], schedule(doses + 1)[-1]
        found = assessed([dose for n, dose in enumerate(course) if n != left_out], planned, book)
        assert ("guard/skipped" in {reason.row for reason in found.reasons}) is (left_out == 0 or doses - 1 - left_out <= 2)


class TestMildInTheEuropeanLabel:
    """The EU label has no row for infections and for neurotoxicity other than ICANS."""

    @pytest.mark.parametrize("toxicity", ["infection", "neurotoxicity"])
    @pytest.mark.parametrize("grade", [1, 2, 3, 4])
    def test_resolved_and_ongoing(self, toxicity: Any, grade: Any) -> None:
        """At grade 1-2, an episode that has resolved needs no clinician; an ongoing one does, and so does each of grade 3 or worse."""
        *given_, planned = schedule(6)
        onset = FIRST + timedelta(days=8)

        def verdict(**how: Any) -> str:
            return assessed(given_, planned, EU, events=[ToxicityEvent(toxicity, grade, onset=onset, **how)]).verdict

        assert (verdict(resolved=onset + timedelta(days=3)) == "proceed") is (grade <= 2)
        assert verdict(status="active") in {"needs-assessment", "withhold", "discontinue"}

    @pytest.mark.parametrize("toxicity", ["infection", "neurotoxicity"])
    def test_not_known_whether_it_is_over(self, toxicity: Any) -> None:
        """Without a date of its end and a status, that is asked for or a clinician looks."""
        *given_, planned = schedule(6)
        found = assessed(given_, planned, EU, events=[ToxicityEvent(toxicity, 1, onset=FIRST + timedelta(days=8))])
        assert found.verdict in {"needs-data", "needs-assessment"}


class TestWhatBecameOfAnEarlierResult:
    """A result that does not count for the dose may still show an earlier episode."""

    @pytest.mark.parametrize(("value", "says"), [("13 g/dL", "grade 0 or 1"), ("7.5 g/dL", "grade 3")])
    def test_it_says_so(self, value: str, says: str) -> None:
        """The entry of the result says why it does not count, and what it is read for. The EU label follows no haemoglobin."""
        *given_, planned = schedule(5)
        start = planned.started
        assert isinstance(start, datetime)
        labs = [*normal_labs(start - timedelta(hours=2)), LabResult("hemoglobin", value, FIRST + timedelta(weeks=2, days=3))]
        told = {book: assessed(given_, planned, book, labs=labs).accounted[-1].says for book in (US, EU)}
        assert told[US] == f"hemoglobin {value}, {says}: it was not drawn after the previous dose; it may show an earlier episode."
        assert told[EU] == f"hemoglobin {value}, {says}: it was not drawn after the previous dose."
