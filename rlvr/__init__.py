"""Asynchronous reinforcement learning from verifiable rewards."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlvr.run import Run, launch, resume

__all__ = ["Run", "launch", "resume"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        import rlvr.run

        return getattr(rlvr.run, name)
    raise AttributeError(f"module 'rlvr' has no attribute {name!r}")
