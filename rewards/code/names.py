"""Which names test code takes from elsewhere: from the code under test or from the standard library."""

import ast
import builtins
import symtable
import sys
from collections.abc import Iterable
from dataclasses import dataclass

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one or several pieces of code.

    Attributes:
        own: Those that they define.
        used: Those that they use, their own included.
        called: Those that they call.
        plain: Those that they use other than as ``name.attribute``.
    """

    own: frozenset[str]
    used: frozenset[str]
    called: frozenset[str]
    plain: frozenset[str]

    @property
    def free(self) -> frozenset[str]:
        """What must come from elsewhere, and is no built-in."""
        return self.used - self.own - _BUILTINS

    def imported(self) -> frozenset[str]:
        """Modules of the standard library that are used without being imported."""
        return (self.free & sys.stdlib_module_names) - self.plain


def names_of(sources: Iterable[str]) -> Names:
    """The names of all the sources together.

    Raises:
        SyntaxError: One of them is no Python.
    """
    own: set[str] = set()
    used: set[str] = set()
    called: set[str] = set()
    plain: set[str] = set()
    for source in sources:
        _collect(symtable.symtable(source, "<test>", "exec"), True, own, used)
        tree = ast.parse(source)
        owners = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called.add(node.func.id)
            if isinstance(node, ast.Name) and id(node) not in owners:
                plain.add(node.id)
    return Names(frozenset(own), frozenset(used), frozenset(called), frozenset(plain))


def first_called(source: str) -> str | None:
    """The name that a test calls first, reading from the left: what an assert is about."""
    calls = [
        (node.lineno, node.col_offset, node.func.id)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return min(calls)[2] if calls else None


def calls_at_top(source: str, name: str) -> bool:
    """Whether the code calls ``name`` as a statement of its own, outside of all functions."""
    return any(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == name
        for node in ast.parse(source).body
    )


def _collect(table: symtable.SymbolTable, at_top: bool, own: set[str], used: set[str]) -> None:
    for symbol in table.get_symbols():
        outer = at_top or symbol.is_global()
        if outer and (symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()):
            own.add(symbol.get_name())
        if outer and symbol.is_referenced():
            used.add(symbol.get_name())
    for child in table.get_children():
        _collect(child, False, own, used)
