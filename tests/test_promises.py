"""Each promise of the documentation is on its page and has a test that holds it."""

from __future__ import annotations

import pytest

import promises

DATA = promises.read()
PROMISED, NO_PROMISE = DATA["promised"], DATA["no_promise"]


@pytest.mark.parametrize("page", PROMISED)
def test_the_page_says_so(page: str) -> None:
    """Each quote is on its page, word for word."""
    text = promises.prose(page)
    assert [quote for quote in [*PROMISED[page], *NO_PROMISE.get(page, {})] if quote not in text] == []


@pytest.mark.parametrize("page", PROMISED)
def test_a_test_holds_it(page: str) -> None:
    """Each promise names tests, and there are such tests, which say what they hold."""
    for quote, tests in PROMISED[page].items():
        assert tests, quote
        assert [test for test in tests if not promises.says(test)] == [], quote


@pytest.mark.parametrize("page", PROMISED)
def test_nothing_else_is_promised(page: str) -> None:
    """Each word of the page that promises is part of a promise that is held, or of a phrase that promises nothing."""
    assert promises.unlisted(page, [*PROMISED[page], *NO_PROMISE.get(page, {})]) == []


def test_phrases_that_promise_nothing() -> None:
    """Each has a reason and such a word, and belongs to a page."""
    for phrases in NO_PROMISE.values():
        assert all(phrases.values())
        assert [phrase for phrase in phrases if not promises.PROMISING.search(phrase)] == []
    assert set(NO_PROMISE) <= set(PROMISED)


def test_a_missing_test_is_found() -> None:
    """What is no test of a file, and a file that there is not, hold nothing."""
    assert promises.says("test_promises.py::test_a_missing_test_is_found")
    assert promises.says("test_promises.py::PROMISED") is None
    assert promises.says("test_promises.py::test_of_tomorrow") is None
    assert promises.says("test_of_tomorrow.py::test_a") is None


def test_an_unlisted_word_is_found() -> None:
    """Without its quotes a page has words that promise."""
    assert promises.unlisted("README.md", ["and a fact that is missing is asked for"])
