"""Yes/no questions about a scene, each with the right answer restated and a short reason.

Every form is balanced: the caller names the wanted answer, and the scene or the predicate that
is asked about is chosen so that it is right. Belief questions have false and true beliefs alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tombench.stories.scenes import ACCESSES, Scene, draw_scene

VERBS = ("think", "think", "believe", "assume", "expect")


@dataclass(frozen=True)
class Question:
    """A question about a story with its answer."""

    story: str
    kind: str  # belief, knowledge, reality, memory, presence
    form: str  # within the kind: think or expect, know or see
    belief: str  # what the observer's belief is: false, true
    text: str  # "Does Mara think that the ball is in the box?"
    answer: bool
    statement: str  # the answer in full, without its Yes or No
    reasons: tuple[str, ...]  # sentences that lead to it


def draw_question(rng: Random, kind: str, answer: bool, informed: bool | None = None) -> Question:
    """A question of one of `KINDS` with the wanted answer.

    `informed` says whether the observer knows of the change; None draws it. Knowledge and
    presence questions ask about the access itself, so their answer decides it instead.
    """
    form = rng.choice(list(_FORMS[kind]))
    word, asks_about = _FORMS[kind][form]
    wanted = rng.random() < 0.5 if informed is None else informed
    turns_on = asks_about or "informed"
    wanted = answer if asks_about else wanted
    scene = draw_scene(rng, tuple(one for one in ACCESSES if getattr(one, turns_on) == wanted))
    wording = word(rng, scene, _predicate(scene, kind, answer))
    return Question(
        scene.story,
        kind,
        form,
        "true" if scene.access.informed else "false",
        wording.ask,
        answer,
        wording.yes if answer else wording.no,
        _reasons(scene, kind),
    )


def _predicate(scene: Scene, kind: str, answer: bool) -> str:
    """What to ask about so that `answer` is right."""
    change = scene.change
    truths = {"belief": scene.believed, "reality": change.after, "memory": change.before}
    truth = truths.get(kind, change.after)
    if answer or kind not in truths:
        return truth
    return change.before if truth == change.after else change.after


def _reasons(scene: Scene, kind: str) -> tuple[str, ...]:
    """One or two sentences that lead to the answer, the last of them its substance."""
    change, who = scene.change, scene.observer.name
    if kind == "memory":
        return (change.start,)
    if kind == "reality":
        now = change.clause(change.after)
        return (f"{scene.actor.name} {change.event}.", f"{now[0].upper()}{now[1:]}.")
    if kind in ("knowledge", "presence"):
        return (scene.access.why,)
    return (scene.access.why, f"So {who} thinks that {change.clause(scene.believed)}.")


@dataclass(frozen=True)
class _Wording:
    """A question's words, and both full answers."""

    ask: str
    yes: str
    no: str


def _mental(rng: Random, scene: Scene, verb: str, rest: str) -> _Wording:
    """Does the observer `verb` the `rest`? In half the cases it opens with its moment."""
    who, not_ = scene.observer.name, rng.choice(("does not", "doesn't"))
    ask = f"Does {who} {verb} {rest}?"
    if rng.random() < 0.5:
        ask = f"{scene.moment}, does {scene.they} {verb} {rest}?"
    return _Wording(ask, f"{who} {verb}s {rest}.", f"{who} {not_} {verb} {rest}.")


def _believe(rng: Random, scene: Scene, predicate: str) -> _Wording:
    that = rng.choice(("that ", ""))
    return _mental(rng, scene, rng.choice(VERBS), f"{that}{scene.change.clause(predicate)}")


def _expect(rng: Random, scene: Scene, predicate: str) -> _Wording:
    change = scene.change
    if change.plot == "place":
        return _mental(rng, scene, "expect", f"to find {change.subject} {predicate}")
    return _mental(rng, scene, "expect", f"that {change.clause(predicate)}")


def _know(rng: Random, scene: Scene, predicate: str) -> _Wording:
    return _mental(rng, scene, "know", f"that {scene.change.clause(predicate)}")


def _find(rng: Random, scene: Scene, predicate: str) -> _Wording:
    who, rest = scene.observer.name, f"that {scene.change.clause(predicate)}"
    ask = f"{scene.moment}, does {scene.they} find {rest}?"
    return _Wording(ask, f"{who} finds {rest}.", f"{who} does not find {rest}.")


def _see(rng: Random, scene: Scene, predicate: str) -> _Wording:
    who, what = scene.observer.name, f"that {scene.actor.name} {scene.change.event}"
    return _Wording(f"Did {who} see {what}?", f"{who} saw {what}.", f"{who} did not see {what}.")


def _be(rng: Random, scene: Scene, predicate: str) -> _Wording:
    subject, be = scene.change.subject, scene.change.be()
    ask = f"{be.capitalize()} {subject} {rng.choice(('now', 'really'))} {predicate}?"
    return _Wording(ask, f"{subject} {be} {predicate}.", f"{subject} {be} not {predicate}.")


def _first(rng: Random, scene: Scene, predicate: str) -> _Wording:
    subject, was, rest = scene.change.subject, scene.change.be("past"), f"{predicate} at first"
    ask = f"{was.capitalize()} {subject} {rest}?"
    return _Wording(ask, f"{subject} {was} {rest}.", f"{subject} {was} not {rest}.")


def _present(rng: Random, scene: Scene, predicate: str) -> _Wording:
    who = scene.observer.name
    rest = f"in the {scene.room} when {scene.actor.name} {scene.change.event}"
    return _Wording(f"Was {who} {rest}?", f"{who} was {rest}.", f"{who} was not {rest}.")


_Word = Callable[[Random, Scene, str], _Wording]

_FORMS: dict[str, dict[str, tuple[_Word, str]]] = {  # form: its words, what of Access it asks for
    "belief": {"believe": (_believe, ""), "expect": (_expect, "")},
    "knowledge": {"know": (_know, "informed"), "see": (_see, "saw")},
    "reality": {"is": (_be, ""), "find": (_find, "")},
    "memory": {"at first": (_first, "")},
    "presence": {"in the room": (_present, "present")},
}
KINDS = tuple(_FORMS)
