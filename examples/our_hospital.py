"""A hospital's own policy on top of the default rulebook: 48 hours in hospital after the first two doses, and grades by CTCAE 6.0.

Run it with ``python examples/our_hospital.py``.
"""

from pathlib import Path

from tarlatamab_rules import TableError, assess_case, read_case_file, rulebooks
from tarlatamab_rules.policy import MONITORING, ROLE, Anchor, MonitoringPlan, Role, Row, Setting, Span

STAY = Row(
    id="OBS-1",
    when={ROLE: frozenset((Role.STEP_UP, Role.FIRST_FULL))},
    then=MonitoringPlan(observe=Span(48, 48, "h"), anchor=Anchor.INFUSION_END, setting=Setting.HOSPITAL),
    says="48 hours in hospital after the first two doses of a step-up.",
)
BOOKS = rulebooks.default()

# A scale that grades some results milder needs a reason.
try:
    BOOKS.overlay("our-hospital", {MONITORING: (STAY,)}, lab_scale="ctcae-6.0")
except TableError as error:
    print(f"Refused: {str(error).partition(' | ')[0]} ...")

OURS = BOOKS.overlay(
    "our-hospital",
    {MONITORING: (STAY,)},
    lab_scale="ctcae-6.0",
    milder_because="our laboratory and our trials report by version 6.0",
)
print("\nWhat the policy changes\n")
print(OURS.changes)

print("\nThe first dose, by this policy\n")
found = assess_case(read_case_file(Path(__file__).parent / "clean_c1d1.json"), rulebook=OURS)
print(found)
print("\nHow long to monitor, and what the books below say\n")
print(found.monitoring)
