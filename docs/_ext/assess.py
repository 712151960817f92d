"""The page that assesses a whole case in the browser: its form, made from the input classes of the library, and the examples.

The directive ``assess`` makes the place. What the form asks, with every choice and title, is written from the library beside the pages;
the script knows no field by itself.
"""

from __future__ import annotations

import json
from datetime import date
from enum import Enum
from html import escape
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

import attrs
from docutils import nodes
from docutils.parsers.rst import Directive
from live import BOOKS, DEFAULT, sources_in_words

from tarlatamab_rules import assess_case, read_case_file, rulebooks
from tarlatamab_rules.assessment.words import field_in_words
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.course import DosePoint, GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent, findings_type
from tarlatamab_rules.inputs.findings import CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import Toxicity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
FILE = Path("_static", "live", "case_form.json")
DRUG_BOOKS = [DEFAULT, *(name for name in BOOKS if name != DEFAULT and rulebooks.get(name).drug)]


def form() -> dict[str, Any]:
    """What the form asks, by the parts of a case; the examples; and the books that can answer."""
    findings = {"crs": _fields(CrsFindings, "findings"), "icans": _fields(NeuroFindings, "findings")}
    graded = {str(toxicity): _key(kind) for toxicity in Toxicity if (kind := findings_type(toxicity)) is not None}
    result = [
        {"key": "analyte", "title": "result", "kind": "choice", "options": list(map(str, Analyte)), "required": True},
        {"key": "value", "title": "value", "kind": "number", "required": True},
        {"key": "unit", "title": "unit", "kind": "text", "required": True},
        {"key": "collected", "title": _title("labs", "collected"), "kind": "time"},
        *({"key": key, "title": _title("labs", key), "kind": "number"} for key in ("lower_limit", "upper_limit", "baseline")),
    ]
    planned = [
        {"key": "point", "title": "planned dose", "kind": "text", "required": True, "hint": str(DosePoint.at(2))},
        {"key": "planned_start", "title": "start of the infusion", "kind": "time"},
        {"key": "ordered", "title": "amount ordered", "kind": "text", "hint": "with its unit"},
        {"key": "site_zone", "title": "time zone of the site", "kind": "text", "hint": "Europe/Berlin"},
    ]
    event = [field for field in _fields(ToxicityEvent, "events") if field["key"] != "findings"]
    return {
        "planned": planned,
        "patient": _fields(Patient, "patient"),
        "lists": {
            "course": {"title": "Doses given so far", "item": "dose", "fields": _fields(GivenDose, "course")},
            "labs": {"title": "Laboratory results", "item": "result", "fields": result},
            "events": {"title": "Toxicities so far", "item": "toxicity", "fields": event},
        },
        "findings": findings,
        "graded": graded,
        "units": {str(analyte): KINDS[analyte].unit for analyte in Analyte},
        "books": [{"name": name, "says": sources_in_words(name)} for name in DRUG_BOOKS],
        "examples": list(_examples()),
    }


def _key(kind: type[Any]) -> str:
    return "crs" if kind is CrsFindings else "icans"


def _title(part: str, field: str) -> str:
    """What a report calls a field."""
    own = {"point": "dose", "toxicity": "toxicity", "scale": "scale of the grade"}
    return own.get(field) or field_in_words(Fact(part, 0, field))


def _fields(kind: type[Any], part: str) -> list[dict[str, Any]]:
    """The fields of an input class: what kind of value each takes, and its choices."""
    attrs.resolve_types(kind)
    written = []
    for field in attrs.fields(kind):
        if field.init:
            title = _title(part, field.name)
            required = {"required": True} if field.default is attrs.NOTHING else {}
            written.append({"key": field.name, "title": title} | _kind(field.type) | required)
    return written


def _kind(type_: Any) -> dict[str, Any]:
    """The kind of a field by its type, without ``None``."""
    kinds = [kind for kind in get_args(type_) or (type_,) if kind is not NoneType]
    kind = kinds[0]
    if get_args(kind):  # a tuple of words
        return {"kind": "several", "options": [str(word) for word in get_args(kind)[0]]}
    if kind is bool:
        return {"kind": "truth"}
    if issubclass(kind, date):
        return {"kind": "time"}
    if issubclass(kind, Enum):
        return {"kind": "choice", "options": [member.value for member in kind]}
    if kind is Amount:
        return {"kind": "text", "hint": "with its unit"}
    return {"kind": "number"} if issubclass(kind, int | float) else {"kind": "text"}


def _examples() -> Iterator[dict[str, Any]]:
    """Every example, with the book that it is for, in the order of their folder, the plainest first."""
    paths = sorted(EXAMPLES.rglob("*.json"), key=lambda path: (len(path.parts), "clean" not in path.name, path.name))
    for path in paths:
        name = str(path.relative_to(EXAMPLES))
        book = "us-2025-11" if path.parent.name == "label" else DEFAULT
        case = read_case_file(path)
        verdict = assess_case(case, rulebook=book).verdict
        title = f"{path.stem.replace('_', ' ')} ({verdict})"
        yield {"name": name, "title": title, "rulebook": book, "text": path.read_text(encoding="utf-8")}


class Assess(Directive):
    """The place of the form, and what a reader without JavaScript sees."""

    def run(self) -> list[nodes.Node]:
        """The place."""
        release = self.state.document.settings.env.config.release
        text = (
            "<p>This form needs JavaScript, and a page that comes from a web server, as <code>python -m http.server</code> is one. "
            "Without them, use the command line: <code>python -m tarlatamab_rules assess CASE.json</code>.</p>"
        )
        return [nodes.raw("", f'<div class="live-case" data-release="{escape(release)}">{text}</div>', format="html")]


def write_form(app: Sphinx, exception: Exception | None) -> None:
    """Writes what the form asks, and that this build has no Python in it; `docs/_page/runtime.py` adds that."""
    if exception is None and app.builder.format == "html":
        target = Path(app.outdir) / FILE
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(form(), ensure_ascii=False, separators=(",", ":")), encoding="utf-8", newline="\n")
        (target.parent / "runtime.json").write_text("{}\n", encoding="utf-8", newline="\n")


def load_scripts(app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Loads the script on the page with the form."""
    if doctree is not None and any('class="live-case"' in raw.astext() for raw in doctree.findall(nodes.raw)):
        app.add_js_file("live/assess.js", type="module")
        app.add_css_file("live/live.css")


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up."""
    app.add_directive("assess", Assess)
    app.connect("html-page-context", load_scripts)
    app.connect("build-finished", write_form)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
