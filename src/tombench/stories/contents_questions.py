"""The words of questions about what is in a container, and what its label says.

Fillings are plural or mass nouns ("coins", "sand"), so no verb agrees with them.
"""

from collections.abc import Mapping

from tombench.stories.sentences import Words

CONTENTS: Mapping[str, Mapping[str, Words]] = {
    "reality": {
        "beginning": (
            ("The {p} is full of", "Inside the {p} there is nothing but"),
            (
                "In truth the {p} is full of",
                "In reality the {p} holds nothing but",
                "Whoever opens the {p} will find it filled with",
            ),
        ),
        "whether": (
            ("Is the {p} full of {v}?",),
            (
                "Is the {p} in truth full of {v}?",
                "Is it true that the {p} is filled with {v}?",
                "Will one find {v} in the {p}?",
            ),
        ),
        "which": (
            ("What is in the {p}?",),
            (
                "What is really in the {p}?",
                "In truth, what is the {p} full of?",
                "What will one find in the {p}?",
            ),
        ),
    },
    "memory": {
        "beginning": (
            ("The label on the {p} says", "On the label of the {p} we read"),
            (
                "The word on the label of the {p} is",
                "According to its label, the {p} is full of",
                "The label of the {p} promises",
            ),
        ),
        "whether": (
            ("Does the label on the {p} say {v}?",),
            (
                "Is the word on the label of the {p} {v}?",
                "Is it {v} that the label of the {p} promises?",
                "According to its label, is the {p} full of {v}?",
            ),
        ),
        "which": (
            ("What does the label on the {p} say?",),
            (
                "What word is on the label of the {p}?",
                "What does the label of the {p} promise?",
                "According to its label, what is the {p} full of?",
            ),
        ),
    },
    "belief": {
        "beginning": (
            ("{thinks} the {p} is full of",),
            (
                "{believes} the {p} is full of",
                "In the end {believes} the {p} is full of",
                "It follows that {thinks} the {p} is filled with",
            ),
        ),
        "whether": (
            ("Does {does} the {p} is full of {v}?",),
            (
                "Is it true that {believes} the {p} is full of {v}?",
                "Would it be right to say that {thinks} the {p} is full of {v}?",
                "By the end, does {does} the {p} is filled with {v}?",
            ),
        ),
        "which": (
            ("What does {does_where} the {p} is full of?",),
            (
                "What is it that {believes} the {p} is full of?",
                "By the end, what does {does_where} the {p} is filled with?",
                "What does {does_where} one will find in the {p}?",
            ),
        ),
    },
    "action": {
        "beginning": (
            ("{a} opens the {p} and expects to see",),
            (
                "Before the {p} is opened, {a} expects",
                "{a} goes to the {p} and counts on finding",
                "When the {p} is opened, {a} will expect it to be full of",
            ),
        ),
        "whether": (
            ("Does {a} expect {v} in the {p}?",),
            (
                "Before the {p} is opened, does {a} expect {v}?",
                "Does {a} count on finding {v} in the {p}?",
                "On opening the {p}, will {a} expect to see {v}?",
            ),
        ),
        "which": (
            ("What does {a} expect in the {p}?",),
            (
                "Before the {p} is opened, what does {a} expect in it?",
                "What does {a} count on finding in the {p}?",
                "On opening the {p}, what will {a} expect to see?",
            ),
        ),
    },
    "belief_from_action": {
        "beginning": (
            ("{a} goes to the {p} to get {act}, so {thinks} the {p} is full of",),
            (
                "{a} opens the {p} to fetch {act}, so {believes} the {p} is full of",
                "{a} reaches into the {p} to get {act}, which shows that {believes} it is full of",
                "To get {act}, {a} goes to the {p}, so {thinks} it is filled with",
            ),
        ),
        "whether": (
            ("{a} goes to the {p} to get {act}. Does {does} the {p} is full of {v}?",),
            (
                "{a} opens the {p} to fetch {act}. Is it true that {believes} it is full of {v}?",
                "{a} reaches into the {p} to get {act}. Does {does} it is full of {v}?",
                "To get {act}, {a} goes to the {p}. Does {does} it is filled with {v}?",
            ),
        ),
        "which": (
            ("{a} goes to the {p} to get {act}. What does {does_where} it is full of?",),
            (
                "{a} opens the {p} to fetch {act}. What does {does_where} it is filled with?",
                "{a} reaches into the {p} to get {act}. What is it that {believes} it is full of?",
                "To get {act}, {a} goes to the {p}. What does {does_where} it is full of?",
            ),
        ),
    },
    "percept": {
        "whether": (
            ("Did {a} look inside the {p}?", "Did {a} see what is in the {p}?"),
            (
                "Has {a} had a look into the {p}?",
                "Did {a} check what is inside the {p}?",
                "Was the inside of the {p} seen by {a}?",
            ),
        ),
    },
    "knowledge": {
        "whether": (
            ("Does {a} know what is in the {p}?",),
            (
                "Is {a} aware of what is really in the {p}?",
                "Is it known to {a} what is in the {p}?",
                "Could {a} rightly say what is in the {p}?",
            ),
        ),
    },
}
