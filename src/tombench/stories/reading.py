"""A story's text back to its plot: the proof that a text says what its answers are computed from.

Nothing is known here but the text and the templates of `renderings`.
"""

from dataclasses import replace

from tombench.stories.events import AWAY, Plot, Setting, Tell, actor
from tombench.stories.grammar import Unreadable, sentences
from tombench.stories.reader import Reader

__all__ = ["TextMismatch", "Unreadable", "canonical", "read", "verify"]


class TextMismatch(Exception):
    """A text that does not say what its plot is: a defect here, and no story is made of it."""

    def __init__(self, told: Plot, found: Plot, text: str) -> None:
        super().__init__(f"told {told}\nread {found}\nin {text!r}")
        self.told, self.found = told, found


def read(text: str) -> Plot:
    """The plot that a text tells; agents and containers in the order of their first mention.

    Raises Unreadable. Whether the plot is a possible one, `whereabouts.check` says.
    """
    reader = Reader()
    for sentence in sentences(text):
        reader.take(sentence)
    return reader.plot()


def verify(plot: Plot, text: str) -> None:
    """Raise TextMismatch unless the text says the plot, or Unreadable where it says nothing clear.

    Containers and values that the text never names do not count: nobody in the story deals with
    them.
    """
    found = canonical(read(text))
    told = canonical(_named(plot, found))
    if told != found:
        raise TextMismatch(told, found, text)


def canonical(plot: Plot) -> Plot:
    """The same plot for all that differ in the order of their setting, or in who never appears."""
    setting = plot.setting
    active = {actor(event) for event in plot.events}
    active |= {event.hearer for event in plot.events if isinstance(event, Tell)}
    agents = (agent for agent in setting.agents if agent.room != AWAY or agent.name in active)
    variables = (replace(v, values=tuple(sorted(v.values))) for v in setting.variables)
    in_order = Setting(
        tuple(sorted(agents, key=lambda agent: agent.name)),
        tuple(sorted(setting.containers, key=lambda container: container.name)),
        tuple(sorted(variables, key=lambda variable: variable.subject)),
    )
    return Plot(in_order, plot.events)


def _named(plot: Plot, found: Plot) -> Plot:
    """The plot without the containers and values that the plot read from its text lacks."""
    there = {container.name for container in found.setting.containers}
    said = {variable.subject: variable.values for variable in found.setting.variables}
    setting = plot.setting
    variables = tuple(
        replace(v, values=tuple(value for value in v.values if value in said.get(v.subject, ())))
        for v in setting.variables
    )
    containers = tuple(c for c in setting.containers if c.name in there)
    return Plot(replace(setting, containers=containers, variables=variables), plot.events)
