"""Where the sources open, and how a statement is cited so that a reader finds it."""

from __future__ import annotations

import re

import pytest
from attrs import evolve

from helpers import PAGE, normal_labs, revisions_to, well
from tarlatamab_rules import assess_dose, monitoring_duration, rulebooks
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.core.evidence import Citation, Reason, Source, Statement
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.canonical import rulebook_document
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.questions import BY_AGE
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown, rulebook_text

DAILYMED = "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid=1e7b6163-5d83-42ea-82c9-cf7620cdc782"
NCI = "https://dctd.cancer.gov/research/ctep-trials/for-sites/adverse-events"
LINKS = {
    "us-2025-11": DAILYMED,
    "us-2024-05": DAILYMED,
    "astct-2019": "https://doi.org/10.1016/j.bbmt.2018.12.758",
    "ctcae-5.0": NCI,
    "ctcae-6.0": NCI,
}
UNCONFIRMED = {PAGE, "eu-2026", "steroid-equivalence"}
"""The sources of which no address is confirmed."""


def test_every_source_is_listed() -> None:
    """A new book says where its source opens, or is listed as one whose address is not confirmed; a revision has that of its source."""
    assert {*LINKS, *UNCONFIRMED} == {revisions_to(name)[-1] for name in rulebooks.names()}
    assert not LINKS.keys() & UNCONFIRMED


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_row_has_its_link(name: str) -> None:
    """Each row of each book cites a source that opens, or one whose address is not confirmed, which then says what to look for."""
    book, source = rulebooks.get(name), revisions_to(name)[-1]
    for rows in book.rows.values():
        for row in rows:
            citation = book.cite(row.statement)
            assert citation.url == LINKS.get(source, "")
            assert str(citation).startswith(f"{book.source.short_name}, ")
    assert bool(book.source.url) is (source not in UNCONFIRMED)
    assert bool(book.source.url) or "not confirmed" in book.source.access


@pytest.mark.parametrize(
    ("name", "statement", "expected"),
    [
        ("us-2025-11", "T6-3", "US label 11/2025, Section 2.5, Table 6, grade 3"),
        ("us-2025-11", "T7-NEUTROPENIA-4", "US label 11/2025, Section 2.5, Table 7, neutropenia, grade 4"),
        ("us-2025-11", "T1-C1D8", "US label 11/2025, Section 2.2, Table 1, cycle 1, day 8"),
        ("us-2025-11", "T4-LATER", "US label 11/2025, Section 2.4, Table 4, last dose 10 mg on C1D15 or later"),
        ("us-2025-11", "LABS", "US label 11/2025, Sections 2.1, 5.3 and 5.5"),
        ("us-2025-11", "BOXED-CRS", "US label 11/2025, Boxed warning"),
        ("us-2025-11", "PREP-1", "US label 11/2025, Section 2.6, Tables 8-12, 1 mg dose"),
        ("us-2024-05", "U24-SALINE", "US label 05/2024, Section 2, Table 3, normal saline"),
        ("eu-2026", "EU-CRS-3", "EU label (July 2026), Section 4.2, table of CRS, grade 3"),
        (PAGE, "NEU-4", "Precautions page 09/2025, Monitoring: neurotoxicity"),
        ("astct-2019", "CRS-3", "ASTCT 2019, Cytokine release syndrome"),
        ("ctcae-5.0", "anemia", "CTCAE 5.0, Blood and lymphatic system disorders, Anemia"),
    ],
)
def test_a_place_that_a_reader_finds(name: str, statement: str, expected: str) -> None:
    """A citation reads as a pharmacist with the source open looks for it; ids stay in its fields."""
    citation = rulebooks.get(name).cite(statement)
    assert str(citation) == expected
    assert (citation.source, citation.statement) == (name, statement)


def test_tables_and_sections_of_the_label() -> None:
    """By hand, from the contents of the label: Tables 1 and 2 are in Section 2.2, 3 in 2.3, 4 in 2.4, 5 to 7 in 2.5, 8 to 12 in 2.6."""
    sections = {statement.table: statement.section for statement in rulebooks.get("us-2025-11").statements if statement.table}
    assert sections == {
        "Table 1": "Section 2.2",
        "Table 2": "Section 2.2",
        "Table 3": "Section 2.3",
        "Table 4": "Section 2.4",
        "Table 5": "Section 2.5",
        "Table 6": "Section 2.5",
        "Table 7": "Section 2.5",
        "Tables 8-12": "Section 2.6",
    }


def test_a_reason_has_the_link() -> None:
    """Of its citation; a safeguard of this library has none."""
    by_label, by_page = (monitoring_duration("C1D1", rulebook=book).reasons for book in ("us-2025-11", PAGE))
    assert {reason.url for reason in by_label} == {DAILYMED}
    assert {reason.url for reason in by_page} == {""}
    assert Reason("guard/x", "Safe.").url == ""


def test_without_a_short_name() -> None:
    """A book of one's own is cited by its id, and a statement by its section alone."""
    assert str(Citation("ours", "1", "policy", "A-1")) == "ours, policy"
    assert Statement("A-1", "policy", "We do.").place == "policy"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.org", "www.example.org", 5, None])
def test_an_address_that_is_none(url: object) -> None:
    """An address becomes a link in reports, so only a web address is taken."""
    with pytest.raises(FieldError, match=r"source\.url: .* is not a web address"):
        Source("ours", "Ours", "We", "1", url=url)  # type: ignore[arg-type]  # what is refused


def test_json_has_the_link() -> None:
    """The JSON of a reason has where its source opens, and the place in it; without a confirmed address it has no link."""
    found = assess_dose(well(), "C1D1", labs=normal_labs(None), events=(), course=())
    cited = [reason["citation"] for reason in assessment_document(found)["monitoring"]["reasons"]]
    links = {citation["source"]: citation.get("url") for citation in cited}
    assert links == {PAGE: None, "us-2025-11": DAILYMED}
    (label,) = [citation for citation in cited if citation["statement"] == "T1-C1D1"][:1]
    assert (label["short_name"], label["section"], label["table"], label["entry"]) == (
        "US label 11/2025",
        "Section 2.2",
        "Table 1",
        "cycle 1, day 1",
    )


def test_canonical_source() -> None:
    """The canonical form of a book has the link and the identifiers of its source, and no key for what is not known."""
    assert rulebook_document(rulebooks.get("us-2025-11"))["source"] == {
        "name": "us-2025-11",
        "title": "US prescribing information of Imdelltra (tarlatamab-dlle)",
        "publisher": "Amgen",
        "revision": "11/2025",
        "short_name": "US label 11/2025",
        "identifiers": [["DailyMed set id", "1e7b6163-5d83-42ea-82c9-cf7620cdc782"], ["FDA application", "BLA 761344"]],
        "url": DAILYMED,
        "access": "The link opens the label in force, which may be later than 11/2025.",
    }
    assert not {"url", "identifiers", "published_in"} & rulebook_document(rulebooks.get(PAGE))["source"].keys()


def names_of_before(book: Rulebook) -> list[str]:
    """The properties of a source that name the revision before it: `evolve` keeps them, and what they say of that one is not so of this."""
    before = rulebooks.get(book.revises).source.revision if book.revises else "nothing"
    return [name for name in ("title", "short_name", "access") if before in getattr(book.source, name)]


def test_a_source_does_not_name_the_revision_before_it() -> None:
    """What a source says of its link, its title and its short name is of its own revision."""
    assert [found for name in rulebooks.names() if (found := names_of_before(rulebooks.get(name)))] == []
    label = rulebooks.get("us-2025-11")
    made_up = evolve(label.source, name="us-made-up", revision="00/0000")
    assert names_of_before(label.revised(made_up)) == ["short_name", "access"]
    assert names_of_before(label.revised(evolve(made_up, short_name="", access=""))) == []


@pytest.mark.parametrize("name", rulebooks.names())
def test_pages_have_the_links(name: str) -> None:
    """On the page of a book every row has a link to its source, or says that the address is not confirmed; so does its text."""
    page, book, link = rulebook_markdown(name), rulebooks.get(name), LINKS.get(revisions_to(name)[-1])
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| row", "| ---"))]
    assert rows
    expected = f"]({link})" if link else "(address not confirmed)"
    assert [line for line in rows if expected not in line] == []
    assert (f"[Open the source]({link})" in page) is (link is not None)
    assert ((link or "https://") in rulebook_text(name)) is (link is not None)
    assert (book.source.access or book.source.url) in rulebook_text(name)
    assert expected in matrix_markdown(name)


def test_an_odd_address_cannot_end_a_link() -> None:
    """A bracket or a bar in the address of a book of one's own neither ends the link nor the cell."""
    source = Source("mine", "Mine", "Me", "1", url="https://example.org/a(b)|c d")
    book = Rulebook(source, (Statement("A-1", "One", "a"),), {BY_AGE: (Row("A-1", {}, None, "Silent."),)}, "ctcae-5.0")
    assert "*[One](https://example.org/a%28b%29%7Cc%20d).* a" in rulebook_markdown(book)
    assert str(evolve(book.cite("A-1"), short_name="My policy")) == "My policy, One"


def test_identifiers() -> None:
    """By hand, from the sources: the label's set id and application, and the DOI of the consensus grading with its journal."""
    assert re.fullmatch(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", dict(rulebooks.get("us-2025-11").source.identifiers)["DailyMed set id"]
    )
    grading = rulebooks.get("astct-2019").source
    assert grading.published_in == "Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638"
    assert dict(grading.identifiers) == {"DOI": "10.1016/j.bbmt.2018.12.758"}
    assert "Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638; DOI 10.1016/j.bbmt.2018.12.758" in rulebook_markdown("astct-2019")
