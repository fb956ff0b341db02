"""The seed that generated stories follow from: open, or secret behind a commitment.

Who names `env:NAME` keeps the seed in an environment variable. It is never written anywhere; its
sha256 is, so that the seed can be shown later to be the one that was used.
"""

import hashlib
import os
import re

from tombench.errors import UserError

ENVIRONMENT = "env:"
LEAST_SECRET = 16
"""Characters; a shorter secret could be found by trying."""


def read_seed(named: str) -> str:
    """The seed itself.

    Raises:
        UserError: the environment variable is not set, or its text is too short for a secret.
    """
    if not named.startswith(ENVIRONMENT):
        return named
    name = named.removeprefix(ENVIRONMENT)
    seed = os.environ.get(name, "")
    if not re.fullmatch(r"\w+", name) or not seed:
        raise UserError(
            f"task.story_seed={named}: no environment variable '{name}' is set; export it, or give "
            "the seed itself"
        )
    if len(seed) < LEAST_SECRET:
        raise UserError(
            f"task.story_seed={named}: the seed has {len(seed)} characters; a secret one needs "
            f"{LEAST_SECRET} or more"
        )
    return seed


def commitment_to(seed: str, expected: str | None = None) -> str:
    """sha256 of the seed, 64 hex digits.

    Raises:
        UserError: it is not the commitment that is expected.
    """
    found = hashlib.sha256(seed.encode()).hexdigest()
    if expected not in (None, found):
        raise UserError(
            f"task.commitment={expected}: the seed's sha256 is another; give the seed that this "
            "commits to in task.story_seed"
        )
    return found
