"""Pages with scripts of ours hold no script and no style: what the theme and the answers write into them is moved to files."""

from __future__ import annotations

import sys
from hashlib import sha256
from html import unescape
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
HEAD = '<html><head><meta charset="utf-8"/></head><body>'
OURS = '<script type="module" src="../_static/live/form.js"></script>'


@pytest.fixture(scope="module")
def guarded() -> Any:
    """The extension that writes the policy."""
    pytest.importorskip("sphinx")
    sys.path.append(str(ROOT / "docs" / "_ext"))
    return import_module("guarded")


def built(guarded: Any, folder: Path, text: str) -> str:
    """A page of the site after the policy was written."""
    page = folder / "try" / "page.html"
    page.parent.mkdir()
    page.write_text(text, encoding="utf-8")
    app = SimpleNamespace(outdir=folder, builder=SimpleNamespace(format="html"))
    guarded.guard(app, None)
    return page.read_text(encoding="utf-8")


def moved(folder: Path, suffix: str) -> list[str]:
    """The files that were written, in the order of their names."""
    return [path.read_text(encoding="utf-8") for path in sorted((folder / "_static" / "live" / "moved").glob(f"*{suffix}"))]


def test_the_policy(guarded: Any, tmp_path: Path) -> None:
    """Scripts and styles come from files of the site, WebAssembly is allowed, and the words that allow more are absent."""
    page = built(guarded, tmp_path, f"{HEAD}{OURS}</body></html>")
    assert page.count("Content-Security-Policy") == 1
    policy = unescape(page.partition('content="')[2].partition('"')[0])
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert "sha256" not in policy
    assert "http" not in policy


def test_scripts_and_styles_are_moved(guarded: Any, tmp_path: Path) -> None:
    """Each to a file that is named by its content, in the place where it stood; what is shown as code stays."""
    written = "<style>p{color:red}</style><style scoped>i{top:0}</style><script>\n  go();\n</script>"
    text = f"{HEAD}{written}{OURS}<pre>&lt;style&gt;x&lt;/style&gt;</pre></body></html>"
    page = built(guarded, tmp_path, text)
    name = sha256(b"\n  go();\n").hexdigest()[:16]
    assert f'<script src="../_static/live/moved/{name}.js"></script>' in page
    assert page.index('rel="stylesheet"') < page.index(name)
    assert "<style" not in page
    assert "&lt;style&gt;x&lt;/style&gt;" in page
    assert moved(tmp_path, ".js") == ["\n  go();\n"]
    assert sorted(moved(tmp_path, ".css")) == ["i{top:0}", "p{color:red}"]


def test_styles_of_elements_are_moved(guarded: Any, tmp_path: Path) -> None:
    """They become classes that prevail, beside the classes that an element has; the same style is one class."""
    text = (
        f'{HEAD}{OURS}<svg style="display: none;"></svg><p style="color:red;top:0 !important" class="a b">x</p>'
        '<i class="c" style="display: none">y</i><b title="style=&quot;z&quot;">z</b></body></html>'
    )
    page = built(guarded, tmp_path, text)
    assert " style=" not in page.replace('title="style=', "")
    hidden, red = (f"s-{sha256(style).hexdigest()[:8]}" for style in (b"display: none", b"color:red;top:0 !important"))
    assert f'<svg class="{hidden}">' in page
    assert f'<p class="a b {red}">' in page
    assert f'<i class="c {hidden}">' in page
    (rules,) = moved(tmp_path, ".css")
    assert sorted(rules.split("\n")) == sorted(
        [f".{hidden}{{display: none !important}}", f".{red}{{color:red !important;top:0 !important}}"]
    )
    assert page.index("moved/") < page.index("</head>")


def test_other_pages_stay_as_they_are(guarded: Any, tmp_path: Path) -> None:
    """A page without a script of ours can be read from a file; a page is not guarded twice."""
    text = f"{HEAD}<style>p{{}}</style></body></html>"
    assert built(guarded, tmp_path, text) == text
    assert not (tmp_path / "_static").exists()


def test_again(guarded: Any, tmp_path: Path) -> None:
    """Built again on top of what is there, a page is the same."""
    first = built(guarded, tmp_path, f'{HEAD}<p style="top:0">x</p>{OURS}</body></html>')
    guarded.guard(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html")), None)
    assert (tmp_path / "try" / "page.html").read_text(encoding="utf-8") == first


def test_a_page_without_a_place_for_it(guarded: Any, tmp_path: Path) -> None:
    """A page that cannot be guarded stops the build."""
    with pytest.raises(Exception, match="has no place for a policy"):
        built(guarded, tmp_path, f"<html>{OURS}</html>")
