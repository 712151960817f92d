"""Charts of ordinary care: doses, times, delays, and what is or is not written down. Verdicts by hand, from the sources."""

from __future__ import annotations

from ordinary_care import ASSESS, DATA, NORMAL, PROCEED, Chart, Document, at, case, event, given, panel, patient, treated

__all__ = ["COURSES"]

_LABS = ("labs.neutrophils", "labs.hemoglobin", "labs.platelets", "labs.alt", "labs.ast", "labs.bilirubin")
_RESTARTED = [given("C1D1", 0), given("C1D8", 7), given("C1D15", 14), given("C2D1", 28), given("C2D15", 63, "1 mg")]
_LATE_STEP = given("C1D8", 16)
_FEVER = {"toxicity": "crs", "grade": 1, "onset": at(7, "10:20"), "resolved": at(8, "12:00")}


def _by_clock(clock: str, *doses: tuple[str, str]) -> list[Document]:
    """Doses of one hour as a feed has them, by day and time of the start; *clock* is the hour and minute of the end with its offset."""
    return [
        {"point": point, "started": start, "ended": start[:11] + clock, "amount": "1 mg" if point == "C1D1" else "10 mg"}
        for point, start in doses
    ]


def _drawn(collected: str) -> list[Document]:
    return [{"analyte": analyte} | fields | {"collected": collected} for analyte, fields in NORMAL.items()]


_FIRST_DOSES = (
    Chart(
        "first dose",
        "All criteria met, bloods of the morning normal, 1 mg ordered.",
        case("C1D1", ordered="1 mg"),
        PROCEED,
        PROCEED,
        observe="22-24 h",
    ),
    Chart(
        "first dose, no course and no history charted",
        "Nobody charts an empty list of doses and toxicities before the first dose.",
        case("C1D1", course=None, events=None),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "woman of 34, test negative",
        "Pregnancy test of this morning negative, not breast-feeding.",
        case("C1D1", patient=patient(age_years=34, childbearing_potential=True, pregnant=False, breastfeeding=False)),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "woman of 34, test not back",
        "The pregnancy test before the first dose is not back yet: both sources want it first.",
        case("C1D1", patient=patient(age_years=34, childbearing_potential=True, breastfeeding=False)),
        DATA,
        DATA,
        ("patient.pregnant",),
    ),
    Chart("man of 84", "Age alone holds nothing.", case("C1D8", patient=patient(age_years=84)), PROCEED, PROCEED, observe="22-24 h"),
    Chart(
        "staging bloods 20 days before the first dose",
        "The panel of the last visit is 20 days old, and nothing was given since.",
        case("C1D1", labs=panel(-20)),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "bloods 35 days before the first dose",
        "Older than 28 days: a clinician looks whether they still stand.",
        case("C1D1", labs=panel(-35)),
        ASSESS,
        ASSESS,
    ),
)

_INFUSIONS = (
    Chart("infusion of 58 minutes", "C1D1 ran 58 minutes.", case("C1D8", course=[given("C1D1", 0, minutes=58)]), PROCEED, PROCEED),
    Chart(
        "infusion of 62 minutes",
        "C1D8 ran 62 minutes.",
        case("C1D15", course=treated("C1D15", given("C1D8", 7, minutes=62))),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "end of infusion not written down",
        "The ward charts the start of an infusion alone, and did so each time.",
        case("C2D1", course=[given("C1D1", 0, minutes=None), given("C1D8", 7, minutes=None), given("C1D15", 14, minutes=None)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "infusion of 45 minutes, nothing said",
        "The last infusion ran 45 of 60 minutes, and nobody wrote whether the bag was empty.",
        case("C1D15", course=treated("C1D15", given("C1D8", 7, minutes=45))),
        DATA,
        DATA,
        ("complete",),
    ),
    Chart(
        "infusion of 45 minutes, bag empty",
        "The nurse wrote that all of it was given.",
        case("C1D15", course=treated("C1D15", given("C1D8", 7, minutes=45, complete=True))),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "infusion of 25 minutes said to be complete",
        "Less than half of the hour, and ticked as complete: somebody must look.",
        case("C1D15", course=treated("C1D15", given("C1D8", 7, minutes=25, complete=True))),
        ASSESS,
        ASSESS,
    ),
    Chart(
        "last infusion stopped for a fever",
        "C1D8 was stopped after 25 minutes for grade 1 CRS that is over; what is due now no source says.",
        case("C1D15", course=treated("C1D15", given("C1D8", 7, "4 mg", minutes=25, complete=False)), events=[_FEVER]),
        ASSESS,
        ASSESS,
    ),
    Chart(
        "partial infusion long past",
        "At C2D1 the line failed after 6 mg; four full doses followed.",
        case("C4D1", course=treated("C4D1", given("C2D1", 28, "6 mg", minutes=36, complete=False))),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "old amount missing",
        "The amount of C1D15, given elsewhere, is not in the chart; three doses of 10 mg followed.",
        case("C3D1", course=treated("C3D1", given("C1D15", 14) | {"amount": None})),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "amount of the first dose missing",
        "The amount of C1D1, the last dose, is not in the chart.",
        case("C1D8", course=[given("C1D1", 0) | {"amount": None}]),
        DATA,
        DATA,
        ("amount",),
    ),
    Chart("10 mg as micrograms", "The order reads 10000 ug.", case("C2D1", ordered="10000 ug"), PROCEED, PROCEED),
    Chart("1 mg as micrograms", "The order reads 1000 mcg.", case("C1D1", ordered="1000 ug"), PROCEED, PROCEED),
    Chart("step-up ordered again", "1 mg is ordered for C1D8, a week after C1D1.", case("C1D8", ordered="1 mg"), ASSESS, ASSESS),
)

_DELAYS = (
    Chart(
        "second dose on day 12",
        "CRS and a weekend moved C1D8 by five days: still 10 mg.",
        case("C1D8", 12, ordered="10 mg", events=[event("crs", 1, 0, 2)]),
        PROCEED,
        PROCEED,
    ),
    Chart("second dose on day 14", "14 days after C1D1 is within 14 days.", case("C1D8", 14, ordered="10 mg"), PROCEED, PROCEED),
    Chart(
        "second dose on day 15, step-up ordered",
        "15 days after C1D1 the step-up is repeated, and 1 mg is ordered.",
        case("C1D8", 15, ordered="1 mg"),
        PROCEED,
        PROCEED,
        observe="22-24 h",
    ),
    Chart(
        "second dose on day 15, 10 mg ordered",
        "15 days after C1D1 10 mg is not due.",
        case("C1D8", 15, ordered="10 mg"),
        ASSESS,
        ASSESS,
    ),
    Chart("28 days after C1D15", "Two weeks of holiday: 28 days are within 28.", case("C2D1", 42, ordered="10 mg"), PROCEED, PROCEED),
    Chart(
        "restart after 30 days",
        "30 days after C2D15 1 mg is ordered.",
        case("C3D1", 72, ordered="1 mg"),
        PROCEED,
        PROCEED,
        observe="22-24 h",
    ),
    Chart(
        "10 mg a week after a restart",
        "1 mg was repeated after 35 days and tolerated; 10 mg a week later.",
        case("C3D1", 70, course=_RESTARTED, ordered="10 mg"),
        PROCEED,
        PROCEED,
        observe="22-24 h",
    ),
    Chart(
        "restart done right, two weeks on",
        "1 mg and 10 mg were repeated as the label says; now the next 10 mg.",
        case("C3D15", 84, course=[*_RESTARTED, given("C3D1", 70)], ordered="10 mg"),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "a delay long past",
        "C2D1 came 26 days after C1D15 for a pneumonia, and all since was on time.",
        case(
            "C4D1",
            96,
            course=[given("C1D1", 0), given("C1D8", 7), given("C1D15", 14)]
            + [given(point, day) for point, day in (("C2D1", 40), ("C2D15", 54), ("C3D1", 68), ("C3D15", 82))],
            events=[event("infection", 3, 16, 34)],
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "10 mg was given on day 16, long ago",
        "C1D8 was given 16 days after C1D1, against the label; three doses followed without trouble.",
        case("C3D1", 65, course=[given("C1D1", 0), _LATE_STEP, given("C1D15", 23), given("C2D1", 37), given("C2D15", 51)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "10 mg was given on day 16, last time",
        "C1D8 was given 16 days after C1D1, against the label, and is the last dose.",
        case("C1D15", 23, course=[given("C1D1", 0), _LATE_STEP]),
        ASSESS,
        ASSESS,
    ),
    Chart("a day late", "Monday was a holiday: C2D1 on Tuesday.", case("C2D1", 29), PROCEED, PROCEED),
    Chart(
        "a day early, long ago",
        "C2D15 was given 13 days after C2D1; three doses on time followed.",
        case("C4D1", 83, course=treated("C2D15") + [given(point, day) for point, day in (("C2D15", 41), ("C3D1", 55), ("C3D15", 69))]),
        PROCEED,
        PROCEED,
    ),
    Chart("a day early", "Monday will be a holiday: C2D15 on Sunday, after 13 days.", case("C2D15", 41), ASSESS, ASSESS),
)

_CLOCKS = (
    Chart(
        "UTC feed with a zone, weekly",
        "In Sydney C1D1 was on Monday afternoon and C1D8 is on Monday morning, which in UTC are six days.",
        case(
            "C1D8",
            course=_by_clock("06:00:00Z", ("C1D1", "2026-02-02T05:00:00Z")),
            planned_start="2026-02-08T22:00:00Z",
            labs=_drawn("2026-02-08T20:30:00Z"),
            ordered="10 mg",
            site_zone="Australia/Sydney",
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "UTC feed with a zone, 15 days",
        "In Sydney C1D8 is 15 days after C1D1, in UTC 14: the step-up is repeated, and 1 mg is ordered.",
        case(
            "C1D8",
            course=_by_clock("06:00:00Z", ("C1D1", "2026-02-02T05:00:00Z")),
            planned_start="2026-02-16T22:00:00Z",
            labs=_drawn("2026-02-16T20:30:00Z"),
            ordered="1 mg",
            site_zone="Australia/Sydney",
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "UTC feed without a zone",
        "A hospital in Europe sends all times in UTC; every dose was in the morning.",
        case(
            "C1D15",
            course=_by_clock("10:00:00Z", ("C1D1", "2026-02-02T09:00:00Z"), ("C1D8", "2026-02-09T09:00:00Z")),
            planned_start="2026-02-16T09:00:00Z",
            labs=_drawn("2026-02-16T06:45:00Z"),
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "bloods of the evening before, in UTC",
        "In New York bloods are drawn at eight in the evening, which in UTC is the day of the dose.",
        case(
            "C1D15",
            course=_by_clock("15:00:00Z", ("C1D1", "2026-02-02T14:00:00Z"), ("C1D8", "2026-02-09T14:00:00Z")),
            planned_start="2026-02-16T14:00:00Z",
            labs=_drawn("2026-02-16T01:00:00Z"),
            site_zone="America/New_York",
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "summer time begins between two doses",
        "C1D15 in March at +01:00, C2D1 two weeks later at +02:00 and the same hour on the wall.",
        case(
            "C2D1",
            course=_by_clock(
                "10:00:00+01:00",
                ("C1D1", "2026-03-02T09:00:00+01:00"),
                ("C1D8", "2026-03-09T09:00:00+01:00"),
                ("C1D15", "2026-03-16T09:00:00+01:00"),
            ),
            planned_start="2026-03-30T09:00:00+02:00",
            labs=_drawn("2026-03-30T07:30:00+02:00"),
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "summer time ends between two doses",
        "C1D15 in October at +02:00, C2D1 two weeks later at +01:00, with the zone of the site.",
        case(
            "C2D1",
            course=_by_clock(
                "10:00:00+02:00",
                ("C1D1", "2025-10-06T09:00:00+02:00"),
                ("C1D8", "2025-10-13T09:00:00+02:00"),
                ("C1D15", "2025-10-20T09:00:00+02:00"),
            ),
            planned_start="2025-11-03T09:00:00+01:00",
            labs=_drawn("2025-11-03T07:30:00+01:00"),
            site_zone="Europe/Berlin",
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "mere dates for everything",
        "A paper chart has days and no hours: doses, bloods, a CRS of grade 1, the plan.",
        case(
            "C2D1",
            course=[
                {"point": point, "started": day, "amount": amount}
                for point, day, amount in (
                    ("C1D1", "2026-02-02", "1 mg"),
                    ("C1D8", "2026-02-09", "10 mg"),
                    ("C1D15", "2026-02-16", "10 mg"),
                )
            ],
            planned_start="2026-03-02",
            labs=_drawn("2026-03-02"),
            events=[{"toxicity": "crs", "grade": 1, "onset": "2026-02-02", "resolved": "2026-02-04"}],
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "times of the wall clock",
        "The system of the ward writes no offsets.",
        case(
            "C1D8",
            course=_by_clock("10:02:00", ("C1D1", "2026-02-02T09:00:00")),
            planned_start="2026-02-09T09:00:00",
            labs=_drawn("2026-02-09T07:10:00"),
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "bloods of the evening before",
        "The patient lives near and has bloods drawn on Sunday evening.",
        case("C2D15", labs=panel(41, "18:20")),
        PROCEED,
        PROCEED,
    ),
    Chart("bloods of Friday", "Bloods of Friday for a dose on Monday.", case("C3D1", labs=panel(53, "09:15")), PROCEED, PROCEED),
)

_LEFT_OUT = (
    Chart(
        "only bloods of the last dose",
        "The newest bloods were drawn before the previous dose: they say nothing of now.",
        case("C2D1", labs=panel(14)),
        DATA,
        DATA,
        _LABS,
    ),
    Chart("ALT forgotten", "The laboratory lost the ALT.", case("C2D1", tests={"alt": None}), DATA, DATA, ("labs.alt",)),
    Chart(
        "no bloods at C6D15",
        "From cycle 6 the label wants bloods before day 1 alone, the page before each dose.",
        case("C6D15", labs=[]),
        DATA,
        PROCEED,
        _LABS,
    ),
    Chart(
        "history not reviewed",
        "Nobody has said what happened since the first dose.",
        case("C2D1", events=None),
        DATA,
        DATA,
        ("events",),
    ),
    Chart(
        "earlier doses not charted",
        "A patient from elsewhere comes for C3D1 without a record of doses.",
        case("C3D1", course=None),
        DATA,
        DATA,
        ("course",),
    ),
    Chart(
        "infection not asked about",
        "Nobody has asked about an infection before C1D8.",
        case("C1D8", patient=patient(infection=None)),
        DATA,
        DATA,
        ("patient.infection",),
    ),
    Chart(
        "hour of the bloods unknown, day known",
        "Bloods of the day of the dose, without an hour.",
        case("C2D1", labs=[{**fields, "collected": at(28)[:10]} for fields in panel(28)]),
        PROCEED,
        PROCEED,
    ),
)

COURSES = _FIRST_DOSES + _INFUSIONS + _DELAYS + _CLOCKS + _LEFT_OUT
