"""Names of the library in text and signatures: links if they are public, else plain code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.domains.python import PyObject

import tarlatamab_rules
from tarlatamab_rules import answers, policy

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

# A word of ours may also be given as text: DiagnosisLike is a Diagnosis or its value.
FACES = (policy, answers, tarlatamab_rules)
PUBLIC = {name: f"{face.__name__}.{name}" for face in FACES for name in dir(face)}
TARGETS = PUBLIC | {f"{name}Like": path for name, path in PUBLIC.items()}
TARGETS["StatusLike"] = TARGETS["EventStatus"]


def ours(_name: str, rawtext: str, text: str, *_: Any) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Single backticks in a docstring: a link if the text is a public name, else plain code."""
    code = nodes.literal(rawtext, text)
    target = PUBLIC.get(text, f"tarlatamab_rules.{text}")
    return [pending_xref(rawtext, code, refdomain="py", reftype="obj", reftarget=target, plain_if_missing=True)], []


def resolve_ours(app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.Element) -> nodes.Node | None:
    """Links the names in signatures, which stand in their modules, to their public names on the page of the interface."""
    if node.get("plain_if_missing"):
        return contnode
    name = node["reftarget"].rpartition(".")[2]
    if node.get("refdomain") == "py" and name in TARGETS:
        return env.domains.python_domain.resolve_xref(env, node["refdoc"], app.builder, "obj", TARGETS[name], node, contnode)
    if isinstance(contnode, nodes.emphasis):  # the type of a field, which is printed without its module as signatures are
        contnode[:] = [nodes.Text(name)]
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up."""
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Fields"
    app.add_role("ours", ours)
    app.connect("missing-reference", resolve_ours)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
