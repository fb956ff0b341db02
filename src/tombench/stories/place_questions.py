"""The words of questions about a thing: where it is, was, or is believed to be."""

from collections.abc import Mapping

from tombench.stories.sentences import Words

PLACE: Mapping[str, Mapping[str, Words]] = {
    "reality": {
        "beginning": (
            ("The {x} is {in} the", "Now the {x} is {in} the"),
            (
                "At this moment the {x} is {in} the",
                "In truth the {x} is {in} the",
                "Whoever needs the {x} will find it {in} the",
            ),
        ),
        "whether": (
            ("Is the {x} {in} the {v}?",),
            (
                "Is the {x} really {in} the {v}?",
                "Is it true that the {x} is {in} the {v}?",
                "Is it {in} the {v} that one will find the {x}?",
            ),
        ),
        "which": (
            ("Where is the {x}?", "Where is the {x} now?"),
            (
                "Where is the {x} really?",
                "In truth, where is the {x}?",
                "Where will one find the {x}?",
            ),
        ),
    },
    "memory": {
        "beginning": (
            ("At first the {x} was {in} the", "The {x} was at first {in} the"),
            (
                "In the beginning the {x} was {in} the",
                "The first place of the {x} was {in} the",
                "The {x} started out {in} the",
            ),
        ),
        "whether": (
            ("Was the {x} {in} the {v} at first?",),
            (
                "Was the {x} {in} the {v} in the beginning?",
                "Did the {x} start out {in} the {v}?",
                "Was it {in} the {v} that the {x} was put first?",
            ),
        ),
        "which": (
            ("Where was the {x} at first?",),
            (
                "Where was the {x} in the beginning?",
                "Where did the {x} start out?",
                "Where was the {x} put first?",
            ),
        ),
    },
    "action": {
        "beginning": (
            ("{a} will look for the {x} {in} the", "{a} wants the {x} and looks for it {in} the"),
            (
                "To get the {x}, {a} will search {in} the",
                "The place where {a} will look for the {x} is {in} the",
                "When {a} needs the {x}, {a} will go and look {in} the",
            ),
        ),
        "whether": (
            ("Will {a} look for the {x} {in} the {v}?",),
            (
                "Will {a} search for the {x} {in} the {v}?",
                "Is it {in} the {v} that {a} will look for the {x}?",
                "To get the {x}, will {a} go and look {in} the {v}?",
            ),
        ),
        "which": (
            ("Where will {a} look for the {x}?",),
            (
                "Where will {a} search for the {x}?",
                "Where will {a} go to get the {x}?",
                "Which is the place where {a} will look for the {x}?",
            ),
        ),
    },
    "belief": {
        "beginning": (
            ("{thinks} the {x} is {in} the",),
            (
                "{believes} the {x} is {in} the",
                "In the end {believes} the {x} is {in} the",
                "It follows that {thinks} the {x} is {in} the",
            ),
        ),
        "whether": (
            ("Does {does} the {x} is {in} the {v}?",),
            (
                "Is it true that {believes} the {x} is {in} the {v}?",
                "Would it be right to say that {thinks} the {x} is {in} the {v}?",
                "By the end, does {does} the {x} is {in} the {v}?",
            ),
        ),
        "which": (
            ("Where does {does_where} the {x} is?",),
            (
                "Where is it that {believes} the {x} is?",
                "Which is the place where {thinks} the {x} is?",
                "By the end, where does {does_where} the {x} is?",
            ),
        ),
    },
    "belief_from_action": {
        "beginning": (
            ("{a} looks for the {x} {at} the {act}, so {thinks} the {x} is {at} the",),
            (
                "{a} searches {at} the {act}, so {believes} the {x} is {at} the",
                "{a} looks {at} the {act} for the {x}, which shows that {believes} it is {at} the",
                "To get the {x}, {a} goes and looks {at} the {act}, so {thinks} it is {at} the",
            ),
        ),
        "whether": (
            ("{a} looks for the {x} {at} the {act}. Does {does} the {x} is {in} the {v}?",),
            (
                "{a} searches {at} the {act}. Is it true that {believes} the {x} is {in} the {v}?",
                "{a} looks {at} the {act} to get the {x}. Does {does} it is {in} the {v}?",
                "To get the {x}, {a} looks {at} the {act}. Does {does} it is {in} the {v}?",
            ),
        ),
        "which": (
            ("{a} looks for the {x} {at} the {act}. Where does {does_where} the {x} is?",),
            (
                "{a} searches {at} the {act}. Where does {does_where} the {x} is?",
                "{a} looks {at} the {act} to get the {x}. Where is it that {believes} it is?",
                "To get the {x}, {a} looks {at} the {act}. Where does {does_where} it is?",
            ),
        ),
    },
    "percept": {
        "whether": (
            (
                "Did {a} see what {b} did with the {x}?",
                "Did {a} see the last thing that {b} did with the {x}?",
            ),
            (
                "Was {a} a witness to the last thing that {b} did with the {x}?",
                "Was {a} watching when {b} last touched the {x}?",
                "When {b} last did something with the {x}, did {a} see it?",
            ),
        ),
    },
    "knowledge": {
        "whether": (
            ("Does {a} know where the {x} is?",),
            (
                "Is {a} aware of where the {x} really is?",
                "Is it known to {a} where the {x} is?",
                "Could {a} rightly say where the {x} is?",
            ),
        ),
    },
}
