"""What a failure goes back to."""

import ray


def root_cause(error: BaseException) -> BaseException:
    """What a task group, or an actor, failed of."""
    while True:
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        elif isinstance(error, ray.exceptions.RayTaskError) and isinstance(error.cause, BaseException):
            error = error.cause
        else:
            return error
