"""The books as canonical JSON, with a hash; facts and answers for every cell; and tables for another engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

import conformance
from tarlatamab_rules import rulebooks
from tarlatamab_rules.answers import Eligibility
from tarlatamab_rules.core.axes import Axis, Bands, Choices
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import Interval, at_least, below
from tarlatamab_rules.core.tables import JoinedTable, Question, Row, Table
from tarlatamab_rules.formats.canonical import about, axis_keys, canonical_json, content_hash, plain, rulebook_document
from tarlatamab_rules.formats.jdm import jdm, jdm_of_book
from tarlatamab_rules.formats.vectors import check, corners, lines, vectors
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.facts import AGE
from tarlatamab_rules.rulebooks.questions import BY_AGE, EQUIVALENT, LAB_GRADE, MONITORING

PAGE = rulebooks.get("precautions-2025-09")
CTCAE = rulebooks.get("ctcae-5.0")
STEROIDS = rulebooks.get("steroid-equivalence")
OURS = PAGE.overlay("ours", {BY_AGE: (Row("P/young", {AGE: below(20)}, Eligibility.EXCLUDED, "Not below 20."),)})
FEVER_ALONE = {"temperature": 38, "fever_masked": True, "hypotension": "none", "vasopressin": False, "oxygen": "none"}
REWRITE = "run `python tests/conformance.py`, look at `git diff conformance`, and tell of a meant change in changelog.d/*.clinical.md"


def _question(document: dict[str, Any], name: str, of: str) -> dict[str, Any]:
    (found,) = (each for each in document["questions"] if (each["name"], each["about"]) == (name, of))
    return dict(found)


def _row(question: dict[str, Any], id_: str) -> dict[str, Any]:
    (found,) = (each for each in question["rows"] if each["id"] == id_)
    return dict(found)


def _vectors(name: str) -> list[dict[str, Any]]:
    text = (conformance.FOLDER / conformance.vector_file(name)).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _rules(graph: dict[str, Any]) -> list[dict[str, Any]]:
    return [{key: cell for key, cell in rule.items() if cell} for rule in graph["nodes"][1]["content"]["rules"]]


def _changed(book: Rulebook, question: Question[Any], id_: str, **change: Any) -> Rulebook:
    """A copy of a book in which one row says something else."""
    rows = tuple(evolve(row, **change) if row.id == id_ else row for row in book.rows[question])
    return evolve(book, rows={**book.rows, question: rows})


def _table(axes: tuple[Axis, ...], *rows: Row[Any], answer: type[Any] = int, fold: Callable[[Any], Any] | None = None) -> Table[Any]:
    return Table(Question("q", axes, answer, fold=fold), rows, lambda row: Reason(row.id, row.says))


class TestFolder:
    """The files that are kept under version control."""

    def test_is_what_the_books_say(self) -> None:
        """Each file is what the books of today give, and there is no other: a changed row fails here until the folder is written again."""
        kept = {path.name for path in conformance.FOLDER.glob("*.json*")} - {conformance.RELEASED.name}
        files = conformance.written()
        assert kept == set(files), REWRITE
        differ = [name for name, text in files.items() if (conformance.FOLDER / name).read_bytes() != text.encode()]
        assert not differ, f"{', '.join(differ)} are not what the books say: {REWRITE}"

    @pytest.mark.parametrize("name", conformance.BOOKS)
    def test_a_changed_book_is_announced(self, name: str) -> None:
        """A book says what was released, or a fragment of clinical news has its name and the digits of its hash."""
        fault = conformance.unannounced(rulebooks.get(name), conformance.released(), conformance.fragments())
        assert not fault, fault

    def test_released_books_are_ours(self) -> None:
        """What is noted as released is a hash of a book that there is."""
        for name, digits in conformance.released().items():
            assert name in conformance.BOOKS
            assert re.fullmatch(r"[0-9a-f]{64}", digits)

    @pytest.mark.parametrize("name", conformance.BOOKS + conformance.STACKS)
    def test_every_vector_is_answered_so(self, name: str) -> None:
        """The runner finds no vector that this library answers otherwise."""
        text = (conformance.FOLDER / conformance.vector_file(name)).read_text(encoding="utf-8")
        assert check(text.splitlines()) == []

    @pytest.mark.parametrize("name", conformance.BOOKS + conformance.STACKS)
    def test_every_cell_has_a_vector(self, name: str) -> None:
        """The facts of the vectors of a question lie in every cell that is answered."""
        book = rulebooks.get(name)
        seen: dict[tuple[str, str], set[tuple[int, ...]]] = {}
        tables = {(question.name, about(question)): book[question] for question in book.rows}
        for vector in _vectors(name)[1:]:
            asked = vector["question"], vector["about"]
            cell = tuple(axis.code(fact) for axis, fact in zip(tables[asked].axes, vector["facts"].values(), strict=True))
            seen.setdefault(asked, set()).add(cell)
        assert seen == {asked: set(table.answers) for asked, table in tables.items()}

    def test_readme_names_every_file(self) -> None:
        """The README of the folder explains each kind of file."""
        text = (conformance.FOLDER / "README.md").read_text(encoding="utf-8")
        assert all(word in text for word in ("released.json", "`BOOK.json`", "`BOOK.jsonl`", "python tests/conformance.py"))


class TestCanonical:
    """Canonical JSON, and what its hash notices."""

    def test_one_form_only(self) -> None:
        """Keys are sorted, whole numbers have no point, text is as it is, and what JSON has not is refused."""
        assert canonical_json({"b": [1, 0.5, None, True], "a": "µ"}) == '{"a":"µ","b":[1,0.5,null,true]}'
        assert plain((25.0, 0.75, frozenset({3, 1}), True, Eligibility.EXCLUDED)) == [25, 0.75, [1, 3], True, "excluded"]
        with pytest.raises(ValueError, match="not JSON compliant"):
            canonical_json({"value": float("nan")})

    def test_names_of_facts(self) -> None:
        """A fact that a question asks of more than once has a number, and a space is no part of a name."""
        assert axis_keys(MONITORING) == ("point", "course", "events", "events_2", "events_3")
        assert axis_keys(Question("q", (Choices("alt or ast", (1,)), Choices("alt", (1,)), Choices("alt or ast", (1,))), int)) == (
            "alt_or_ast",
            "alt",
            "alt_or_ast_2",
        )

    def test_a_question_is_about_something(self) -> None:
        """Where a question does not say what it is about, the facts tell it from others of its name."""
        assert about(LAB_GRADE[Analyte.NEUTROPHILS]) == "neutrophils"
        assert about(BY_AGE) == "age_years"
        for name in conformance.BOOKS:
            asked = [(question.name, about(question)) for question in rulebooks.get(name).rows]
            assert len(set(asked)) == len(asked)

    def test_source_and_statements(self) -> None:
        """The content of a book is shown in the words of the book."""
        document = rulebook_document(STEROIDS)
        assert {key: document[key] for key in ("format", "version", "kind", "name", "lab_scale", "drug")} == {
            "format": "tarlatamab-rules-rulebook",
            "version": 1,
            "kind": "book",
            "name": "steroid-equivalence",
            "lab_scale": "ctcae-5.0",
            "drug": None,
        }
        assert document["source"]["revision"] == "not stated in the copies"
        assert document["statements"][0] == {
            "id": "EQ-1",
            "section": "Relative doses",
            "text": "Equivalent doses in mg, orally or intravenously.",
        }
        assert rulebook_document(PAGE)["drug"]["name"] == "tarlatamab"

    def test_a_row_on_members(self) -> None:
        """Prednisone 5 mg by mouth or intravenously; members stand in the order of their axis, however the row is written."""
        question = _question(rulebook_document(STEROIDS), "equivalent_dose", "steroid, route")
        row = _row(question, "EQ-1/prednisone")
        assert row["when"] == {"steroid": {"members": ["prednisone"]}, "route": {"members": ["intravenous", "oral"]}}
        assert row["then"] == {"type": "Amount", "value": {"value": 5, "unit": "mg"}}
        assert _row(question, "EQ-2")["then"] is None
        assert (question["answer"], question["hit_policy"], question["fold"], question["impossible"]) == ("Amount", "unique", None, [])

    def test_a_row_on_numbers(self) -> None:
        """Neutrophils of CTCAE 5.0: grade 3 is below 1 down to 0.5, grade 2 below 1.5, and grade 0 or 1 anything from 1.5 on."""
        question = _question(rulebook_document(CTCAE), "grade_lab", "neutrophils")
        from_half = {"low": 0.5, "high": 1, "low_open": False, "high_open": True}
        assert _row(question, "neutrophil-count-decreased/3")["when"] == {"value": from_half}
        assert _row(question, "neutrophil-count-decreased/3")["then"] == {"type": "Grade", "value": 3}
        assert _row(question, "neutrophil-count-decreased/1")["when"] == {
            "value": {"low": 1.5, "high": None, "low_open": False, "high_open": False},
            "lower_limit": {"members": [True]},
        }
        assert question["axes"] == [
            {
                "key": "value",
                "fact": "value",
                "title": "value",
                "kind": "numbers",
                "domain": {"low": 0, "high": None, "low_open": False, "high_open": False},
                "whole": False,
            },
            {
                "key": "lower_limit",
                "fact": "lower_limit",
                "title": "below the lower limit",
                "kind": "members",
                "members": [True, False],
            },
        ]

    def test_a_number_is_an_interval(self) -> None:
        """An ICE score of 10 is from 10 to 10; temperatures have no lowest; several rows count, and the worst counts."""
        question = _question(
            rulebook_document(rulebooks.get("astct-2019")),
            "grade_icans",
            "ice, arousable, consciousness, seizure, motor_weakness, raised_icp",
        )
        assert _row(question, "ICANS-1/0")["when"]["ice"] == {"low": 10, "high": 10, "low_open": False, "high_open": False}
        assert (question["hit_policy"], question["fold"]) == ("collect", "max")
        assert question["impossible"][0] == {
            "when": {"arousable": {"members": [True]}, "consciousness": {"members": ["unarousable"]}},
            "because": "a patient cannot be both arousable and unarousable",
        }
        crs = _question(
            rulebook_document(rulebooks.get("astct-2019")), "grade_crs", "temperature, fever_masked, hypotension, vasopressin, oxygen"
        )
        assert crs["axes"][0]["domain"] == {"low": None, "high": None, "low_open": False, "high_open": False}

    def test_the_pretty_file_has_the_hash(self) -> None:
        """The file for reading is the same document: read and written canonically, it gives the hash of the book."""
        document = json.loads((conformance.FOLDER / "precautions-2025-09.json").read_text(encoding="utf-8"))
        assert document == rulebook_document(PAGE)
        assert _vectors("precautions-2025-09")[0]["hash"] == content_hash(PAGE)

    def test_hash_is_the_same_in_every_process(self) -> None:
        """However a process orders its sets, the hashes are the same."""
        code = "from tarlatamab_rules import rulebooks as r; from tarlatamab_rules.formats.canonical import content_hash as h\n"
        code += "print(*(h(r.get(name)) for name in r.names()))"
        said = {
            subprocess.run(
                [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
            ).stdout
            for seed in ("1", "2")
        }
        assert said == {" ".join(content_hash(rulebooks.get(name)) for name in rulebooks.names()) + "\n"}

    @pytest.mark.parametrize(
        "change",
        [
            lambda book: _changed(book, BY_AGE, "IND-1/minor", then=Eligibility.ELIGIBLE),
            lambda book: _changed(book, BY_AGE, "IND-1/minor", when={AGE: below(19)}),
            lambda book: _changed(book, BY_AGE, "IND-1/minor", when={AGE: Interval(high=18)}),
            lambda book: _changed(book, BY_AGE, "IND-1/minor", says="Not for children."),
            lambda book: _changed(book, BY_AGE, "IND-1/minor", interpretation="Adult is read as 16 years or older."),
            lambda book: _changed(book, BY_AGE, "IND-1/minor", then=None, unsettled="It is not clear."),
            lambda book: _changed(book, BY_AGE, "IND-1/minor", id="IND-1/child"),
            lambda book: evolve(book, rows={each: rows for each, rows in book.rows.items() if each is not BY_AGE}),
            lambda book: evolve(book, statements=book.statements[1:]),
            lambda book: evolve(book, source=evolve(book.source, revision="2026-01-01")),
            lambda book: evolve(book, lab_scale="ctcae-6.0"),
        ],
    )
    def test_every_change_of_content_is_noticed(self, change: Callable[[Rulebook], Rulebook]) -> None:
        """A changed answer, condition, edge, sentence, reading, silence, id, question, statement, revision or scale has to be announced."""
        changed = change(PAGE)
        now, before = content_hash(changed), content_hash(PAGE)
        told = f"The page as it was, `{PAGE.name}` `{before[:12]}`."
        assert now != before
        assert conformance.unannounced(PAGE, {}, [told]) == conformance.unannounced(PAGE, {PAGE.name: before}, []) == ""
        fault = conformance.unannounced(changed, {PAGE.name: before}, [told])
        assert f"{PAGE.name} {now[:12]}" in fault
        assert "clinical" in fault
        assert conformance.unannounced(changed, {PAGE.name: before}, [told, f"Now {PAGE.name}\n{now[:12]}."]) == ""

    def test_order_of_questions_says_nothing(self) -> None:
        """The same rows in another order of questions, and conditions in another order, are the same book."""
        assert content_hash(evolve(PAGE, rows=dict(reversed(list(PAGE.rows.items()))))) == content_hash(PAGE)
        when = dict(reversed(list(STEROIDS.rows[EQUIVALENT][0].when.items())))
        assert content_hash(_changed(STEROIDS, EQUIVALENT, "EQ-1/dexamethasone", when=when)) == content_hash(STEROIDS)

    def test_a_stack_is_its_members(self) -> None:
        """A stack is hashed by the hashes of its members in their order."""
        label = rulebooks.get("us-2025-11")
        named = [{"name": book.name, "hash": content_hash(book)} for book in (PAGE, label)]
        assert rulebook_document(rulebooks.default()) == {
            "format": "tarlatamab-rules-rulebook",
            "version": 1,
            "kind": "stack",
            "name": "precautions-2025-09 over us-2025-11",
            "lab_scale": "ctcae-5.0",
            "members": named,
        }
        assert content_hash(label.over(PAGE)) != content_hash(PAGE.over(label))
        assert content_hash(_changed(PAGE, BY_AGE, "IND-1/minor", says="No.").over(label)) != content_hash(PAGE.over(label))

    def test_an_overlay_is_its_base_and_its_own_rows(self) -> None:
        """An overlay has its own rows, why they may be milder, and the hash of what it is laid over."""
        document = rulebook_document(OURS)
        assert document["base"] == {"name": PAGE.name, "hash": content_hash(PAGE)}
        assert (document["kind"], document["milder_because"]) == ("overlay", "")
        (question,) = document["questions"]
        assert question["rows"][0]["when"] == {"age_years": {"low": None, "high": 20, "low_open": False, "high_open": True}}
        why = Row("P/young", {AGE: at_least(17)}, Eligibility.ELIGIBLE, "From 17 on.", milder_because="the board has agreed")
        assert rulebook_document(PAGE.overlay("ours", {BY_AGE: (why,)}))["questions"][0]["rows"][0]["milder_because"] == why.milder_because


class TestVectors:
    """Facts and answers, and their runner."""

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            # Adult means 18 years or older: right below 18 is no adult.
            (PAGE.name, ("eligibility", {"age_years": 17.999999999999996}, "excluded", ["IND-1/minor"])),
            (PAGE.name, ("eligibility", {"age_years": 18}, "eligible", ["IND-1/adult"])),
            # Prednisone 5 mg by mouth; nothing is said of injections into a muscle.
            (
                STEROIDS.name,
                ("equivalent_dose", {"steroid": "prednisone", "route": "oral"}, {"value": 5, "unit": "mg"}, ["EQ-1/prednisone"]),
            ),
            (STEROIDS.name, ("equivalent_dose", {"steroid": "dexamethasone", "route": "intramuscular"}, None, ["EQ-2"])),
            # Two months of contraception after the last dose, for childbearing potential only.
            (PAGE.name, ("contraception_window", {"childbearing_potential": True}, {"modality": "give", "months": 2}, ["PRG-2"])),
            (PAGE.name, ("contraception_window", {"childbearing_potential": False}, None, ["PRG-2/none"])),
            # Neutrophils below 0.5 are grade 4, and 0.5 is grade 3.
            ("ctcae-5.0", ("grade_lab", {"value": 0.49999999999999994, "lower_limit": True}, 4, ["neutrophil-count-decreased/4"])),
            ("ctcae-5.0", ("grade_lab", {"value": 0.5, "lower_limit": True}, 3, ["neutrophil-count-decreased/3"])),
            # Fever of 38.0 degrees alone is grade 1.
            ("astct-2019", ("grade_crs", FEVER_ALONE, 1, ["CRS-1"])),
        ],
    )
    def test_as_the_sources_say(self, name: str, expected: tuple[str, dict[str, Any], Any, list[str]]) -> None:
        """Vectors whose answers stand here from the sources."""
        question, facts, value, rows = expected
        found = [each for each in _vectors(name)[1:] if each["question"] == question and each["facts"] == facts]
        assert {canonical_json([each["value"], each["rows"]]) for each in found} >= {canonical_json([value, rows])}

    def test_a_whole_line(self) -> None:
        """A vector has the question, known facts, the answer, its sources, and whether a clinician must look."""
        assert next(iter(vectors(STEROIDS))) == {
            "question": "equivalent_dose",
            "about": "steroid, route",
            "facts": {"steroid": "dexamethasone", "route": "intravenous"},
            "answer": "decided",
            "value": {"value": 0.75, "unit": "mg"},
            "rows": ["EQ-1/dexamethasone"],
            "unsettled": False,
            "dissent": [],
        }

    def test_dissent_of_a_stack(self) -> None:
        """The page monitors from the end of the infusion, the label from its start: the page is used, with the label as dissent."""
        facts = {"point": 1, "course": "step-up", "events": 0, "events_2": 0, "events_3": 0}
        (vector,) = (each for each in _vectors(rulebooks.default().name)[1:] if each["facts"] == facts)
        assert vector["value"]["anchor"] == "infusion-end"
        rows = ["T1-C1D1", "T1-C1D1/setting", "T1-C1D1/near"]
        assert vector["dissent"][0] == {"rulebook": "us-2025-11", "field": "anchor", "value": "infusion-start", "rows": rows}

    def test_the_header(self) -> None:
        """The first line tells format, version, book, hash, members and the number of vectors, and explains every field."""
        head, *rest = _vectors("precautions-2025-09 over us-2025-11")
        assert (head["format"], head["version"], head["vectors"]) == ("tarlatamab-rules-vectors", 1, len(rest))
        assert head["members"] == [{"rulebook": name, "hash": content_hash(rulebooks.get(name))} for name in (PAGE.name, "us-2025-11")]
        assert list(head["fields"]) == list(rest[0])

    def test_ends_of_bands(self) -> None:
        """A band is asked at its first and its last number; where it has none, a thousand further."""
        axis = Bands("t", Interval())
        (cut,) = _table((axis,), Row("A", {axis: below(38.5)}, 1, "."), Row("B", {axis: at_least(38.5)}, 2, ".")).axes
        assert [corners(cut, code) for code in (0, 1)] == [(-962, 38.49999999999999), (38.5, 1038.5)]
        whole, words = _table((Bands("n", at_least(1), whole=True), Choices("c", ("x", "y", "z"))), Row("A", {}, 1, ".")).axes
        assert (corners(whole, 0), corners(words, 0)) == ((1, 1001), ("x", "z"))
        (uncut,) = _table((axis,), Row("A", {}, 1, ".")).axes
        assert corners(uncut, 0) == (0, 1000)

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"value": {"value": 0.6, "unit": "mg"}}, 'value is {"unit":"mg","value":0.75}, not {"unit":"mg","value":0.6}'),
            ({"rows": ["EQ-2"]}, 'rows is ["EQ-1/dexamethasone"], not ["EQ-2"]'),
            ({"about": "steroid"}, "the rulebook has no such question"),
            ({"facts": {"steroid": "dexamethasone"}}, "the question asks about steroid, route"),
            ({"facts": {"steroid": "aspirin", "route": "oral"}}, "'aspirin' is not one of"),
        ],
    )
    def test_what_the_runner_finds(self, change: dict[str, Any], fault: str) -> None:
        """Another answer, other rows, an unknown question, and facts that do not fit are reported with their line."""
        head, first, *rest = lines(STEROIDS)
        (found,) = check([head, json.dumps(json.loads(first) | change), *rest])
        assert found.startswith("line 2, equivalent_dose, ")
        assert fault in found

    def test_vectors_of_another_book(self) -> None:
        """Vectors of another content, too few vectors, or another format are reported first."""
        head, *rest = lines(STEROIDS)
        changed = _changed(STEROIDS, EQUIVALENT, "EQ-1/dexamethasone", says="Another sentence.")
        assert check([head, *rest], changed) == [
            "they belong to another version of steroid-equivalence: its rows are not those of steroid-equivalence in this library"
        ]
        assert check([head, *rest[1:]]) == [f"the header announces {len(rest)} vectors, but there are {len(rest) - 1}"]
        assert check(['{"format":"else"}']) == ["these are not vectors of tarlatamab-rules-vectors, version 1"]

    def test_an_overlay_has_vectors_too(self) -> None:
        """The vectors of an overlay are answered by it, and not by its base."""
        text = list(lines(OURS))
        assert check(text, OURS) == []
        assert any("age_years': 18}" in fault for fault in check(text, PAGE))


class TestJdm:
    """Decision tables for another engine."""

    def test_rules_are_the_rows(self) -> None:
        """The rows of a single book are exported as they stand, with the ends of the source."""
        assert _rules(jdm(PAGE[BY_AGE])) == [
            {
                "_id": "0",
                "_description": "The patient is an adult.",
                "if-age_years": ">= 18",
                "then-row": '"IND-1/adult"',
                "then-value": '"eligible"',
            },
            {
                "_id": "1",
                "_description": "The drug is for adults only.",
                "if-age_years": "< 18",
                "then-row": '"IND-1/minor"',
                "then-value": '"excluded"',
            },
        ]
        assert [rule.get("if-value") for rule in _rules(jdm(CTCAE[LAB_GRADE[Analyte.NEUTROPHILS]]))] == [
            ">= 1.5",
            ">= 1.5",
            "[1..1.5)",
            "[0.5..1)",
            "[0..0.5)",
        ]

    def test_members_and_silence(self) -> None:
        """Members are a list, an answer is an object, and what a source leaves open is null."""
        first, *_, last = _rules(jdm(STEROIDS[EQUIVALENT]))
        assert first["if-steroid"] == '"dexamethasone"'
        assert first["if-route"] == '"intravenous", "oral"'
        assert first["then-value"] == '{"value": 0.75, "unit": "mg"}'
        assert last["if-route"] == '"intramuscular", "intra-articular", "other"'
        assert last["then-value"] == "null"

    @pytest.mark.parametrize(
        ("condition", "unary"),
        [
            (Interval(), ""),
            (Interval(5, 5), "5"),
            (7, "7"),
            (Interval(low_open=True, low=5), "> 5"),
            (Interval(high=5), "<= 5"),
            (Interval(1, 5.5, low_open=True), "(1..5.5]"),
        ],
    )
    def test_intervals(self, condition: Any, unary: str) -> None:
        """Open and closed ends are those of the engine; any number is no condition."""
        axis = Bands("n", Interval())
        (rule, _) = _rules(jdm(_table((axis,), Row("A", {axis: condition}, 1, "."), Row("B", {}, 2, "."), fold=sum)))
        assert rule.get("if-n", "") == unary

    def test_quotation_marks(self) -> None:
        """A text with quotation marks is put together, since the engine knows no escapes."""
        (rule,) = _rules(jdm(_table((AGE,), Row("A", {}, 'it\'s "so"', "."), answer=str)))
        assert rule["then-value"] == """"it's " + '"' + "so" + '"' + \"\""""

    def test_every_rule_that_fits(self) -> None:
        """Under COLLECT the engine gives every rule that fits, else the first; a stack is joined already."""
        policies = [jdm(book[MONITORING])["nodes"][1]["content"]["hitPolicy"] for book in (PAGE, rulebooks.default())]
        assert policies == ["collect", "first"]
        assert jdm(PAGE[BY_AGE])["nodes"][1]["content"]["hitPolicy"] == "first"

    def test_a_graph_leads_from_facts_to_an_answer(self) -> None:
        """Facts, table and answer are joined by two edges, and each column has its field."""
        graph = jdm(PAGE[MONITORING])
        assert [(node["id"], node["type"]) for node in graph["nodes"]] == [
            ("facts", "inputNode"),
            ("table", "decisionTableNode"),
            ("answer", "outputNode"),
        ]
        assert [(edge["sourceId"], edge["targetId"]) for edge in graph["edges"]] == [("facts", "table"), ("table", "answer")]
        content = graph["nodes"][1]["content"]
        assert content["inputs"][3] == {
            "id": "if-events_2",
            "name": "worst grade of CRS since the last dose",
            "field": "events_2",
        }
        assert [each["field"] for each in content["outputs"]] == ["row", "value"]

    def test_cells_of_an_overlay_are_put_together(self) -> None:
        """Below 18 by both, below 20 by our policy with the page dissenting, from 20 on by the page: three rules with whole answers."""
        assert isinstance(OURS[BY_AGE], JoinedTable)
        both, ours, page = _rules(jdm(OURS[BY_AGE]))
        assert [rule["if-age_years"] for rule in (both, ours, page)] == ["[0..18)", "[18..20)", ">= 20"]
        assert [rule["then-value"] for rule in (both, ours, page)] == ['"excluded"', '"excluded"', '"eligible"']
        assert [rule["then-rows"] for rule in (both, ours, page)] == ['["P/young", "IND-1/minor"]', '["P/young"]', '["IND-1/adult"]']
        assert ours["then-dissent"] == '[{"rulebook": "precautions-2025-09", "field": "", "value": "eligible", "rows": ["IND-1/adult"]}]'
        assert both["_description"] == "Not below 20. The drug is for adults only."

    def test_a_book_is_a_graph_a_question(self) -> None:
        """The graphs of a book are named by their question."""
        graphs = jdm_of_book(PAGE)
        assert len(graphs) == len(PAGE.rows)
        assert graphs["eligibility: age_years"] == jdm(PAGE[BY_AGE])
