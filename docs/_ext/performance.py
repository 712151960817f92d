"""The figures on the page about performance, from the file that `benchmarks/figures.py` writes. The build measures nothing itself.

In the page a line such as ``PERFORMANCE_CHART``, alone in a paragraph, becomes a chart or a table, and the role `measured` a single figure:
``{measured}`assessment.built.times_json```. The functions need neither Sphinx nor docutils, so that tests can ask them.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from docutils import nodes
    from docutils.parsers.rst.states import Inliner
    from sphinx.application import Sphinx

PAGE = "explanation/performance"
FILE = Path(__file__).parents[1] / f"{PAGE}.json"
MILLION = 1_000_000
NBSP, HYPHEN = "\N{NO-BREAK SPACE}", "\N{NON-BREAKING HYPHEN}"
PLACE = re.compile(r"^PERFORMANCE_([A-Z]+)$", re.MULTILINE)

# --- figures in words ---


def figure(figures: dict[str, Any], path: str) -> str:
    """One figure in words, by its place in the file; the median if it is a spread. Raises `LookupError` if there is no such place."""
    value: Any = figures
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            msg = f"performance.json has no {path}"
            raise LookupError(msg)
        value = value[name]
    if isinstance(value, dict):
        if "median" not in value:
            msg = f"{path} is not one figure"
            raise LookupError(msg)
        value = value["median"]
    return in_words(value)


def in_words(value: float | str) -> str:
    """Counts and words unchanged; measurements with two digits, because more mean nothing."""
    if not isinstance(value, float):
        return f"{value}"
    two = float(f"{value:.2g}")
    if two >= MILLION:
        return f"{in_words(two / MILLION)}{NBSP}million"
    return f"{two:,.0f}" if two >= 10 else f"{two:#.2g}"  # noqa: PLR2004  # from there on no decimals are left


def around(spread: dict[str, Any]) -> str:
    """A median with its quartiles."""
    return f"{in_words(spread['median'])}{NBSP}({in_words(spread['lower'])}{HYPHEN}{in_words(spread['upper'])})"


# --- tables ---


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown: words to the left, figures to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def decisions(figures: dict[str, Any]) -> str:
    """Decisions a second by the rule, a plain function and zen-engine, and the ratios of their times."""
    rules = figures["scalar"]["decisions"].values()
    rates = table(
        ("decisions a second", "plain function", "rule", "zen-engine"),
        ((_code(rule["says"]), *(in_words(rule["per_second"][who]["median"]) for who in ("plain", "ours", "zen"))) for rule in rules),
    )
    ratios = table(
        ("times as long", "rule to plain", "at most", "zen to rule", "at least"),
        ((_code(rule["says"]), *_barred(rule["times_plain"]), *_barred(rule["zen_times_ours"])) for rule in rules),
    )
    return f"{rates}\n\n{ratios}"


def assessments(figures: dict[str, Any]) -> str:
    """Whole assessments a second, and in multiples of reading the case as JSON."""
    measured = figures["assessment"]
    rows = [("`json.loads` of the case", in_words(measured["json"]["per_second"]["median"]), "1", "", "")]
    for name, says in (("built", "`assess_dose`, inputs built"), ("plain", "`assess_dose`, from numbers and words")):
        cost = measured[name]
        minutes = f"{in_words(cost['minutes_for_a_million'])}{NBSP}min"
        rows.append((says, in_words(cost["per_second"]["median"]), *_barred(cost["times_json"]), minutes))
    return table(("whole assessments", "a second", "times `json.loads`", "at most", "a million take"), rows)


BOOKS = {"page": "the page", "label": "the label", "default": "the page over the label", "three": "three books"}


def rules(figures: dict[str, Any]) -> str:
    """What one decision takes by other books, and with an unknown fact."""
    rows = []
    for rule, costs in figures["scalar"]["costs"].items():
        for book, says in BOOKS.items():
            known, unknown = costs[f"{book}_known"], costs[f"{book}_unknown"]
            rows.append((f"`{rule}`, {says}", *_cost(known), *_cost(unknown)))
    return table(("one decision by", "known", "times", "a fact not known", "times"), rows)


COSTS = {
    "built": "the assessment by the label, inputs built",
    "default": "by the page over the label",
    "three": "by three books",
    "no_events": "without events",
    "two_draws": "with a second draw of every result",
    "no_results": "results not known",
    "no_course": "doses not known",
    "no_limits": "limits of normal not known",
    "no_facts": "nothing known",
    "read": "`read_case`: the case from JSON, every field checked",
    "result_of_numbers": '`LabResult` from `(131, "g/L")`',
    "result_of_text": '`LabResult` from `"131 g/L"`',
    "result_of_pint": "`LabResult` from a pint `Quantity`",
    "report": "`assessment_text`: the report",
    "document": "`assessment_document`: the answers as JSON text",
    "pickled": "pickled and unpickled",
    "record": "`audit_record`: a record that can be asked again",
    "ask": "`what_to_ask`, limits of normal not known",
    "change": "`what_would_change`",
}


def costs(figures: dict[str, Any]) -> str:
    """How long other calls take beside an assessment of built inputs."""
    measured = figures["assessment"]["costs"]
    return table(("what", "takes", "times the assessment"), ((says, *_cost(measured[name])) for name, says in COSTS.items()))


PROCESSES = {
    "attrs": "`import attrs`, for comparison",
    "package": "`import tarlatamab_rules`",
    "listed_unit": "a first `LabResult`, its unit listed",
    "unit_for_pint": "a first `LabResult`, its unit left to pint",
    "rule_of_one_book": "a first `monitoring_duration`, the page",
    "rule_of_the_default": "a first `monitoring_duration`, the page over the label",
    "assessment": "a first assessment, from a JSON file",
    "every_table": "every table of the page over the label",
}


def processes(figures: dict[str, Any]) -> str:
    """What a fresh process takes up to a first answer."""
    measured = figures["imports"]
    return table(
        ("a fresh process, up to", "ms of CPU", "times attrs", "at most"),
        (
            (
                says,
                in_words(measured[name]["ms"]),
                in_words(measured[name]["ms"] / measured["attrs"]["ms"]),
                in_words(measured[name].get("bar", "")),
            )
            for name, says in PROCESSES.items()
        ),
    )


def _code(says: str) -> str:
    name, comma, rest = says.partition(",")
    return f"`{name}`{comma}{rest}"


def _barred(spread: dict[str, Any]) -> tuple[str, str]:
    return around(spread), in_words(spread["bar"])


def _cost(cost: dict[str, Any]) -> tuple[str, str]:
    return _time(cost["us"]), in_words(cost["times"]["median"])


def _time(micros: float) -> str:
    return f"{in_words(micros)}{NBSP}µs" if micros < 1000 else f"{in_words(micros / 1000)}{NBSP}ms"  # noqa: PLR2004  # a thousand of them


# --- the chart ---

OURS, OTHERS = "var(--color-brand-content, #2757dd)", "var(--color-foreground-muted, #6b6f76)"
TEXT, TRACK = "var(--color-foreground-primary, currentColor)", "var(--color-background-border, #ddd)"
HEAD, STEP, THICK = 38, 40, 12
"""Pixels: of a headline, of one bar with its words, of the bar itself."""


class Bar(NamedTuple):
    """One bar: what it is, how long, and the figure beside it."""

    says: str
    value: float
    number: str
    ours: bool = False


def bars(figures: dict[str, Any]) -> dict[str, list[Bar]]:
    """The bars by their headline."""
    groups = {}
    for name in ("monitoring_duration", "toxicity_action"):
        rates = figures["scalar"]["decisions"][name]["per_second"]
        groups[f"{name}, decisions a second"] = [
            Bar("plain function", *_rate(rates["plain"])),
            Bar("rule, by the page alone", *_rate(rates["ours"]), ours=True),
            Bar("rule, by the page over the label", *_rate(rates["default"]), ours=True),
            Bar("zen-engine, the page alone", *_rate(rates["zen"])),
        ]
    measured = figures["assessment"]
    group = [Bar("json.loads of the case", *_rate(measured["json"]["per_second"]))]
    for name, says in (("built", "inputs built"), ("plain", "from plain values")):
        value, number = _rate(measured[name]["per_second"])
        group.append(Bar(says, value, f"{number}; takes {figure(measured, f'{name}.times_json')} times as long", ours=True))
    return {**groups, "assess_dose, whole assessments a second": group}


def _rate(rate: dict[str, float]) -> tuple[float, str]:
    return rate["median"], in_words(rate["median"])


def chart(figures: dict[str, Any]) -> str:
    """The bars as one SVG as wide as the page, with a text for readers who cannot see it. Each headline has its own scale, from 0."""
    drawn: list[str] = []
    sentences, y = [], 0
    for headline, group in bars(figures).items():
        y += HEAD
        drawn.append(f'<text x="0" y="{y - 12}" style="fill: {TEXT}; font-weight: 600">{escape(headline)}</text>')
        sentences.append(f"{headline}: {'; '.join(f'{bar.says} {bar.number}' for bar in group)}.")
        longest = max(bar.value for bar in group)
        for bar in group:
            drawn += _drawn(bar, y, 100 * bar.value / longest)
            y += STEP
    size = f'width="100%" height="{y}" style="font-size: 14px; max-width: 44em"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="performance-title performance-words" {size}>',
        '<title id="performance-title">Decisions and whole assessments a second; longer is quicker.</title>',
        f'<desc id="performance-words">{escape(" ".join(sentences))}</desc>',
        *drawn,
        "</svg>",
    ]
    return "\n".join(["```{raw} html", *lines, "```"])


def _drawn(bar: Bar, y: int, percent: float) -> list[str]:
    return [
        f'<text x="0" y="{y + 14}" style="fill: {TEXT}">{escape(bar.says)}</text>',
        f'<text x="100%" y="{y + 14}" text-anchor="end" style="fill: {TEXT}">{escape(bar.number)}</text>',
        f'<rect x="0" y="{y + 20}" width="100%" height="{THICK}" rx="2" style="fill: {TRACK}"/>',
        f'<rect x="0" y="{y + 20}" width="{percent:.2f}%" height="{THICK}" rx="2" style="fill: {OURS if bar.ours else OTHERS}"/>',
    ]


# --- the page ---

PARTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "ASSESSMENTS": assessments,
    "CHART": chart,
    "COSTS": costs,
    "DECISIONS": decisions,
    "PROCESSES": processes,
    "RULES": rules,
}


def load() -> dict[str, Any]:
    """The measured figures."""
    figures: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return figures


def filled(page: str, figures: dict[str, Any]) -> str:
    """The page with its tables and its chart."""
    return PLACE.sub(lambda match: PARTS[match[1]](figures), page)


def measured(
    _name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, *_: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """The role: one figure, by its place in the file."""
    from docutils import nodes  # noqa: PLC0415  # see above

    try:
        return [nodes.Text(figure(load(), text))], []
    except LookupError as error:
        message = inliner.reporter.error(str(error), line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fills the page when it is read, and again when the figures have changed."""
    if docname == PAGE:
        app.env.note_dependency(str(FILE))
        source[0] = filled(source[0], load())


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up."""
    app.add_role("measured", measured)
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
