"""How code is changed: the operators of cosmic-ray that give another answer, and a few of ours for what they leave alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.python.tree import Name

_THEIRS = (
    *(
        f"ReplaceComparisonOperator_{pair}"
        for pair in [
            "Eq_NotEq",
            "NotEq_Eq",
            "Lt_LtE",
            "Lt_GtE",
            "LtE_Lt",
            "LtE_Gt",
            "Gt_GtE",
            "Gt_LtE",
            "GtE_Gt",
            "GtE_Lt",
            "Is_IsNot",
            "IsNot_Is",
        ]
    ),
    *(
        f"ReplaceBinaryOperator_{pair}"
        for pair in [
            "Add_Sub",
            "Sub_Add",
            "Mul_Div",
            "Div_Mul",
            "FloorDiv_Mul",
            "Mod_Mul",
            "Pow_Mul",
            "BitOr_BitAnd",
            "BitAnd_BitOr",
            "Sub_BitOr",
        ]
    ),
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_Delete_USub",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ZeroIterationForLoop",
)
"""Of cosmic-ray's replacements of one operator by every other, those that run: most others end in a TypeError, which any test notices."""


def _groups(node: Any) -> list[list[int]]:
    """The children of a list, set or dictionary by the elements that they make, without the commas."""
    groups: list[list[int]] = [[]]
    for n, child in enumerate(node.children):
        if child.type == "operator" and child.value == ",":
            groups.append([])
        else:
            groups[-1].append(n)
    return [group for group in groups if group]


class _Ours(Operator):
    """What the operators of this module share."""

    @classmethod
    def examples(cls) -> tuple[()]:
        """None: the tests have them."""
        return ()


class DropOperand(_Ours):
    """Leaves out one condition of several that are joined by *and* or *or*."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        """One for each condition."""
        if node.type in {"and_test", "or_test"}:
            yield from ((operand.start_pos, operand.end_pos) for operand in node.children[::2])

    def mutate(self, node: Any, index: int) -> Any:
        """The others."""
        kept = [operand for n, operand in enumerate(node.children[::2]) if n != index]
        word = f" {node.children[1].value} "
        prefix = node.get_first_leaf().prefix
        return get_ast(f"{prefix}({word.join(operand.get_code(include_prefix=False) for operand in kept)})")


class SwapMembership(_Ours):
    """*in* for *not in*, and the other way round."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        """The words in a comparison."""
        if node.type == "comparison":
            yield from ((word.start_pos, word.end_pos) for word in node.children[1::2] if _word(word) in {"in", "not in"})

    def mutate(self, node: Any, index: int) -> Any:
        """With the other word."""
        places = [n for n in range(1, len(node.children), 2) if _word(node.children[n]) in {"in", "not in"}]
        other = " not in" if _word(node.children[places[index]]) == "in" else " in"
        node.children[places[index]] = get_ast(other)
        return node


def _word(node: Any) -> str:
    return " ".join(node.get_code().split())


class DropFilter(_Ours):
    """Leaves out the condition of a comprehension."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        """The condition."""
        if node.type == "comp_if":
            yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002 - there is one
        """True in its place."""
        node.children[1] = get_ast(" True")
        return node


class DropElement(_Ours):
    """Leaves out one of several elements of a display: a list, a tuple, a set or a dictionary."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        """One for each element."""
        if node.type in {"testlist_comp", "dictorsetmaker"} and not any(
            child.type in {"comp_for", "sync_comp_for"} for child in node.children
        ):
            groups = _groups(node)
            if len(groups) > 1:
                yield from ((node.children[group[0]].start_pos, node.children[group[-1]].end_pos) for group in groups)

    def mutate(self, node: Any, index: int) -> Any:
        """The others, with a comma after each, so that a tuple stays one."""
        kept = [group for n, group in enumerate(_groups(node)) if n != index]
        code = "".join("".join(node.children[n].get_code() for n in group) + "," for group in kept)
        opened = node.children[0].get_first_leaf()
        return Name(code, opened.start_pos)


class DropCall(_Ours):
    """Leaves out a call whose value is not used, or a *yield*."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        """The statement."""
        if node.type == "simple_stmt" and node.children[0].type in {"atom_expr", "yield_expr"}:
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002 - there is one
        """Nothing in its place, in a function that still yields if it did."""
        was = node.children[0]
        prefix = was.get_first_leaf().prefix
        node.children[0] = Name("yield from ()" if was.type == "yield_expr" else "pass", was.start_pos, prefix)
        return node


_OURS: tuple[type[_Ours], ...] = (DropOperand, SwapMembership, DropFilter, DropElement, DropCall)
_PROVIDER = OperatorProvider()
OPERATORS: dict[str, Any] = {**{name: _PROVIDER[name]() for name in _THEIRS}, **{ours.__name__: ours() for ours in _OURS}}


def positions(text: str) -> Iterator[tuple[str, int, tuple[int, int]]]:
    """Where each operator can change a text: its name, which of its places it is, and the line and column."""
    nodes = list(ast_nodes(get_ast(text)))
    for name, operator in OPERATORS.items():
        places = (start for node in nodes for start, _ in operator.mutation_positions(node))
        yield from ((name, n, start) for n, start in enumerate(places))


def applied(text: str, operator: str, occurrence: int) -> str:
    """The text with one change."""
    changed = MutationVisitor.mutate_code(text, OPERATORS[operator], occurrence)
    assert isinstance(changed, str)
    return changed
