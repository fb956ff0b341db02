"""The timeline as a table, by hand; and found again from an item's id, in stage=show too."""

import pytest

from tombench.cli import run
from tombench.stories.events import (
    Agent,
    Container,
    Enter,
    Exit,
    Move,
    Peek,
    Plot,
    Setting,
    Variable,
)
from tombench.stories.lexicon import Person
from tombench.stories.suite import Suite
from tombench.stories.telling import Voice, tell
from tombench.summary.timeline_grid import story_of, timeline_grid

ROOM = "kitchen"
PEOPLE = {
    "Sally": Person("Sally", "she", "her", "her"),
    "Anne": Person("Anne", "she", "her", "her"),
}
VOICE = Voice("00", "past", "narrative", "training", PEOPLE)
SETTING = Setting(
    (Agent("Sally", ROOM), Agent("Anne", ROOM)),
    (Container("basket", ROOM), Container("box", ROOM)),
    (Variable("ball", ("basket", "box"), "basket"),),
)


def test_sally_and_anne():
    events = (
        *(Move("Sally", "ball", "basket"), Exit("Sally"), Move("Anne", "ball", "box")),
        Enter("Sally", ROOM),
    )
    grid = timeline_grid(Plot(SETTING, events), VOICE)
    assert grid.header[2:] == (
        *("The ball is in", "Sally thinks", "Anne thinks", "Anne about Sally", "Sally about Anne"),
    )
    unknown = "basket or box?"
    assert [row[0] for row in grid.rows] == ["", "1", "2", "3", "4"]
    assert [row[2:] for row in grid.rows] == [
        ("basket", unknown, unknown, unknown, unknown),
        ("basket", "● basket", "● basket", "basket", "basket"),
        ("basket", "● basket (away)", "● basket", "basket", "basket"),
        ("box", "○ basket (false, away)", "● box", "basket", "basket (false)"),
        ("box", "● basket (false)", "● box", "basket", "basket (false)"),
    ]
    assert grid.notes == ("● perceives the event; ○ does not perceive it; ? does not know which.",)
    told = " ".join(row[1].replace("\n", " ") for row in grid.rows)
    assert told == tell(Plot(SETTING, events), VOICE)


def test_who_watches_unseen():
    events = (Exit("Sally"), Peek("Sally", ROOM), Move("Anne", "ball", "box"))
    grid = timeline_grid(Plot(SETTING, events), VOICE)
    assert grid.rows[3][3:5] == ("◐ box (watching)", "● box")
    assert "◐ perceives it unseen" in grid.notes[0]


@pytest.mark.parametrize("words", ["training", "nonsense"])
def test_every_item_leads_back_to_its_story(words):
    suite = Suite(seed="grid", sets=2, words=words)
    items = suite.items()
    assert len({item.condition["cell"] for item in items}) > 12
    for item in items:
        assert tell(*story_of(suite, item.id)) == item.content.story


def test_an_item_of_another_suite():
    suite = Suite(seed="grid", sets=1)
    with pytest.raises(KeyError):
        story_of(suite, "0123456789/false_belief.original/action")
    with pytest.raises(KeyError):
        story_of(suite, f"{suite.contrast_set(0).id}/no_such_cell.original/action")


def test_stage_show_ends_with_the_timeline(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("STORIES", "a secret that is long enough")
    words = ["task.suite=generated", "task.sets=1", "task.story_seed=env:STORIES", "backend=mock"]
    assert run([*words, f"output_root={tmp_path}", "quiet=true"]) == 0
    folder = capsys.readouterr().out.splitlines()[-1].removeprefix("results: ")
    story = Suite(seed="a secret that is long enough", sets=1).contrast_set(0)
    show = ["stage=show", f"run={folder}", f"item={story.id}/glass.original/action"]
    assert run(show) == 0
    shown = capsys.readouterr().out
    assert shown.count("Who believes what after each event") == 1
    assert f"{story.cast('original').protagonist.name} thinks" in shown
    monkeypatch.setenv("STORIES", "another secret, as long as the first")
    assert run(show) == 0
    assert "the seed, or the generator, is another than the run's" in capsys.readouterr().out
    monkeypatch.delenv("STORIES")
    assert run(show) == 0
    assert "timeline  not shown: task.story_seed=env:STORIES" in capsys.readouterr().out
