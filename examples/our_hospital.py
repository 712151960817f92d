"""A hospital's own policy on top of the default rulebook: 48 hours in hospital after the first two doses, and grades by CTCAE 6.0.

Run it with ``python examples/our_hospital.py``.
"""

from pathlib import Path

from tarlatamab_rules import TableError, assess_case, read_case_file, rulebooks
from tarlatamab_rules.policy import MONITORING, ROLE, Anchor, MonitoringPlan, Role, Row, Setting, Span

PLAN = MonitoringPlan(observe=Span(48, 48, "h"), anchor=Anchor.INFUSION_END, setting=Setting.HOSPITAL)
ROWS = {
    MONITORING: (
        Row(
            "OBS-1",
            {ROLE: frozenset((Role.STEP_UP, Role.FIRST_FULL))},
            PLAN,
            "48 hours in hospital after the first two doses of a step-up.",
        ),
    )
}

try:
    rulebooks.default().overlay("our-hospital", ROWS, lab_scale="ctcae-6.0")
except TableError as error:
    print(f"Refused: {str(error).partition(' | ')[0]} ...\n")

ours = rulebooks.default().overlay(
    "our-hospital", ROWS, lab_scale="ctcae-6.0", milder_because="our laboratory and our trials report by version 6.0"
)
print(ours.changes)

found = assess_case(read_case_file(Path(__file__).parent / "clean_c1d1.json"), rulebook=ours)
print(f"\n{found.verdict}; {found.monitoring.unwrap().observe} by {found.rulebook}")
for each in found.monitoring.dissent:
    print(f"  {each.rulebook} differs: {each.field}")
