"""The questions that task=sparsity puts: stories on false belief, and others that need none."""

from tombench.schema import Item
from tombench.stories.suite import HEADLINE, Suite

SEED = "public-dev"


def generated(sets: int) -> list[Item]:
    """The two questions a cell of contrast sets, in words held out from training."""
    suite = Suite(SEED, sets, questions=("reality", "belief", "action"), alterations=False)
    return [item for item in suite.items() if _headline(item)]


def controls(sets: int) -> list[Item]:
    """Questions of reality and memory on further generated stories: no belief is asked for."""
    if not sets:
        return []
    suite = Suite(f"{SEED}/specificity", sets, questions=("reality", "memory"), alterations=False)
    return suite.items()


def _headline(item: Item) -> bool:
    """Is it one of the two questions that a cell of its paradigm is made of?"""
    return item.condition["question_type"] in HEADLINE[item.condition["paradigm"]]
