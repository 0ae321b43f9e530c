"""Groups in Parquet and back."""

import math
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from base_training.errors import InputError
from rewards.problem import Problem
from rewards.verdict import Verdict
from rollouts.log import RolloutLog, groups_of, read_groups, table_of, write_groups
from rollouts.sample import Group, Sample
from tests.rollouts.groups import build_group


def assert_same(left: object, right: object) -> None:
    """Equal to the bit and in type, arrays and NaN among it."""
    assert type(left) is type(right)
    if is_dataclass(left):
        for field in fields(left):
            assert_same(getattr(left, field.name), getattr(right, field.name))
    elif isinstance(left, np.ndarray):
        assert isinstance(right, np.ndarray)
        assert (left.dtype, left.shape, left.tobytes()) == (right.dtype, right.shape, right.tobytes())
    elif isinstance(left, list | tuple):
        assert isinstance(right, list | tuple)
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
    elif isinstance(left, float) and math.isnan(left):
        assert isinstance(right, float)
        assert math.isnan(right)
    else:
        assert left == right


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
finite = st.floats(allow_nan=False, allow_infinity=False)
problems = st.builds(
    Problem,
    id=texts,
    messages=st.lists(st.fixed_dictionaries({"role": texts, "content": texts}), max_size=3).map(tuple),
    verifier=texts,
    label=json_values,
    domain=texts,
    metadata=st.dictionaries(texts, json_values, max_size=3),
)
verdicts = st.just(Verdict.invalid("dead worker")) | st.builds(
    Verdict,
    score=finite,
    correct=st.none() | st.booleans(),
    reason=texts,
    metrics=st.dictionaries(texts, st.floats(allow_nan=False), max_size=3),
)
token_ids = hnp.arrays(np.int32, st.integers(1, 4))


@st.composite
def samples(draw: st.DrawFn, index: int) -> Sample:
    tokens = draw(st.integers(0, 5))
    return Sample(
        index=index,
        seed=draw(st.integers(0, 2**63 - 1)),
        token_ids=draw(hnp.arrays(np.int32, tokens)),
        logprobs=draw(hnp.arrays(np.float32, tokens, elements=st.floats(width=32))),
        versions=draw(hnp.arrays(np.int32, tokens)),
        loss_mask=draw(hnp.arrays(np.bool_, tokens)),
        text=draw(texts),
        finish_reason=draw(st.sampled_from(["stop", "length"])),
        started_s=draw(finite),
        finished_s=draw(finite),
        worker=draw(st.integers(0, 9)),
        verdict=draw(verdicts),
    )


@st.composite
def groups(draw: st.DrawFn, group_id: int) -> Group:
    answers = tuple(draw(samples(index)) for index in range(draw(st.integers(1, 3))))
    return Group(group_id, draw(st.integers(0, 3)), draw(problems), draw(token_ids), answers)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(0, 3))
def test_a_table_gives_back_the_same_groups(data: st.DataObject, count: int) -> None:
    these = [data.draw(groups(group_id)) for group_id in range(count)]
    assert_same(groups_of(table_of(these)), these)


def test_a_file_gives_back_the_same_groups(tmp_path: Path) -> None:
    these = [build_group(7, [1, 0, None], attempt=1), build_group(3), replace(build_group(5), attempt=2)]
    write_groups(tmp_path / "buffer.parquet", these)
    assert_same(read_groups(tmp_path / "buffer.parquet"), these)


def test_no_groups_are_a_file_too(tmp_path: Path) -> None:
    write_groups(tmp_path / "buffer.parquet", [])
    assert read_groups(tmp_path / "buffer.parquet") == []


def test_a_step_names_itself_and_its_advantages(tmp_path: Path) -> None:
    log = RolloutLog(tmp_path)
    these = [build_group(4, [1, 0, None]), build_group(5, [0, 0])]
    path = log.append(12, these, {(4, 0): 0.5, (4, 1): -0.5})
    assert path == tmp_path / "rollouts" / "step-000012.parquet"
    table = pq.read_table(path)
    assert table["step"].to_pylist() == [12] * 5
    assert table["advantage"].to_pylist() == [0.5, -0.5, None, None, None]
    assert table["score"].to_pylist() == [1.0, 0.0, None, 0.0, 0.0]
    assert table["group_id"].to_pylist() == [4, 4, 4, 5, 5]
    assert_same(read_groups(path), these)
    assert [file.name for file in log.folder.iterdir()] == [path.name], "nothing half-written stays"


def test_later_steps_are_cut_off(tmp_path: Path) -> None:
    log = RolloutLog(tmp_path)
    log.truncate_after(0)
    for step in (1, 2, 3):
        log.append(step, [build_group(step)], {})
    log.truncate_after(2)
    assert [step for step, _ in log.steps()] == [1, 2]


@pytest.mark.parametrize("content", [None, b"", b"not parquet"])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "buffer.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"buffer\.parquet: cannot be read as rollouts"):
        read_groups(path)


def test_a_folder_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "rollouts").write_text("a file is in the way")
    with pytest.raises(InputError, match="Cannot write"):
        RolloutLog(tmp_path).append(1, [build_group(0)], {})
