"""What stage=eval prints of a planner run."""

from summary.planner_toy import metrics_of

from tombench.schema import Metric
from tombench.stages.headline import headline


def told(**more: float) -> list[str]:
    metrics = {name: Metric(**found) for name, found in metrics_of(0.9, **more).items()}
    return headline(metrics, drawn=False)


def test_averages_and_what_stands_beside():
    assert told() == [
        "90.0 [84, 95] % of 40 right, macro 89.0 [83, 94], belief 91.0 [85, 96], "
        "goal 87.0 [81, 92], ties 4.0",
        "beside it: observer 97.5, best shortcut 79.6 (last target)",
    ]


def test_the_study_s_rule_the_exact_posterior_and_what_could_not_be_asked():
    more = {"study_accuracy": 0.8, "exact/accuracy": 0.91, "unparsed": 0.05}
    first, second = told(**more)
    assert first.endswith("ties 4.0, unparsed 5.0, by the study's rule and key 80.0 [74, 85]")
    assert second.endswith("(last target), exact observer 91.0")
