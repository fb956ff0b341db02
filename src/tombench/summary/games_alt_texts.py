"""What figures of games show, in sentences made of their numbers."""

from collections.abc import Sequence
from math import isfinite

from tombench.strategy.payoffs import DILEMMAS
from tombench.summary.alt_words import count, listed, percent, signed
from tombench.summary.games_learned import STUDENT, UNTUNED, learned
from tombench.summary.games_rates import amounts, rate
from tombench.summary.games_records import dilemmas
from tombench.summary.games_roles import Chooser, Lesson
from tombench.summary.games_sensitivity import dependences


def choices_alt(found: Sequence[Chooser]) -> str:
    """Of how often the first action is chosen, by game and context."""
    told = []
    for chooser in found:
        own = dilemmas(chooser.cells)
        by_game = {game: rate([c for c in own if c.of("game") == game]) for game in DILEMMAS}
        scores = [f"{game} {percent(metric)}" for game, metric in by_game.items() if metric]
        told.append(f"{chooser.label}: {', '.join(scores) or 'none of these games'}")
    contexts = {cell.of("context") for chooser in found for cell in dilemmas(chooser.cells)}
    return (
        "Points with 95 % intervals: how often the first action, C, is chosen of all choices that "
        f"could be read, a panel a game, against {count(len(contexts), 'context')}; contexts that "
        f"nobody is trained on stand at the right. Over contexts: {listed(told)}."
    )


def donations_alt(found: Sequence[Chooser]) -> str:
    """Of what is given in the public goods game."""
    told = []
    for chooser in found:
        given = amounts([cell for cell in chooser.cells if cell.donation])
        if given:
            mean = sum(float(amount) * share for amount, share in given.items())
            often = max(given, key=lambda amount: given[amount])
            told.append(
                f"{chooser.label}: mean {mean:.2f} points, most often {often} "
                f"({percent(given[often])})"
            )
    return (
        "Bars: the share of answers by points given in the public goods game, dotted lines the "
        f"means. {listed(told) or 'Nobody gave an answer'}."
    )


def gaps_alt(lesson: Lesson) -> str:
    """Of what was learnt, cell by cell."""
    told = []
    for one in learned(lesson):
        after = f"student {one.gaps[STUDENT]:.3f}"
        before = f", untuned {one.gaps[UNTUNED]:.3f}" if UNTUNED in one.gaps else ""
        closed = one.closed and one.closed.value == one.closed.value
        gap = f", gap closed {signed(one.closed.value)}" if closed and one.closed else ""
        told.append(f"{one.part}, {count(one.cells, 'cell')}: {after}{before}{gap}")
    return (
        f"Maps of contexts by games for {lesson.student.label}: share of first actions less the "
        "teacher's, before and after training, and the study's improvement in percent, each cell "
        f"with its number. Mean distance from the teacher: {listed(told) or 'not known'}."
    )


def awareness_alt(found: Sequence[Chooser]) -> str:
    """Of how much of the choices game and context explain."""
    told = []
    for chooser in found:
        for one in dependences(chooser):
            game, context = one.shares.alone.row.value, one.shares.alone.column.value
            if isfinite(game) and isfinite(context):  # not where all is chosen alike
                shares = f"game {percent(game)}, context {percent(context)}"
                told.append(f"{chooser.label}, {one.part}: {shares}")
    return (
        "Bars by model and part: the share of deviance that the game, the context and their "
        "interaction each explain; points are net of sampling error with 95 % intervals. "
        f"{listed(told) or 'There is nothing to explain: choices do not differ, 0 %'}."
    )
