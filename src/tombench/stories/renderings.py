"""How events are put into English: the templates that the teller fills and the reader reads back.

A story is told in one tense and style, and each sort of event in one wording, in all its cells.
A sentence starts with a name, "The", "In", "It" or "Unseen": the teller puts connectives before
names alone.
"""

from tombench.stories.hearsay import HEARSAY
from tombench.stories.openings import OPENINGS
from tombench.stories.sentences import Rendering, Style, sort_of

__all__ = ["RENDERINGS", "Rendering", "Style"]

_HANDLING: dict[str, tuple[Rendering, ...]] = {
    "put": sort_of(
        [
            "{a} [put|puts] the {x} {in} the {p}.",
            "{a} [left|leaves] the {x} {in} the {p}.",
            "{a} [took|takes] the {x} and [put|puts] it {in} the {p}.",
        ],
        [
            "{a} [laid|lays] the {x} {in} the {p}.",
            "{a} [stored|stores] the {x} {in} the {p}.",
            "The {x} [was|is] put {in} the {p} by {a}.",
            "It [was|is] {a} who [put|puts] the {x} {in} the {p}.",
            "It [was|is] {in} the {p} that {a} [put|puts] the {x}.",
        ],
        ['"I am putting the {x} {in} the {p}," [said|says] {a}.'],
    ),
    "move": sort_of(
        [
            "{a} [took|takes] the {x} {out} the {p} and [put|puts] it {in} the {q}.",
            "{a} [moved|moves] the {x} from the {p} to the {q}.",
            "{a} [took|takes] the {x} from the {p} and [put|puts] it {in} the {q}.",
        ],
        [
            "{a} [carried|carries] the {x} from the {p} over to the {q}.",
            "{a} [lifted|lifts] the {x} {out} the {p} and [laid|lays] it {in} the {q}.",
            "The {x} [was|is] taken {out} the {p} by {a} and put {in} the {q}.",
            "It [was|is] {a} who [took|takes] the {x} {out} the {p} "
            "and [put|puts] it {in} the {q}.",
            "It [was|is] {in} the {q} that {a} [put|puts] the {x} after taking it {out} the {p}.",
        ],
        ['"I am moving the {x} from the {p} to the {q}," [said|says] {a}.'],
    ),
    "put_back": sort_of(
        [
            "{a} [took|takes] the {x} {out} the {p} and [put|puts] it back {in} the {p}.",
            "{a} [moved|moves] the {x} from the {p} back to the {p}.",
            "{a} [took|takes] the {x} from the {p} and [put|puts] it back {in} the {p}.",
        ],
        [
            "{a} [carried|carries] the {x} around and [laid|lays] it back {in} the {p}.",
            "{a} [lifted|lifts] the {x} {out} the {p} and [laid|lays] it back {in} the {p}.",
            "The {x} [was|is] taken {out} the {p} by {a} and put back {in} the {p}.",
            "It [was|is] {a} who [took|takes] the {x} {out} the {p} and [put|puts] it back there.",
            "It [was|is] back {in} the {p} that {a} [put|puts] the {x} "
            "after taking it {out} the {p}.",
        ],
        ['"I am moving the {x} from the {p} back to the {p}," [said|says] {a}.'],
    ),
    "fill": sort_of(
        [
            "{a} [emptied|empties] the {p} and [filled|fills] it with {v}.",
            "{a} [packed|packs] the {p} full of {v}.",
        ],
        [
            "{a} [cleared|clears] out the {p} and [stuffed|stuffs] it with {v}.",
            "The {p} [was|is] emptied by {a} and filled with {v}.",
            "It [was|is] {a} who [emptied|empties] the {p} and [filled|fills] it with {v}.",
        ],
        ['"I am filling the {p} with {v}," [said|says] {a}.'],
    ),
    "swap": sort_of(
        ["{a} [swapped|swaps] what [was|is] in the {p} and what [was|is] in the {q}."],
        [
            "{a} [exchanged|exchanges] what the {p} and the {q} [held|hold].",
            "The contents of the {p} and of the {q} [were|are] swapped by {a}.",
            "It [was|is] {a} who [swapped|swaps] the contents of the {p} and of the {q}.",
        ],
    ),
    "look": sort_of(
        [
            "{a} [opened|opens] the {p} and [looked|looks] inside.",
            "{a} [looked|looks] into the {p}.",
        ],
        [
            "{a} [peered|peers] into the {p}.",
            "{a} [took|takes] a look inside the {p}.",
            "{a} [checked|checks] what [was|is] inside the {p}.",
            "The {p} [was|is] opened by {a}, who [looked|looks] inside.",
            "It [was|is] {a} who [looked|looks] into the {p}.",
        ],
    ),
    "read_label": sort_of(
        ["{a} [read|reads] the label on the {p}.", "{a} [looked|looks] at the label on the {p}."],
        [
            "{a} [studied|studies] the label of the {p}.",
            "{a} [had|has] a look at the label on the {p}.",
            "{a} [went|goes] up to the {p} and [read|reads] the word on its label.",
            "The label on the {p} [was|is] read by {a}.",
            "It [was|is] {a} who [read|reads] the label on the {p}.",
        ],
    ),
    "not_look": sort_of(
        [
            "{a} [did|does] not look inside the {p}.",
            "{a} [did|does] not open the {p}.",
        ],
        [
            "{a} [left|leaves] the {p} unopened.",
            "{a} [made|makes] no attempt to open the {p}.",
            "The {p} [was|is] not opened by {a}.",
        ],
    ),
    "never_seen": sort_of(
        ["{a} [had|has] never seen the {p} before.", "The {p} [was|is] new to {a}."],
        [
            "It [was|is] the first time that {a} [had|has] seen the {p}.",
            "{a} [set|sets] eyes on the {p} for the first time.",
            "The {p} [was|is] something that {a} [had|has] not seen before.",
        ],
    ),
}

_COMING_AND_GOING: dict[str, tuple[Rendering, ...]] = {
    "enter": sort_of(
        [
            "{a} [came|comes] into the {room}.",
            "{a} [entered|enters] the {room}.",
            "{a} [went|goes] into the {room}.",
        ],
        [
            "{a} [walked|walks] in through the door of the {room}.",
            "{a} [stepped|steps] into the {room}.",
            "In [walked|walks] {a} through the door of the {room}.",
            "The door of the {room} [opened|opens] and {a} [came|comes] in.",
            "It [was|is] {a} who [came|comes] into the {room}.",
        ],
        ['"I am coming into the {room}," [said|says] {a}.'],
    ),
    "return": sort_of(
        [
            "{a} [came|comes] back to the {room}.",
            "{a} [returned|returns] to the {room}.",
            "{a} [came|comes] back into the {room}.",
        ],
        [
            "{a} [walked|walks] back into the {room}.",
            "{a} [stepped|steps] into the {room} again.",
            "{a} [made|makes] {a.their} way back to the {room}.",
            "The door of the {room} [opened|opens] and {a} [came|comes] back in.",
            "It [was|is] {a} who [came|comes] back into the {room}.",
        ],
        ['"I am back in the {room}," [said|says] {a}.'],
    ),
    "exit": sort_of(
        [
            "{a} [left|leaves] the {room}.",
            "{a} [went|goes] to the {away}.",
            "{a} [left|leaves] the {room} to {errand}.",
            "{a} [went|goes] out to {errand}.",
        ],
        [
            "{a} [walked|walks] out of the {room}.",
            "{a} [had|has] to {errand} and [left|leaves] the {room}.",
            "{a} [set|sets] off for the {away}.",
            "In order to {errand}, {a} [left|leaves] the {room}.",
            "The {away} [was|is] where {a} [went|goes] next.",
        ],
        ['"I am going to the {away}," [said|says] {a}.', '"I have to {errand}," [said|says] {a}.'],
    ),
    "peek": sort_of(
        [
            "{a} [watched|watches] the {room} through the window, and nobody [noticed|notices].",
            "{a} secretly [looked|looks] into the {room} through the open door.",
        ],
        [
            "Unseen by anybody, {a} [kept|keeps] an eye on the {room} from outside.",
            "{a} [hid|hides] outside and [watched|watches] the {room} through a crack in the door.",
            "The {room} [was|is] secretly watched by {a} from outside.",
        ],
    ),
    # Any of "attend" may follow any of "distract".
    "distract": sort_of(
        [
            "{a} [closed|closes] {a.their} eyes and [listened|listens] to loud music.",
            "{a} [turned|turns] around and [took|takes] a long call.",
        ],
        [
            "{a} [was|is] lost in thought and [noticed|notices] nothing.",
            "In a corner, {a} [put|puts] on headphones and [turned|turns] to the wall.",
            "{a}'s mind [was|is] far away, and {a} [noticed|notices] nothing.",
        ],
    ),
    "attend": sort_of(
        ["{a} [looked|looks] around again.", "{a} [turned|turns] back to the room."],
        [
            "{a} [paid|pays] attention again.",
            "{a} [took|takes] notice of things again.",
            "{a}'s attention [came|comes] back to the room.",
        ],
    ),
    "idle": sort_of(
        [
            "{a} [hummed|hums] a song.",
            "{a} [yawned|yawns].",
            "{a} [smiled|smiles].",
            "{a} [drank|drinks] some water.",
            "{a} [opened|opens] a window.",
            "{a} [sat|sits] down.",
            "{a} [looked|looks] at the ceiling.",
            "{a} [sneezed|sneezes].",
        ],
        [
            "{a} [scratched|scratches] {a.their} head.",
            "{a} [coughed|coughs].",
            "{a} [stretched|stretches].",
            "{a}'s nose [itched|itches].",
        ],
    ),
}

RENDERINGS: dict[str, tuple[Rendering, ...]] = {
    **OPENINGS,
    **_HANDLING,
    **HEARSAY,
    **_COMING_AND_GOING,
}
