"""Conditions and allergies: the cancer, graded CRS and ICANS, pregnancy, and hypersensitivity to the drug."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats.fhir.administrations import is_drug, words_of
from tarlatamab_rules.formats.fhir.codes import Code, codings_mean
from tarlatamab_rules.formats.fhir.draft import PREGNANCY, Draft
from tarlatamab_rules.formats.fhir.elements import Element, Unclear, code_of, codings, object_of, undated, when
from tarlatamab_rules.formats.fhir.report import Account
from tarlatamab_rules.inputs._fields import When
from tarlatamab_rules.inputs.events import ToxicityEvent, grades_of
from tarlatamab_rules.inputs.patient import Diagnosis
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Scale, Toxicity

__all__ = ["add_episode", "dated", "keep_condition", "read_allergy", "read_condition"]

_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ALLERGY_VERIFIED: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_ACTIVE: Final = frozenset(("active", "recurrence", "relapse"))
_OVER: Final = frozenset(("inactive", "remission", "resolved"))
_CANCER: Final = frozenset(("small-cell", "other-lung-cancer", "lung-cancer"))
_NAMES: Final = {
    "events": ("cytokine release", "cytokine storm", "immune effector cell", "icans", "tarlatamab"),
    "patient.diagnosis": ("small cell lung", "small-cell lung", "small cell carcinoma of lung"),
}
_NO_STAGE: Final = {
    "small-cell": "its code does not say whether the small-cell lung cancer is extensive-stage",
    "other-lung-cancer": "another lung cancer: say which one is treated",
    "lung-cancer": "its code does not say which lung cancer it is",
}


def read_condition(resource: Element, account: Account, draft: Draft) -> None:
    """One Condition."""
    rows = codings_mean(codings(object_of(resource, "code")), draft.setting.lookup)
    if not rows:
        _by_words(resource, account, draft)
        return
    verified = code_of(resource, "verificationStatus", _VERIFIED)
    if verified in {"entered-in-error", "refuted"}:
        account.note("it was entered in error" if verified == "entered-in-error" else "it was refuted")
        return
    clinical = code_of(resource, "clinicalStatus", _CLINICAL)
    status = EventStatus.RESOLVED if clinical in _OVER else EventStatus.ACTIVE if clinical in _ACTIVE else None
    account.asked = any(draft.asks(_path(row)) for row in rows)
    if verified not in {None, "confirmed"}:
        account.doubt("it is not confirmed")
        if any(row.means.startswith("events.") for row in rows):
            _read_episode(resource, [evolve(row, grade=None) for row in rows], status, account, draft)
        return
    _read_by_meaning(resource, rows, status, account, draft)


def keep_condition(resource: Element, account: Account, draft: Draft) -> None:
    """A condition that cannot be read: if it is CRS or ICANS, it is in the case with an unknown grade."""
    try:
        rows = codings_mean(codings(object_of(resource, "code")), draft.setting.lookup)
    except Unclear:
        return
    account.asked = account.asked or any(draft.asks(_path(row)) for row in rows)
    for means in dict.fromkeys(row.means for row in rows if row.means.startswith("events.")):
        add_episode(draft, account, Toxicity(means.removeprefix("events.")), None, None, None, None)


def _by_words(resource: Element, account: Account, draft: Draft) -> None:
    """A condition without a code that is read. If its words name what matters, it is unclear; words are never read as a fact."""
    words = " ".join(words_of(object_of(resource, "code")))
    for fact, names in _NAMES.items():
        if any(name in words for name in names):
            draft.doubtful.add(fact)
            if fact == "events":
                draft.watched.append((account, ToxicityEvent(Toxicity.OTHER)))
            why = "its words name it, and no code that is read says so; add the site's code to the argument codes"
            account.doubt(why, asked=draft.asks(fact))
    if not account.unclear:
        account.note("its code is not one that is read")


def _path(row: Code) -> str:
    """The fact of a case that a code is about."""
    if row.means in _CANCER or row.means == "extensive-stage":
        return "patient.diagnosis"
    if row.means in {"pregnancy", "pregnancy-test"}:
        return "patient.pregnant"
    if row.means == "lactation":
        return "patient.breastfeeding"
    return "events" if row.means.startswith(("events.", "maybe.")) else row.means


def _read_by_meaning(resource: Element, rows: list[Code], status: EventStatus | None, account: Account, draft: Draft) -> None:
    means = {row.means for row in rows}
    if "extensive-stage" in means:
        _read_cancer(status, account, draft)
    elif cancers := means & _CANCER:
        account.doubt(_NO_STAGE["small-cell" if "small-cell" in cancers else min(cancers)])
    elif any(word.startswith("events.") for word in means):
        _read_episode(resource, rows, status, account, draft)
    elif "pregnancy" in means:
        _read_pregnancy(resource, status, account, draft)
    elif "lactation" in means:
        _read_lactation(status, account, draft)
    elif "pregnancy-test" in means:
        account.doubt("the result of a pregnancy test belongs in an Observation with its date")
    elif any(word.startswith("maybe.") for word in means):
        _watch(means, status, account, draft)
    elif any(word.startswith("patient.") for word in means):
        _read_state(means, status, account, draft)
    else:
        account.note("its code does not belong to a condition")


def _read_cancer(status: EventStatus | None, account: Account, draft: Draft) -> None:
    if status is EventStatus.ACTIVE:
        draft.claim(account, "diagnosis", value=Diagnosis.EXTENSIVE_STAGE_SCLC)
    else:
        account.doubt("the cancer is not recorded as active")


def _read_pregnancy(resource: Element, status: EventStatus | None, account: Account, draft: Draft) -> None:
    onset = when(resource, "onsetDateTime")
    days = None if onset is None else draft.setting.days_before(onset)
    if status is EventStatus.RESOLVED or when(resource, "abatementDateTime") is not None:
        account.note("the pregnancy is over, which does not mean that there is none now")
    elif status is None:
        account.doubt("it does not say whether the pregnancy is over")
    elif days is not None and days > PREGNANCY.days:
        account.doubt(f"the pregnancy began more than {PREGNANCY.days} days before the planned start and is still recorded as active")
    else:
        draft.claim(account, "pregnant", value=True)


def _read_lactation(status: EventStatus | None, account: Account, draft: Draft) -> None:
    if status is EventStatus.ACTIVE:
        draft.claim(account, "breastfeeding", value=True)
    elif status is EventStatus.RESOLVED:
        account.note("it is over, which does not say that the patient is not breast-feeding now")
    else:
        account.doubt("it does not say whether it is over")


def _read_state(means: set[str], status: EventStatus | None, account: Account, draft: Draft) -> None:
    """A state by a code of the caller."""
    if status is EventStatus.ACTIVE:
        for word in sorted(means):
            draft.claim(account, word.removeprefix("patient."), value=True)
    else:
        account.note("it is not recorded as active")


def _watch(means: set[str], status: EventStatus | None, account: Account, draft: Draft) -> None:
    """A condition that may be a toxicity, but states no grade."""
    if status is EventStatus.RESOLVED:
        account.note("it is over, and states no grade")
    else:
        names = ", ".join(sorted(word.removeprefix("maybe.").replace("-", " ") for word in means))
        draft.doubtful.add("events")
        draft.watched.append((account, ToxicityEvent(Toxicity.OTHER, status=status)))
        account.doubt(f"it may be a toxicity ({names}): if it is one, report it as an adverse event with its grade")


# --- graded conditions ---


def _read_episode(resource: Element, rows: list[Code], status: EventStatus | None, account: Account, draft: Draft) -> None:
    toxicities = {row.means.removeprefix("events.") for row in rows if row.means.startswith("events.")}
    grades = {row.grade for row in rows if row.grade is not None}
    if len(toxicities) > 1:
        account.doubt("its codes mean different toxicities")
        toxicities, grades = {Toxicity.OTHER.value}, set()
    grade: Grade | None = next(iter(grades)) if len(grades) == 1 else None
    if grades and grade is None:
        account.doubt("its codes state different grades", asked=draft.asks("events"))
    elif grade is None:
        account.note("its code states no grade")
    onset, abated = (dated(resource, name, account) for name in ("onsetDateTime", "abatementDateTime"))
    if onset is None and any(str(name).startswith("onset") and name != "onsetDateTime" for name in resource):
        account.note("its onset is not a date, so it counts as not known")
    if abated is not None and status is EventStatus.ACTIVE:
        account.doubt("it is active and has a date on which it was over, so both count as unknown")
        abated = status = None
    add_episode(draft, account, Toxicity(toxicities.pop()), grade, status, onset, abated)


def dated(element: Element, name: str, account: Account) -> When | None:
    """A date of an episode. One that cannot be read counts as not known, so that the episode itself is not lost."""
    try:
        if undated(element, name):
            account.note("a date does not say the day, so it counts as not known")
        return when(element, name)
    except Unclear as reason:
        account.doubt(f"{reason}, so it counts as not known")
        return None


def add_episode(  # noqa: PLR0913, PLR0917  # one parameter a fact
    draft: Draft,
    account: Account,
    toxicity: Toxicity,
    grade: Grade | None,
    status: EventStatus | None,
    onset: When | None,
    resolved: When | None,
    scale: Scale | None = None,
) -> None:
    """An episode. If its facts contradict each other, it is in the case with its grade, if that is possible, and the rest is asked for."""
    scale = None if grade is None else scale
    try:
        event = ToxicityEvent(toxicity, grade, scale=scale, status=status, onset=onset, resolved=resolved)
    except FieldError:
        account.doubt("its grade, status and dates contradict each other", asked=draft.asks("events"))
        possible = grade is not None and grade in grades_of(toxicity)
        event = ToxicityEvent(toxicity, grade, scale=scale) if possible else ToxicityEvent(toxicity)
    draft.add_event(account, event)


# --- allergies ---


def read_allergy(resource: Element, account: Account, draft: Draft) -> None:
    """One AllergyIntolerance. Only one to the drug matters."""
    drug = is_drug(object_of(resource, "code"), draft)
    if drug is False:
        account.note("it is about another substance")
        return
    account.asked = True
    verified = code_of(resource, "verificationStatus", _ALLERGY_VERIFIED)
    clinical = code_of(resource, "clinicalStatus", _ALLERGY)
    if verified in {"entered-in-error", "refuted"}:
        account.note("it was entered in error" if verified == "entered-in-error" else "it was refuted")
    elif drug is None:
        account.doubt("no code that is read says which substance it is about")
    elif verified == "confirmed" and clinical == "active":
        draft.claim(account, "hypersensitivity", value=True)
    else:
        account.doubt("it is about tarlatamab, and is not recorded as active and confirmed")
