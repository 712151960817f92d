"""What is published of the mutants of code: figures, the page, and why what no test notices is harmless."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import mutant_runs

EXPLAINED = Path(__file__).with_name("code_mutants_explained.json")
"""By module, function, operator and line, so that it stays with code that moves."""

_HEAD = """\
# Code mutation

[Row mutation](mutation.md) changes the knowledge; this changes the functions that read it. One thing is changed in one line: a
comparison, a number, a sign, `and` for `or`, a condition left out, a member of a list left out, a call left out. Then the tests run
that are known to run that line. A change that no test notices is either harmless, and explained below, or a behaviour that no test
checks.

Of all places that can be changed, {sample} were drawn with the seed `{seed}`, one change for each. Not drawn from: annotations and
types, `__all__`, blocks for type checkers, the text of messages, and decorators that only keep results, because a change there gives
no other answer. `python tests/code_mutants.py` draws the same sample again. The operators are those of
[cosmic-ray](https://cosmic-ray.readthedocs.io) and a few of ours. Modules and lines have the names that they had when they were measured.

**{share} of {sample} changes were noticed**: {killed} by a failing test, {timeouts} by a test that took more than {patience} times its
time.

| module | changes | noticed | not noticed |
| --- | --- | --- | --- |
"""


def explanations() -> list[dict[str, Any]]:
    """Why mutants that no test notices are harmless."""
    found: list[dict[str, Any]] = json.loads(EXPLAINED.read_text(encoding="utf-8"))
    return found


def explained(mutant: dict[str, Any]) -> str:
    """Why a mutant is harmless, and what has become of its line since; empty if nobody has said."""
    same = (each for each in explanations() if all(each[key] == mutant[key] for key in ("module", "function", "operator", "line", "nth")))
    return " ".join(str(text) for key, text in next(same, {}).items() if key in {"why", "since"})


def figures(seed: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    """What is published."""
    status = Counter(result["status"] for result in results)
    modules: dict[str, Counter[str]] = {}
    for result in results:
        modules.setdefault(result["module"], Counter())[result["status"]] += 1
    survivors = [
        {**{key: result[key] for key in ("module", "function", "operator", "line", "nth", "changed")}, "why": explained(result)}
        for result in results
        if result["status"] == "survived"
    ]
    survivors.sort(key=lambda each: (each["module"], each["function"], each["line"], each["operator"], each["nth"]))
    return {
        "seed": seed,
        "sample": len(results),
        **{name: status[name] for name in ("killed", "timeout", "survived")},
        "modules": {name: dict(sorted(modules[name].items())) for name in sorted(modules)},
        "survivors": survivors,
    }


def page(published: dict[str, Any]) -> str:
    """The page of the documentation."""
    noticed = published["killed"] + published["timeout"]
    text = _HEAD.format(
        sample=published["sample"],
        seed=published["seed"],
        share=f"{100 * noticed / published['sample']:.1f} %",
        killed=published["killed"],
        timeouts=published["timeout"],
        patience=mutant_runs.PATIENCE,
    )
    for name, counts in published["modules"].items():
        total, survived = sum(counts.values()), counts.get("survived", 0)
        text += f"| {name} | {total} | {total - survived} | {survived} |\n"
    text += "\n## Not noticed, and harmless\n\n"
    for each in published["survivors"]:
        text += f"- {each['module']}, `{each['function']}`: `{each['line']}` as `{each['changed']}`. {each['why']}\n"
    return text
