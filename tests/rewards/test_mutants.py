"""The mutations that the benchmark of broken solutions is made of."""

import ast

from tests.rewards.mutants import mutants

SOURCE = '''\
def untouched(a, b):
    """Not changed: above the first line."""
    return a + b

def f(xs):
    total = 0
    for x in xs:
        if x > 1 and not x % 2:
            total += -x
    return total
'''


def test_each_changes_one_thing_in_order() -> None:
    plain = {*ast.unparse(ast.parse(SOURCE)).splitlines()}
    found = [(what, *{*program.splitlines()} - plain) for what, program in mutants(SOURCE, 5)]
    assert found == [
        ("line 6: Constant", "    total = 1"),
        ("line 6: Constant", "    total = -1"),
        ("line 8: If", "        if not (x > 1 and (not x % 2)):"),
        ("line 8: BoolOp", "        if x > 1 or not x % 2:"),
        ("line 8: Compare", "        if x >= 1 and (not x % 2):"),
        ("line 8: Constant", "        if x > 2 and (not x % 2):"),
        ("line 8: Constant", "        if x > 0 and (not x % 2):"),
        ("line 8: UnaryOp", "        if x > 1 and (not not x % 2):"),
        ("line 8: BinOp", "        if x > 1 and (not x // 2):"),
        ("line 8: Constant", "        if x > 1 and (not x % 3):"),
        ("line 8: Constant", "        if x > 1 and (not x % 1):"),
        ("line 9: AugAssign", "            total -= -x"),
        ("line 9: UnaryOp", "            total += +x"),
        ("line 10: Return", "    return None"),
    ]
