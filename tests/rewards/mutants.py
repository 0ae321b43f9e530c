"""Programs with one thing changed: small mistakes in a piece of Python, always in the same order."""

import ast
from collections.abc import Iterator
from typing import Any

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def mutants(source: str, first_line: int) -> Iterator[tuple[str, str]]:
    """Each way to change one thing.

    Args:
        source: A program.
        first_line: The line from which on things are changed.

    Yields:
        What was changed, such as ``"line 7: Compare"``, and the program that has it changed. First come operators,
        comparisons, constants, conditions and bounds, from the top down; then returned values.
    """
    tree = ast.parse(source)
    nodes = [node for node in ast.walk(tree) if _line(node) >= first_line]
    nodes.sort(key=lambda node: (isinstance(node, ast.Return), _line(node), getattr(node, "col_offset", 0)))
    for node in nodes:
        for name, value in _changes(node):
            before = getattr(node, name)
            setattr(node, name, value)
            yield f"line {_line(node)}: {type(node).__name__}", ast.unparse(tree)
            setattr(node, name, before)


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _changes(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Attributes of a node with what may stand there instead."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OPERATORS:
            yield "op", _OPERATORS[type(op)]()
        case ast.BoolOp(op=ast.And()):
            yield "op", ast.Or()
        case ast.BoolOp(op=ast.Or()):
            yield "op", ast.And()
        case ast.UnaryOp(op=ast.USub()):
            yield "op", ast.UAdd()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "operand", ast.UnaryOp(ast.Not(), operand)
        case ast.Compare(ops=[op, *others]):
            yield "ops", [_COMPARISONS[type(op)](), *others]
        case ast.Constant(value=bool(value)):
            yield "value", not value
        case ast.Constant(value=int(value) | float(value)):
            yield "value", value + 1
            yield "value", value - 1
        case ast.Constant(value=str(value)):
            yield "value", value + "x"
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            yield "test", ast.UnaryOp(ast.Not(), test)
        case ast.Return(value=ast.expr()):
            yield "value", ast.Constant(None)
