"""May this patient have the drug? Expected answers are the precautions page's, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from helpers import rows, well
from tarlatamab_rules import Decided, FieldTypeError, NeedsData, NotCovered, Patient, eligibility
from tarlatamab_rules.rules.eligibility import criteria


@pytest.mark.statement("IND-1")
class TestIndication:
    """IND-1: adults, extensive-stage small-cell lung cancer, progressed after platinum."""

    @pytest.mark.parametrize(
        ("age", "expected", "row"),
        [
            (17.999, "excluded", "IND-1/minor"),
            (0, "excluded", "IND-1/minor"),
            (18, "eligible", "IND-1/adult"),
            (90, "eligible", "IND-1/adult"),
        ],
    )
    def test_age(self, age: float, expected: str, row: str) -> None:
        """An adult is 18 years or older."""
        answer = eligibility(well(age_years=age))
        assert answer.unwrap() == expected
        assert row in rows(answer)

    @pytest.mark.parametrize(
        ("diagnosis", "expected"),
        [("extensive-stage-sclc", "eligible"), ("limited-stage-sclc", "excluded"), ("other", "excluded")],
    )
    def test_diagnosis(self, diagnosis: str, expected: str) -> None:
        """Only extensive-stage disease is indicated."""
        assert eligibility(well(diagnosis=diagnosis)).unwrap() == expected

    @pytest.mark.parametrize(("progressed", "expected"), [(True, "eligible"), (False, "excluded")])
    def test_platinum(self, progressed: bool, expected: str) -> None:
        """Progression after platinum is part of the indication."""
        assert eligibility(well(progressed_after_platinum=progressed)).unwrap() == expected


class TestContraindications:
    """CI-1, CI-2, PRG-1, PRG-3."""

    @pytest.mark.statement("CI-1")
    @pytest.mark.parametrize(
        ("infection", "expected", "row"),
        [("none", "eligible", "CI-1/none"), ("controlled", "needs-assessment", "CI-1"), ("uncontrolled", "needs-assessment", "CI-1")],
    )
    def test_infection(self, infection: str, expected: str, row: str) -> None:
        """CI-1: an active infection is assessed, controlled or not; it never excludes."""
        answer = eligibility(well(infection=infection))
        assert answer.unwrap() == expected
        assert row in rows(answer)

    @pytest.mark.statement("CI-2", "PRG-1")
    @pytest.mark.parametrize(
        ("childbearing", "pregnant", "expected"),
        [
            (True, True, "excluded"),
            (True, False, "eligible"),
            (True, None, ("pregnant",)),
            (None, True, "excluded"),
            (None, False, "eligible"),
            (None, None, ("pregnant",)),
            (False, False, "eligible"),
            (False, None, "eligible"),
        ],
    )
    def test_pregnancy(self, childbearing: bool | None, pregnant: bool | None, expected: object) -> None:
        """CI-2, PRG-1: pregnancy excludes; it is asked for unless there is no childbearing potential."""
        answer = eligibility(well(childbearing_potential=childbearing, pregnant=pregnant))
        if isinstance(expected, str):
            assert answer.unwrap() == expected
            assert ("CI-2" if expected == "excluded" else "PRG-1") in rows(answer)
        else:
            assert isinstance(answer, NeedsData)
            assert answer.missing == expected
            assert answer.possible == ("eligible", "excluded")
            assert rows(answer) == ["CI-2", "PRG-1"]

    @pytest.mark.statement("PRG-3")
    @pytest.mark.parametrize(
        ("childbearing", "breastfeeding", "expected"),
        [
            (True, True, "excluded"),
            (False, True, "excluded"),
            (True, False, "eligible"),
            (False, None, "eligible"),
            (True, None, ("breastfeeding",)),
            (None, None, ("breastfeeding",)),
        ],
    )
    def test_lactation(self, childbearing: bool | None, breastfeeding: bool | None, expected: object) -> None:
        """PRG-3: breast-feeding excludes; no childbearing potential answers it where it is not known."""
        answer = eligibility(well(childbearing_potential=childbearing, breastfeeding=breastfeeding))
        assert (answer.unwrap() if isinstance(answer, Decided) else answer.missing) == expected

    def test_hypersensitivity_is_not_spoken_of(self) -> None:
        """The page says nothing of it, so it changes nothing under the page alone."""
        assert eligibility(well(hypersensitivity=True)) == eligibility(well())


UNKNOWN = [
    ("age_years", ("eligible", "excluded")),
    ("diagnosis", ("eligible", "excluded")),
    ("progressed_after_platinum", ("eligible", "excluded")),
    ("infection", ("eligible", "needs-assessment")),
    ("pregnant", ("eligible", "excluded")),
    ("breastfeeding", ("eligible", "excluded")),
]


class TestUnknown:
    """``None`` is not known, never no."""

    @pytest.mark.parametrize(("fact", "possible"), UNKNOWN)
    def test_one_unknown(self, fact: str, possible: tuple[str, ...]) -> None:
        """Every criterion that is not known is asked for, and what it may lead to is listed."""
        answer = eligibility(well(**{fact: None}))
        assert isinstance(answer, NeedsData)
        assert answer.missing == (fact,)
        assert answer.possible == possible

    @pytest.mark.parametrize(("fact", "_possible"), UNKNOWN)
    def test_excluded_whatever_is_unknown(self, fact: str, _possible: tuple[str, ...]) -> None:
        """A decided exclusion stays decided, and cites only what excludes."""
        reason = {"pregnant": ({"age_years": 10}, "IND-1/minor")}.get(fact, ({"pregnant": True}, "CI-2"))
        changes: dict[str, Any] = {fact: None} | reason[0]
        answer = eligibility(well(**changes))
        assert answer.unwrap() == "excluded"
        assert rows(answer) == [reason[1]]

    def test_infection_leaves_exclusion_open(self) -> None:
        """With an active infection and the age unknown, both answers above stay open."""
        answer = eligibility(well(infection="controlled", age_years=None))
        assert answer == eligibility(well(infection="uncontrolled", age_years=None))
        assert answer.possible == ("needs-assessment", "excluded")

    def test_nothing_known(self) -> None:
        """Of an unknown patient everything is asked, and everything is possible."""
        answer = eligibility(Patient())
        assert answer.missing == ("age_years", "diagnosis", "progressed_after_platinum", "infection", "pregnant", "breastfeeding")
        assert answer.possible == ("eligible", "needs-assessment", "excluded")


def test_all_criteria_are_cited() -> None:
    """Who is eligible is so by every criterion, each with its statement and section."""
    answer = eligibility(well())
    assert rows(answer) == ["IND-1/adult", "IND-1/cancer", "IND-1/progressed", "CI-1/none", "PRG-1", "PRG-3/none"]
    assert {reason.citation.revision for reason in answer.reasons if reason.citation} == {"2025-09-16"}


def test_criteria_one_by_one() -> None:
    """Each criterion has an answer of its own, also when another one has settled the whole."""
    each = criteria(well(age_years=12, infection=None))
    assert [answer.possible for answer in each] == [
        ("excluded",),
        ("eligible",),
        ("eligible",),
        ("eligible", "needs-assessment"),
        ("eligible",),
        ("eligible",),
    ]


@pytest.mark.parametrize("patient", [None, {}, "somebody"])
def test_no_patient(patient: Any) -> None:
    """What is no patient is refused."""
    with pytest.raises(FieldTypeError, match="is not a Patient"):
        eligibility(patient)


def test_a_book_that_does_not_ask() -> None:
    """A grading scale has no criteria, and says so."""
    answer = eligibility(well(), rulebook="ctcae-5.0")
    assert isinstance(answer, NotCovered)
    assert "says nothing of this" in answer.reasons[0].says
