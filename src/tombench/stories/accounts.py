"""Stories and what is so in them: where things are and were, who was there, who saw what.

No belief is spoken of. `draw_look` is the exception that makes a naive reader of the pretrained
model: somebody who was there all the time looks for a thing where it is, whatever they were told.
"""

from dataclasses import replace
from random import Random

from tombench.stories.asking import Asker, ask
from tombench.stories.casting import draw_cast, draw_frame, draw_voice
from tombench.stories.contrast import CELLS, cell_plot
from tombench.stories.events import AWAY, Enter, Exit, Move, Plot, Tell, actor
from tombench.stories.lexicon import TRAINING, Lexicon, scrambled
from tombench.stories.queries import Query, first_value, last_dealer, saw_last
from tombench.stories.telling import Voice, tell
from tombench.stories.text import Text
from tombench.stories.wandering import wander
from tombench.stories.whereabouts import after, at_first, facts_after

QUESTION_SHARE = 0.25  # of what is said of a story: as a question with its answer
MULTIPLE_CHOICE_SHARE = 0.15  # of these questions that have values
SCRAMBLED_SHARE = 0.4  # of the stories
HEADER_SHARE = 0.15
HEADER = "Complete the following story: "


def draw_account(rng: Random, progress: float) -> Text:
    """A story and two to six things that are so in it; longer stories as training goes on."""
    moves = 1 if rng.random() > 4 * progress else rng.randint(1, 4)
    plot, voice = draw_story(rng, moves)
    said = dict.fromkeys(_something(rng, plot, voice) for _ in range(rng.randint(2, 6)))
    header = HEADER if rng.random() < HEADER_SHARE else ""
    return Text(f"{header}{tell(plot, voice)}", f" {' '.join(said)}")


def draw_story(rng: Random, moves: int) -> tuple[Plot, Voice]:
    """People who come and go and move things, or one who finds a container with a label."""
    lexicon = scrambled(rng) if rng.random() < SCRAMBLED_SHARE else TRAINING
    return wander(rng, lexicon, moves) if rng.random() < 0.75 else _labelled(rng, lexicon)


def draw_look(rng: Random) -> Text:
    """Somebody who was there all the time looks for a thing."""
    while True:
        plot, voice = wander(rng, TRAINING, moves=rng.randint(1, 2))
        thing = rng.choice(plot.setting.variables).subject
        present = _always_there(plot)
        if present:
            break
    query = Query("action", thing, (rng.choice(present),))
    value = facts_after(plot)[thing]
    said = f" {Asker(plot, voice).beginning(query, value)} {value}."
    return Text(tell(plot, voice), said)


def _labelled(rng: Random, lexicon: Lexicon) -> tuple[Plot, Voice]:
    """A story of the contents paradigm, without what its protagonist believes."""
    cast = draw_cast(rng, lexicon)
    cell = rng.choice(CELLS["contents"])
    frame = replace(draw_frame(rng), other_looks=True)
    return cell_plot("contents", cell, cast, frame), draw_voice(rng, cast, "training")


def _something(rng: Random, plot: Plot, voice: Voice) -> str:
    """One true sentence, or a question with its answer."""
    subject = rng.choice(plot.setting.variables).subject
    draw = rng.random()
    if draw < 0.3:
        query, value = Query("reality", subject), facts_after(plot)[subject]
    elif draw < 0.6:
        query, value = Query("memory", subject), first_value(plot, subject)
    elif draw < 0.72 or not (witness := percept_query(rng, plot, subject)):
        return _presence(rng, plot)
    else:
        return _percept(rng, plot, voice, witness)
    asker = Asker(plot, voice)
    if rng.random() < QUESTION_SHARE:
        form = "multiple_choice" if rng.random() < MULTIPLE_CHOICE_SHARE else "yes_no"
        put = ask("", query, value, asker, form)
        return f"{put.question.ask} {put.options[value]}."
    return f"{asker.beginning(query, value)} {value}."


def _presence(rng: Random, plot: Plot) -> str:
    """Where somebody is in the end."""
    where = at_first(plot.setting)
    for event in plot.events:
        where = after(where, event)
    rooms = {container.room for container in plot.setting.containers}
    agent = rng.choice(named(plot))
    room = where.room[agent]
    return f"{agent} is {'not ' if room == AWAY else ''}in the {min(rooms)} now."


def percept_query(rng: Random, plot: Plot, subject: str) -> Query | None:
    """Whether somebody saw what another did with the subject; None where no other did anything."""
    names = named(plot)
    if plot.setting.is_place(subject):
        dealt = {e.agent for e in plot.events if isinstance(e, Move) and e.thing == subject}
        names = [name for name in names if dealt - {name}]
    return Query("percept", subject, (rng.choice(names),)) if names else None


def _percept(rng: Random, plot: Plot, voice: Voice, query: Query) -> str:
    """Whether somebody saw the last that another did to a subject."""
    (agent,), subject = query.chain, query.subject
    saw = saw_last(plot, agent, subject)
    if rng.random() < 2 * QUESTION_SHARE:
        said = "yes" if saw else "no"
        put = ask("", query, said, Asker(plot, voice), "yes_no")
        return f"{put.question.ask} {put.options[said]}."
    return f"{agent} {percept_statement(plot, agent, subject)}."


def percept_statement(plot: Plot, agent: str, subject: str) -> str:
    """What is so of an agent: "did not look inside the box", and the like."""
    saw = saw_last(plot, agent, subject)
    if not plot.setting.is_place(subject):
        return f"{'looked' if saw else 'did not look'} inside the {subject}"
    other = last_dealer(plot, agent, subject)
    return f"{'saw' if saw else 'did not see'} the last thing that {other} did with the {subject}"


def named(plot: Plot) -> list[str]:
    """Those of whom the story speaks."""
    acting = {actor(event) for event in plot.events}
    told = {event.hearer for event in plot.events if isinstance(event, Tell)}
    return [a.name for a in plot.setting.agents if a.room != AWAY or a.name in acting | told]


def _always_there(plot: Plot) -> list[str]:
    """Those who never leave the room."""
    moved = {event.agent for event in plot.events if isinstance(event, Enter | Exit)}
    return [a.name for a in plot.setting.agents if a.room != AWAY and a.name not in moved]
