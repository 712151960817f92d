"""What does a toxicity oblige one to do? Expected answers are the precautions page's, by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from helpers import in_words, rows
from tarlatamab_rules import ContradictionError, Decided, NeedsData, NeuroFindings, NotCovered, ToxicityEvent, toxicity_action

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


WITHHOLD, DISCONTINUE = ("withhold", DEXAMETHASONE), ("discontinue", CONSULT)


class TestNeurotoxicity:
    """NEU-2 to NEU-4."""

    @pytest.mark.parametrize("toxicity", ["icans", "neurotoxicity"])
    @pytest.mark.parametrize(
        ("grade", "status", "expected", "row"),
        [
            (0, "active", None, "NEU-3/none"),
            (1, "active", WITHHOLD, "NEU-3"),
            (2, "active", WITHHOLD, "NEU-3"),
            (3, "active", DISCONTINUE, "NEU-4"),
            (4, "active", DISCONTINUE, "NEU-4"),
            (5, "active", DISCONTINUE, "NEU-4"),
            (1, "resolved", None, "NEU-3/over"),
            (2, "resolved", None, "NEU-3/over"),
            (3, "resolved", ("discontinue",), "NEU-4/over"),
            (4, "resolved", ("discontinue",), "NEU-4/over"),
            (1, "unknown", (("status",), {"withhold", None}), "NEU-3"),
            (1, None, (("status",), {"withhold", None}), "NEU-3"),
            (3, None, (("status",), {"discontinue"}), "NEU-4"),
            (0, None, None, "NEU-3/none"),
            (None, "active", (("grade",), {None, "withhold", "discontinue"}), "NEU-3"),
            (None, "resolved", (("grade",), {None, "discontinue"}), "NEU-4/over"),
            (None, None, (("grade", "status"), {None, "withhold", "discontinue"}), "NEU-4"),
        ],
    )
    def test_grades(self, toxicity: Any, grade: Any, status: Any, expected: object, row: str) -> None:
        """NEU-3: grade 1-2 suspends, with dexamethasone. NEU-4: grade 3-4 stops for good, with a consult. What is over is not treated."""
        answer = toxicity_action(ToxicityEvent(toxicity, grade, status=status))
        assert shown(answer) == expected
        assert row in rows(answer)

    @pytest.mark.parametrize(
        ("ice", "grade", "expected", "cited"),
        [
            (0, None, DISCONTINUE, ["NEU-2", "NEU-4"]),
            (2, None, DISCONTINUE, ["NEU-2", "NEU-4"]),
            (3, None, WITHHOLD, ["NEU-2/impaired", "NEU-3"]),
            (9, None, WITHHOLD, ["NEU-2/impaired", "NEU-3"]),
            (10, None, (("grade",), {None, "withhold", "discontinue"}), ["NEU-3/none", "NEU-3", "NEU-4"]),
            (None, None, (("grade",), {None, "withhold", "discontinue"}), ["NEU-3/none", "NEU-3", "NEU-4"]),
            (2, 1, DISCONTINUE, ["NEU-2", "NEU-4"]),
            (2, 0, DISCONTINUE, ["NEU-2", "NEU-4"]),
            (2, 3, DISCONTINUE, ["NEU-4"]),
            (2, 5, DISCONTINUE, ["NEU-4"]),
            (3, 4, DISCONTINUE, ["NEU-4"]),
            (9, 1, WITHHOLD, ["NEU-3"]),
            (5, 0, WITHHOLD, ["NEU-2/impaired", "NEU-3"]),
            (10, 2, WITHHOLD, ["NEU-3"]),
            (10, 0, None, ["NEU-3/none"]),
        ],
    )
    def test_ice(self, ice: int | None, grade: Any, expected: object, cited: list[str]) -> None:
        """NEU-2: 2 or less is severe, 3-9 is grade 1-2, a full score rules nothing out; the more severe of score and grade stands."""
        event = ToxicityEvent("icans", grade, status="active", findings=NeuroFindings(ice=ice))
        answer = toxicity_action(event)
        assert shown(answer) == expected
        assert rows(answer) == cited

    @pytest.mark.parametrize(
        "findings",
        [
            {"arousable": False},
            {"consciousness": "awakens-to-touch"},
            {"seizure": "brief"},
            {"motor_weakness": True},
            {"raised_icp": "focal"},
        ],
    )
    def test_other_findings_keep_the_worse_open(self, findings: dict[str, Any]) -> None:
        """A mild score beside a finding that may be severe leaves stopping open; withholding is the least."""
        answer = toxicity_action(ToxicityEvent("icans", status="active", findings=NeuroFindings(ice=7, **findings)))
        assert shown(answer) == (("grade",), {"withhold", "discontinue"})

    @pytest.mark.parametrize(
        "findings",
        [{"arousable": True}, {"consciousness": "alert"}, {"seizure": "none"}, {"motor_weakness": False}, {"raised_icp": "none"}],
    )
    def test_absent_findings_do_not(self, findings: dict[str, Any]) -> None:
        """Findings that are absent weigh nothing."""
        answer = toxicity_action(ToxicityEvent("icans", status="active", findings=NeuroFindings(ice=7, **findings)))
        assert shown(answer) == WITHHOLD


class TestNeutropenia:
    """ABN-1."""

    @pytest.mark.parametrize(
        ("grade", "status", "expected"),
        [
            (0, "active", None),
            (2, "active", None),
            (3, "active", ("withhold", GCSF)),
            (4, "active", ("withhold", GCSF)),
            (3, "resolved", None),
            (4, "resolved", None),
            (3, None, (("status",), {"withhold", None})),
            (None, "active", (("grade",), {"withhold", None})),
            (None, "resolved", None),
            (None, None, (("grade", "status"), {"withhold", None})),
        ],
    )
    def test_grades(self, grade: Any, status: Any, expected: object) -> None:
        """ABN-1: grade 3-4 suspends, and G-CSF is considered, which is not an order."""
        assert shown(toxicity_action(ToxicityEvent("neutropenia", grade, status=status))) == expected

    @pytest.mark.parametrize("toxicity", ["neutropenia", "thrombocytopenia"])
    def test_no_grade_5(self, toxicity: Any) -> None:
        """CTCAE has no grade 5 for a low count; such an event is refused."""
        with pytest.raises(ContradictionError, match="no grade 5"):
            toxicity_action(ToxicityEvent(toxicity, 5))

    @pytest.mark.parametrize(
        ("scale", "expected"),
        [
            ("ctcae-5.0", ("withhold", GCSF)),
            (None, ("withhold", GCSF)),
            ("ctcae-6.0", (("grade",), {"withhold", None})),
            ("astct-2019", (("grade",), {"withhold", None})),
        ],
    )
    def test_other_scale(self, scale: Any, expected: object) -> None:
        """A grade by another CTCAE version than the page is read with is not mixed in: grade 3 of one is grade 4 of the other."""
        assert shown(toxicity_action(ToxicityEvent("neutropenia", 3, scale=scale, status="active"))) == expected

    def test_scale_of_neurotoxicity(self) -> None:
        """The page names no scale for neurotoxicity, so none is refused."""
        assert shown(toxicity_action(ToxicityEvent("icans", 2, scale="ctcae-6.0", status="active"))) == WITHHOLD


@pytest.mark.parametrize(
    "toxicity",
    ["crs", "febrile-neutropenia", "anemia", "thrombocytopenia", "infection", "hepatotoxicity", "hypersensitivity", "other"],
)
@pytest.mark.parametrize("grade", [None, 0, 2, 4])
@pytest.mark.parametrize("status", [None, "active", "resolved"])
def test_silence(toxicity: Any, grade: Any, status: Any) -> None:
    """The page gives no action for other toxicities, and its silence is no permission to go on."""
    answer = toxicity_action(ToxicityEvent(toxicity, grade, status=status))
    assert isinstance(answer, NotCovered)
    assert rows(answer) == ["SILENT/toxicity"]


class TestHistory:
    """The page says nothing of recurrence, so a history changes nothing; how it is read is shared by every book."""

    event = ToxicityEvent("neutropenia", 4, status="active", onset=date(2025, 11, 20))

    @pytest.mark.parametrize(
        "history",
        [
            None,
            (),
            (ToxicityEvent("neutropenia", 4, status="resolved", onset=date(2025, 10, 10)),),
            (ToxicityEvent("neutropenia", 4, onset=date(2025, 10, 10)), ToxicityEvent("crs", 1)),
        ],
    )
    def test_page(self, history: Any) -> None:
        """Grade 4 neutropenia withholds, the first time or again."""
        assert shown(toxicity_action(self.event, history=history)) == ("withhold", GCSF)

    @pytest.mark.parametrize(
        ("others", "expected"),
        [
            ([], False),
            ([{"status": "resolved"}], True),
            ([{"resolved": date(2025, 10, 20)}], True),
            ([{"status": "active"}], False),
            ([{}], None),
            ([{}, {"status": "resolved"}], True),
            ([{"status": "resolved", "onset": date(2025, 10, 1)}], True),
            ([{"status": "resolved", "onset": date(2025, 12, 1)}], False),
        ],
    )
    def test_recurrence(self, others: list[dict[str, Any]], expected: bool | None) -> None:
        """A recurrence follows an earlier episode of the same toxicity that has ended; a later one does not count."""
        from tarlatamab_rules.rules.toxicity import recurs

        history = [ToxicityEvent("neutropenia", 3, **other) for other in others]
        assert recurs(self.event, [*history, self.event, ToxicityEvent("anemia", 3, status="resolved")]) is expected
