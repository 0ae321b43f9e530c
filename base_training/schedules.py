"""Learning rates over a run, as shares of the peak."""

import math

from base_training.config import OptimizerSection


def constant(progress: float) -> float:
    """1 throughout."""
    return 1.0


def cosine(progress: float) -> float:
    """Half a cosine wave from 1 to 0."""
    return 0.5 * (1 + math.cos(math.pi * progress))


def linear(progress: float) -> float:
    """A straight line from 1 to 0."""
    return 1 - progress


SCHEDULES = {"constant": constant, "cosine": cosine, "linear": linear}


def lr_multiplier(section: OptimizerSection, step: int, total_steps: int) -> float:
    """Share of the peak learning rate at one optimizer step.

    Warm-up rises linearly and reaches the peak at the last of ``warmup_steps``; then the schedule falls to
    ``min_lr_ratio`` at the run's last step.

    Args:
        section: Names the schedule, the length of the warm-up and the lowest share.
        step: Optimizer steps taken before this one, from 0.
        total_steps: Optimizer steps of the whole run.
    """
    if step < section.warmup_steps:
        return (step + 1) / section.warmup_steps
    decay_steps = max(1, total_steps - 1 - section.warmup_steps)
    progress = min(1.0, (step - section.warmup_steps) / decay_steps)
    lowest = section.min_lr_ratio
    return lowest + (1 - lowest) * SCHEDULES[section.schedule](progress)
