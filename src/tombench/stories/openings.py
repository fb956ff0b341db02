"""How a story's setting is put into English: who is where, which containers there are.

No pronouns here: a setting's slots are plain names.
"""

from tombench.stories.sentences import Rendering, sort_of

OPENINGS: dict[str, tuple[Rendering, ...]] = {
    "together": sort_of(
        [
            "{a} and {b} [were|are] in the {room}.",
            "{a} [was|is] in the {room} with {b}.",
            "{a} [was|is] with {b} in the {room}.",
        ],
        [
            "In the {room} [were|are] {a} and {b}.",
            "Both {a} and {b} [were|are] in the {room}.",
            "Two people [were|are] in the {room}, {a} and {b}.",
        ],
    ),
    "alone": sort_of(
        ["{a} [was|is] in the {room}.", "{a} [was|is] alone in the {room}."],
        [
            "In the {room} [was|is] {a}.",
            "The only person in the {room} [was|is] {a}.",
            "There [was|is] nobody in the {room} except {a}.",
        ],
    ),
    "three": sort_of(
        ["{a}, {b} and {c} [were|are] in the {room}."],
        [
            "In the {room} [were|are] {a}, {b} and {c}.",
            "The three people in the {room} [were|are] {a}, {b} and {c}.",
            "Three people [were|are] in the {room}: {a}, {b} and {c}.",
        ],
    ),
    "containers": sort_of(
        [
            "There [was|is] a {p} and a {q} in the {room}.",
            "In the {room} [was|is] a {p} and a {q}.",
        ],
        [
            "The {room} [had|has] a {p} and a {q} in it.",
            "A {p} and a {q} [were|are] in the {room}.",
            "Among the things in the {room} [were|are] a {p} and a {q}.",
        ],
    ),
    "container": sort_of(
        ["There [was|is] a {p} in the {room}.", "In the {room} [was|is] a {p}."],
        [
            "The {room} [had|has] a {p} in it.",
            "A {p} [was|is] in the {room}.",
            "Among the things in the {room} [was|is] a {p}.",
        ],
    ),
    "glass": sort_of(
        [
            "The {p} and the {q} [were|are] made of clear glass.",
            "Anybody [could|can] see into the {p} and the {q}.",
        ],
        [
            "The {p} and the {q} [were|are] transparent.",
            "Both the {p} and the {q} [had|have] see-through walls.",
            "What [was|is] inside the {p} and the {q} [could|can] be seen from outside.",
        ],
    ),
    "glass_one": sort_of(
        ["The {p} [was|is] made of clear glass.", "Anybody [could|can] see into the {p}."],
        [
            "The {p} [was|is] transparent.",
            "The walls of the {p} [were|are] see-through.",
            "What [was|is] inside the {p} [could|can] be seen from outside.",
        ],
    ),
    "full": sort_of(
        ["The {p} [was|is] full of {v}.", "The {p} [was|is] filled with {v}."],
        [
            "The {p} [contained|contains] nothing but {v}.",
            "The {p} [held|holds] {v} and nothing else.",
            "Inside the {p} [was|is] nothing but {v}.",
        ],
    ),
    "label": sort_of(
        [
            "The label on the {p} [said|says] {v}.",
            "The {p} [had|has] a label that [said|says] {v}.",
        ],
        [
            "On the label of the {p} [was|is] the word {v}.",
            "The word on the label of the {p} [was|is] {v}.",
            "According to its label, the {p} [held|holds] {v}.",
        ],
    ),
    # People may well read it aloud: they do not understand it.
    "label_unreadable": sort_of(
        ["Nobody [could|can] understand the label on the {p}, which [meant|means] {v}."],
        [
            "The label on the {p} [said|says] {v} in a language that nobody there [knew|knows].",
            "In a script unknown to everybody there, the label on the {p} [said|says] {v}.",
            "The label on the {p} [meant|means] {v}, but nobody there [knew|knows] its language.",
        ],
    ),
}
