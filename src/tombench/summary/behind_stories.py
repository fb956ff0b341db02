"""Which records of a story suite a metric comes from: questions, cells, forced or drawn answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tombench.stories.alterations import ALTERATIONS
from tombench.stories.contrast import CELLS, MATCHED
from tombench.stories.suite import HEADLINE
from tombench.summary.restrictions import Only, both, joined

FALSE_BELIEF = "false_belief"
BELIEF = {paradigm: asked[1:] for paradigm, asked in HEADLINE.items()}
IN_SETS = tuple(dict.fromkeys(cell for cells in CELLS.values() for cell in cells))
CONTROLS = tuple(cell for cell in IN_SETS if cell != FALSE_BELIEF)
PAIRED = (FALSE_BELIEF, *MATCHED.values())
READINGS = ("first_word", "free_text")
"""How drawn answers were read, which begins the names of their metrics."""
MUST_FLIP: Mapping[str, tuple[str, ...]] = {
    word: tuple(
        name
        for named in ALTERATIONS.values()
        for name, altered in named.items()
        if altered.flips == flips
    )
    for word, flips in (("yes", True), ("no", False))
}
"""The alterations that must change the answer, and those that must not."""


@dataclass(frozen=True)
class Put:
    """How stories were put, as far as it decides what a number is of."""

    repetitions: int  # answers drawn for a question beside the forced choice
    types: tuple[str, ...] | None = None  # of questions, asked in every paradigm; None: headline's
    alterations: bool = True  # may there be cells of no set?


def put_of(words: str) -> Put:
    """From a run's words on how its task puts its items, key=value."""
    told = dict(word.partition("=")[::2] for word in words.split(" "))
    types = tuple(told["questions"].split(",")) if "questions" in told else None
    return Put(int(told.get("repetitions", 0)), types, told.get("alterations") != "False")


def story_only(put: Put, name: str) -> Only:
    """Restrictions to what a metric of a story suite is computed from.

    Forced choices are repetition 0 where answers were drawn too. A unit's records are those of all
    its questions; `belief_given_controls` has the controls with it.
    """
    if name == "errors":
        return {}
    if name == "unparsed":
        drawn = put.repetitions > 0
        return both({"answer": ("unparsed",)}, answers(put, drawn=drawn))
    reading = next((one for one in READINGS if name.startswith(one)), None)
    unit = name.removeprefix(f"{reading}/") if reading else name
    return both(_unit(put, unit), answers(put, drawn=reading is not None))


def in_sets(put: Put) -> Only:
    """Restriction to the cells of contrast sets, where a run may have others."""
    return {"cell": IN_SETS} if put.alterations else {}


def answers(put: Put, *, drawn: bool) -> Only:
    """Restriction to forced choices, or to drawn answers; none where nothing was drawn."""
    if not put.repetitions:
        return {}
    return {"repetition": tuple(map(str, range(1, put.repetitions + 1))) if drawn else ("0",)}


def _asked(put: Put, questions: Mapping[str, tuple[str, ...]]) -> Only:
    """Restriction to questions that differ by paradigm.

    A suite whose every paradigm asks every type needs pairs of paradigm and type; one that asks
    the headline's questions alone is told by their types.
    """
    pairs = [(paradigm, one) for paradigm, own in questions.items() for one in own]
    if put.types is None:
        return {"question_type": _once(one for _, one in pairs)}
    pairs = [pair for pair in pairs if pair[1] in put.types]
    paradigms, names = _once(one for one, _ in pairs), _once(one for _, one in pairs)
    if len(pairs) < len(paradigms) * len(names):
        return joined(("paradigm", "question_type"), pairs)
    plain = {"question_type": names}
    return plain if len(paradigms) == len(questions) else plain | {"paradigm": paradigms}


def _unit(put: Put, name: str) -> Only:
    """Of forced or drawn answers alike."""
    belief = _asked(put, BELIEF)
    if name in ("contrast_set_accuracy", "cell_accuracy"):
        return both(in_sets(put), _asked(put, HEADLINE))
    if name == "belief_accuracy":
        return both(in_sets(put), belief)
    if name == "belief_given_controls":
        read = {key: ("reality", "memory", *own) for key, own in BELIEF.items()}
        return both(in_sets(put), _asked(put, read))
    cells = {
        "pair_accuracy": PAIRED,
        "false_belief_accuracy": (FALSE_BELIEF,),
        "reality_bias": (FALSE_BELIEF,),
        "true_belief_accuracy": CONTROLS,
    }
    if name in cells:
        return both({"cell": cells[name]}, belief)
    return {"answer": ("tie",)} if name == "ties" else {}


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
