"""Loaded by the server that engines are forked from: it ends with its worker, and what it forks ends with it.

An engine holds one end of the pipe by which Python's server notices that nobody needs it any more. So a worker
that is killed would leave both behind, with all the engine's memory.
"""

import os

from rewards.sandbox.kernel import die_with_parent

die_with_parent()
os.register_at_fork(after_in_child=die_with_parent)
