"""What to do about a toxicity. The cases by grade and score stand in `tests/spec/neurotoxicity.md` and `abnormalities.md`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from helpers import PAGE, in_words, rows
from tarlatamab_rules import (
    ContradictionError,
    Decided,
    FieldError,
    FieldTypeError,
    Grade,
    NeedsData,
    NeuroFindings,
    Toxicity,
    ToxicityEvent,
    monitoring_duration,
    rulebooks,
    toxicity_action,
)
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION

DEXAMETHASONE = ("give", "dexamethasone", "10 mg", "intravenous")
CONSULT = ("give", "neurology consult", None, None)
GCSF = ("consider", "G-CSF", None, None)


def shown(answer: Any) -> object:
    """An answer as action and treatments; what is missing; or silence."""
    match answer:
        case Decided(value):
            return (str(value.action), *map(in_words, value.treatments))
        case NeedsData(missing, possible):
            return missing, {value and str(value.action) for value in possible}
        case _:
            return None


def by_page(event: ToxicityEvent, **facts: Any) -> object:
    """The answer of the page, as `shown`."""
    return shown(toxicity_action(event, **facts, rulebook=PAGE))


CLEAR: dict[str, Any] = {"consciousness": "alert", "symptoms": [], "raised_icp": "none"}
WITHHOLD, DISCONTINUE = ("withhold", DEXAMETHASONE), ("discontinue", CONSULT)


@pytest.mark.statement("NEU-2", "NEU-3", "NEU-4")
class TestNeurotoxicity:
    """NEU-2 to NEU-4."""

    @pytest.mark.parametrize(
        "findings",
        [
            {"arousable": False},
            {"consciousness": "awakens-to-touch"},
            {"seizure": "brief"},
            {"symptoms": ["seizures"]},
            {"motor_weakness": True},
            {"symptoms": ["muscle-weakness"]},
            {"raised_icp": "focal"},
        ],
    )
    @pytest.mark.parametrize("ice", [7, 10, None])
    @pytest.mark.parametrize("grade", [None, 1])
    def test_other_findings_keep_the_worse_open(self, ice: int | None, grade: Any, findings: dict[str, Any]) -> None:
        """A finding that may be severe leaves stopping open, whatever score and grade are recorded; withholding is the least."""
        event = ToxicityEvent("icans", grade, status="active", findings=NeuroFindings(ice=ice, **findings))
        assert by_page(event) == (("grade",), {"withhold", "discontinue"})

    @pytest.mark.parametrize("unknown", ["consciousness", "symptoms", "raised_icp"])
    def test_unknown_findings_are_not_absent(self, unknown: str) -> None:
        """Of a finding that is not known the worse stays open as well; a recorded grade settles it."""
        findings = NeuroFindings(ice=7, **{key: value for key, value in CLEAR.items() if key != unknown})
        assert by_page(ToxicityEvent("icans", status="active", findings=findings)) == (("grade",), {"withhold", "discontinue"})
        assert by_page(ToxicityEvent("icans", 1, status="active", findings=findings)) == WITHHOLD

    @pytest.mark.parametrize(
        "changes",
        [{"arousable": True}, {"seizure": "none", "symptoms": ["confusion"]}, {"motor_weakness": False, "symptoms": ["speech-disorder"]}],
    )
    def test_absent_findings_weigh_nothing(self, changes: dict[str, Any]) -> None:
        """Findings that are known to be absent leave the score alone to decide."""
        event = ToxicityEvent("icans", status="active", findings=NeuroFindings(ice=7, **(CLEAR | changes)))
        assert by_page(event) == WITHHOLD

    def test_a_severe_recorded_grade_beside_findings(self) -> None:
        """A recorded grade that is as severe as a finding can be needs nothing else."""
        findings = NeuroFindings(ice=7, seizure="prolonged")
        for grade in (3, 4, 5):
            event = ToxicityEvent("icans", grade, status="active", findings=findings)
            assert by_page(event) == DISCONTINUE


@pytest.mark.statement("ABN-1")
class TestNeutropenia:
    """ABN-1."""

    @pytest.mark.parametrize("toxicity", [Toxicity.NEUTROPENIA, Toxicity.THROMBOCYTOPENIA])
    def test_no_grade_5(self, toxicity: Toxicity) -> None:
        """The table itself refuses a grade that CTCAE does not have; an event of it cannot even be built."""
        with pytest.raises(ContradictionError, match="does not have this grade"):
            rulebooks.default()[TOXICITY_ACTION[toxicity]](Grade.DEATH, None, None, None, None, None, None, None, None, None)

    @pytest.mark.parametrize(
        ("scale", "expected"),
        [
            ("ctcae-5.0", ("withhold", GCSF)),
            (None, ("withhold", GCSF)),
            ("ctcae-6.0", (("scale",), {"withhold", None})),
            ("astct-2019", (("scale",), {"withhold", None})),
        ],
    )
    def test_other_scale(self, scale: Any, expected: object) -> None:
        """A grade by another CTCAE version than the page is read with is not mixed in: grade 3 of one is grade 4 of the other."""
        assert by_page(ToxicityEvent("neutropenia", 3, scale=scale, status="active")) == expected

    @pytest.mark.parametrize(("toxicity", "expected"), [("anemia", None), ("platelets", None)])
    def test_scale_that_does_not_differ(self, toxicity: str, expected: object) -> None:
        """Both versions grade haemoglobin alike, so a grade by the other version counts."""
        named: Any = "anemia" if toxicity == "anemia" else "thrombocytopenia"
        answer = toxicity_action(ToxicityEvent(named, 3, scale="ctcae-6.0", status="active"), rulebook=PAGE)
        assert shown(answer) is expected
        assert ("guard/other-scale" in rows(answer)) is (named == "thrombocytopenia")

    def test_scale_of_neurotoxicity(self) -> None:
        """The page names no scale for neurotoxicity, so none is refused."""
        assert by_page(ToxicityEvent("icans", 2, scale="ctcae-6.0", status="active")) == WITHHOLD


class TestHistory:
    """The page says nothing of recurrence, so a history changes nothing; how it is read is shared by every book."""

    event = ToxicityEvent("neutropenia", 4, status="active", onset=date(2025, 11, 20))

    @pytest.mark.parametrize(
        "events",
        [
            None,
            (),
            (ToxicityEvent("neutropenia", 4, status="resolved", onset=date(2025, 10, 10)),),
            (ToxicityEvent("neutropenia", 4, onset=date(2025, 10, 10)), ToxicityEvent("crs", 1)),
        ],
    )
    def test_page(self, events: Any) -> None:
        """Grade 4 neutropenia withholds, the first time or again."""
        assert by_page(self.event, events=events) == ("withhold", GCSF)

    @pytest.mark.parametrize(
        ("others", "expected"),
        [
            ([], 0),
            ([{"status": "resolved"}], 3),
            ([{"resolved": date(2025, 10, 20)}], 3),
            ([{"onset": date(2025, 10, 1), "resolved": date(2025, 10, 20)}], 3),
            ([{"onset": date(2025, 10, 1), "resolved": date(2025, 11, 25)}], 3),
            ([{"onset": date(2025, 10, 1), "resolved": date(2025, 11, 20)}], 3),
            ([{"status": "active"}], 3),
            ([{}], {0, 3}),
            ([{}, {"resolved": date(2025, 10, 20)}], 3),
            ([{"resolved": date(2025, 10, 20)}, {"grade": 4, "resolved": date(2025, 10, 25)}], 4),
            ([{"status": "resolved", "onset": date(2025, 10, 1)}], 3),
            ([{"status": "resolved", "onset": date(2025, 12, 1)}], 0),
        ],
    )
    def test_earlier_episodes(self, others: list[dict[str, Any]], expected: object) -> None:
        """A separately reported episode of the same toxicity is another one. It came first by its onset, or because this one is ongoing."""
        from tarlatamab_rules.rules.earlier import worst_earlier
        from tarlatamab_rules.rules.event_grade import read

        events = [ToxicityEvent("neutropenia", **({"grade": 3} | other)) for other in others]
        rest = (self.event, ToxicityEvent("anemia", 3, status="resolved"))
        book = rulebooks.default()
        assert worst_earlier(read(self.event, book), [read(event, book) for event in (*events, *rest)]) == expected

    def test_two_that_are_over(self) -> None:
        """Of two episodes that are over and have no dates, which one came first is not known."""
        from tarlatamab_rules.rules.earlier import worst_earlier
        from tarlatamab_rules.rules.event_grade import read

        one, other = (ToxicityEvent("neutropenia", grade, status="resolved") for grade in (Grade.SEVERE, Grade.LIFE_THREATENING))
        book = rulebooks.default()
        assert worst_earlier(read(one, book), (read(other, book),)) == frozenset({Grade.NONE, Grade.LIFE_THREATENING})

    @pytest.mark.parametrize("events", [5, "abc", {}, [None], (None,), ({"toxicity": "crs"},), ToxicityEvent("crs", 2)])
    def test_no_history(self, events: Any) -> None:
        """What is no list of events is refused, and never read as "nothing happened"."""
        with pytest.raises(FieldTypeError, match="events"):
            toxicity_action(self.event, events=events)
        with pytest.raises(FieldTypeError, match="events"):
            monitoring_duration("C5D1", events=events)

    def test_two_clocks(self) -> None:
        """An onset with a UTC offset and one without cannot be put in order."""
        naive = datetime(2025, 10, 20, 9)  # noqa: DTZ001  # naive on purpose
        past = ToxicityEvent("icans", 1, onset=naive.replace(tzinfo=UTC), status="resolved")
        with pytest.raises(FieldError, match="one has a UTC offset"):
            toxicity_action(ToxicityEvent("icans", 2, onset=naive, status="active"), events=[past], rulebook="us-2025-11")


def test_no_event() -> None:
    """What is no event is refused."""
    with pytest.raises(FieldTypeError, match="event: 'icans' is not a ToxicityEvent"):
        toxicity_action("icans")  # type: ignore[arg-type]  # on purpose
