"""How the documentation is built: furo and MyST, offline, with pages generated from the rulebooks and from the cases by hand."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path += [str(DOCS / "_ext"), str(DOCS.parent / "tests")]  # what tests work out, pages print

from pages import counts  # noqa: E402  # found by the path above

project = "tarlatamab_rules"
author = "The tarlatamab_rules developers"
release = importlib.metadata.version("tarlatamab-rules")
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "assess",
    "console",
    "copying",
    "guarded",
    "live",
    "names",
    "notebooks",
    "pages",
    "performance",
    "rows",
]
exclude_patterns = ["_build", "_ext", "_page"]
default_role = "ours"

html_static_path = ["_static"]
html_css_files = ["tables.css", "diagrams.css"]
html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_copyright = False
myst_enable_extensions = ["substitution"]
myst_heading_anchors = 3
myst_substitutions = counts()
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_output_stderr = "warn"
copybutton_prompt_text = r">>> |\.\.\. "  # what is copied can be run: prompts and output stay behind
copybutton_prompt_is_regexp = True
html_theme_options = {"announcement": "Not medical advice. Check the label in force."}

add_module_names = False
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
napoleon_use_ivar = True  # the fields of attrs are listed once, in the text of their class
napoleon_attr_annotations = True
python_maximum_signature_line_length = 90
python_use_unqualified_type_names = True

nitpick_ignore_regex = [
    # Nothing is fetched, so other projects are named and not linked.
    ("py:class", r"(datetime\.)?(date|datetime|time|timedelta)|collections\.abc\.\w+|pathlib\.Path"),
    (
        "py:class",
        r"pint\.Quantity|(st|hypothesis\.strategies)\.SearchStrategy|rich\.console\.Group|(matplotlib\.\w+\.)?(Axes|Figure)|pd\.DataFrame",
    ),
    # A rulebook is made of these; they are how it is written, not part of the interface.
    ("py:class", r"tarlatamab_rules\.core\.(tables\.(Question|Row|Table)|axes\.(Bands|Choices|Cuts|Groups))|Axis|Condition|Tree"),
    # What an assessment keeps to account for everything when it is asked to.
    ("py:class", "Chart|_Kept"),
    # What a plan keeps to be planned again.
    ("py:class", r"(tarlatamab_rules\.course\.request\.)?Request"),
    # What an audit and a comparison keep to explain a dose.
    ("py:class", r"(tarlatamab_rules\.cohort\.[\w.]+\.)?(Answered|GivenDoses|Situations|Array)"),
    ("py:class", r"pa\.Table|pyarrow\.lib\.Table"),
    # Type variables stand for themselves.
    ("py:class", r"(tarlatamab_rules\.[\w.]+\.)?T(_co)?"),
]
