"""What figures of promptings, stories and planners show, in sentences made of their numbers."""

from collections.abc import Sequence

from tombench.summary.alt_words import count, extremes, listed, percent
from tombench.summary.collect import EvaluatedRun
from tombench.summary.planner_episode import Watched
from tombench.summary.planner_figures import by_questions
from tombench.summary.planner_rows import PlannerRow
from tombench.summary.stories import StoryRow, story_rows
from tombench.summary.tables import heading, row_labels

MOST = 6
"""Runs of a group of stories, or of questions, that are told one by one."""


def accuracy_alt(runs: Sequence[EvaluatedRun]) -> str:
    """Of accuracy by prompting, a panel a model."""
    labels = row_labels(runs)
    models = dict.fromkeys(labels)
    by_model = {
        model: ", ".join(
            f"{heading(run.prompting)} {percent(metric)}"
            for run, label in zip(runs, labels, strict=True)
            if label == model and (metric := run.metrics.get("accuracy"))
        )
        for model in models
    }
    told = listed(f"{model}: {values}" for model, values in by_model.items() if values)
    return (
        f"Points with 95 % intervals: right answers in percent against prompting, a panel each of "
        f"{count(len(models), 'model')}. {told or 'No accuracy is known'}.{_constant(runs)}"
    )


def stories_alt(runs: Sequence[EvaluatedRun]) -> str:
    """Of belief by cell, pairs and whole sets, a panel the runs on the same stories."""
    groups: dict[str, list[StoryRow]] = {}
    for row in story_rows(runs, shortcuts=False):
        groups.setdefault(row.stories, []).append(row)
    told = [f"{name}, {own[0].sets} sets: {_story_group(own)}" for name, own in groups.items()]
    return (
        f"Points with 95 % intervals: right answers in percent to the question on belief in "
        f"false-belief stories and in each control, then whole pairs and sets; "
        f"{count(len(groups), 'panel')}. {'. '.join(told)}. Dashes: who always says what is so, "
        "who gets no false belief."
    )


def types_alt(rows: Sequence[PlannerRow]) -> str:
    """Of right answers by question type."""
    told = []
    for questions, own in by_questions(rows).items():
        each = listed((f"{row.policy} {percent(row.size)}" for row in own), MOST)
        told.append(f"{questions}, {own[0].size.n} questions, all types: {each}")
    return (
        "Points with 95 % intervals: right answers in percent by question type, then belief, goal "
        f"and both averages. {'. '.join(told)}. A line marks chance, 50 %; dashes mark published "
        "scores where there are any."
    )


def worlds_alt(rows: Sequence[PlannerRow]) -> str:
    """Of right answers by world."""
    told = []
    for row in rows:
        if row.planner.themes in ((), ("home",)):
            continue
        scores = [
            f"{theme.replace('_', ' ')} {percent(metric)}"
            for theme in row.planner.themes
            if (metric := row.planner.at("theme", theme, "accuracy_macro"))
        ]
        told.append(f"{row.policy}: {', '.join(scores)}")
    return (
        "Points with 95 % intervals: right answers in percent, mean of the question types, at home "
        f"and in other worlds. {listed(told)}."
    )


def alpha_alt(rows: Sequence[PlannerRow]) -> str:
    """Of weak-to-strong against alpha."""
    told = []
    for row in rows:
        sweep = row.planner.alpha_sweep
        if sweep:
            best = max(sweep, key=lambda point: point.accuracy)
            told.append(
                f"{row.policy}: {percent(sweep[0].accuracy)} at alpha {sweep[0].alpha:g}, "
                f"{percent(sweep[-1].accuracy)} at {sweep[-1].alpha:g}, most at {best.alpha:g} "
                f"({percent(best.accuracy)})"
            )
    return (
        "Lines: right answers in percent, and beside them the log score in nats, against alpha, "
        "the weight of what training taught the small model; horizontal lines are each model "
        f"alone. {listed(told)}."
    )


def reliability_alt(rows: Sequence[PlannerRow]) -> str:
    """Of how often (a) was right against how probable it was held."""
    told = []
    for row in rows:
        if bins := row.planner.reliability:
            n = sum(one.n for one in bins)
            apart = sum(one.n * abs(one.share - one.mean_probability) for one in bins) / n
            told.append(f"{row.policy} on {row.questions}: {100 * apart:.1f} points apart")
    return (
        "Curves: how often option (a) was right against the probability that it was given, both in "
        "percent; on the diagonal probabilities can be trusted, and larger marks are of more "
        f"questions. Mean distance from the diagonal: {listed(told)}."
    )


def episode_alt(story: Watched) -> str:
    """Of one episode: the apartment, the way, and the posterior."""
    first, second = story.options
    key = story.episode.query.key
    steps = [f"{step.action}: {100 * step.probability_a:.0f} %" for step in story.steps]
    return (
        f"A floor plan with the way of {story.episode.person}, and below it P(a) after each step. "
        f"{story.question} (a) {first}; (b) {second}. From {100 * story.prior_a:.0f} %, "
        f"{listed(steps)}.{f' Right is ({key}).' if key else ''}"
    )


def _story_group(rows: Sequence[StoryRow]) -> str:
    """Each run of few; of many the least and the most."""
    belief = {row.label: m for row in rows if (m := row.score("false_belief_accuracy"))}
    pairs = {row.label: m for row in rows if (m := row.score("pair_accuracy"))}
    if len(belief) > MOST:
        least, most = extremes([(name, metric.value) for name, metric in belief.items()])
        return (
            f"{len(rows)} runs, false belief from {percent(belief[least])} ({least}) to "
            f"{percent(belief[most])} ({most})"
        )
    return listed(
        f"{name}: false belief {percent(metric)}"
        + (f", pairs {percent(pairs[name])}" if name in pairs else "")
        for name, metric in belief.items()
    )


def _constant(runs: Sequence[EvaluatedRun]) -> str:
    known = [m.value for run in runs if (m := run.metrics.get("baseline/majority"))]
    if not known:
        return ""
    least, most = percent(min(known)), percent(max(known))
    told = least if least == most else f"{least} to {most}"
    return f" Dashes mark the best constant answer, {told}."
