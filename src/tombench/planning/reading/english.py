"""English without nouns: which words do what in a description of rooms and of what somebody does.

A word outside these lists and the language's nouns is passed over, and told as unread.
"""

from collections.abc import Iterator

ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
)
CARDINALS = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)

VERBS = {
    "walk": (
        "advance amble approach arrive come cross dash enter get go goes going gone head hurry"
        " journey make making march move navigate nears nearing pace proceed reach return revisit"
        " run rush saunter shift step stride stroll transition travel traverse turn venture"
        " visit walk wander end stop halt"
    ),
    "open": "open reopen",
    "close": "close shut shutting seal secure",
    "grab": "grab take pick retrieve fetch collect",
    "leave": "leave exit depart",
    "about": "about verge brink poised intend intention intent ready readying plan planning aim",
    "continue": "continue",
}
"""What a person does; "about" says that it is not done yet."""

VERB_OF_STATE = (
    "is are was were be being been has have had having can may contain house hold store keep"
    " include accommodate stock fill boast comprise consist feature furnish equip adorn decorate"
    " lade laden load occupy pack place set sit sitting rest lie lying lay laid find found locate"
    " situate position put putting stand standing arrange display line host carry offer present"
    " provide cook bake tuck nestle remain stay stow reside rise perch leave see seen show reveal"
    " bear spot grace own complete outfit appoint serve top cover hide cradle join accompany await"
    " scatter spread discover hosts live stash stack"
)
"""What stands between a place and what it holds."""

KINDS: dict[str, str] = {
    "and": "and & plus",
    "clause": "while whereas but however although though yet meanwhile whilst",
    "prep": "in inside on within atop upon onto at",
    "to": "to towards toward into for",
    "from": "from",
    "of": "of",
    "with": "with",
    "without": "without no not",
    "definite": "the this that these those",
    "indefinite": "a an another some any single",
    "all": "all every",
    "both": "both",
    "each": "each",
    "other": "other others remaining rest",
    "ones": "ones",
    "through": "through thru",
    "empty": "empty bare vacant unoccupied",
    "nothing": "nothing",
    "stuff": "items item objects object things thing anything",
    "except": "except excluding barring besides save",
    "which": "which whose",
    "it": "it them they these",
    "latter": "latter",
    "former": "former",
    "there": "there",
    "same": "same pattern routine process procedure likewise repeat repeating repeats repeated",
    "door": "door doors",
    "measure": "piece pieces set row series slice slices serving total",
    "before": "before",
    "beside": "near beside alongside opposite",
    "respectively": "respectively",
    "rooms": "rooms room",
}

PHRASES: dict[str, tuple[str, ...]] = {
    "beside": ("next to", "adjacent to", "close to", "across from", "opposite to"),
    "also_and": ("as well as", "along with", "together with", "in addition to", "accompanied by"),
    "except": (
        *("with the exception of", "except for", "apart from", "aside from", "other than"),
        *("save for", "but for", "with the exclusion of"),
    ),
    "through": ("up to", "up through"),
    "alike": (
        *("as does", "as do", "so does", "so do", "as is", "as are", "so is", "so are"),
        *("and so does", "and so do", "and so is", "and so are"),
    ),
    "followed": ("followed by",),
    "about": ("set to", "getting ready", "gets ready", "on the verge of", "on the brink of"),
    "to": ("in the direction of",),
    "same": ("does so",),
    "prep": ("on top of", "inside of"),
    "verb": ("you will find", "one can find", "can be found", "there lies", "you can find"),
    "glue": (
        *("from left to right", "from the left", "from right to left", "counting from the left"),
        *("to the left", "on the left", "on the other hand", "in turn", "in succession"),
        *("in sequence", "in that order", "in order", "one by one", "one after another"),
        *("as well", "in quick succession", "at the moment", "for now", "in addition"),
        *(
            "after that",
            "after this",
            "following this",
            "following that",
            "a moment",
            "its contents",
        ),
        *(
            "the contents",
            "of the apartment",
            "in the apartment",
            "one after the other",
            "in front of",
        ),
        *("at first", "no time", "this time", "by one", "each other", "in a row"),
    ),
}

GLUE = (
    "he she his her him their its himself herself themselves you we i'll ll s t will would do does"
    " doing done as so such too also then subsequently finally lastly next first currently now"
    " initially afterward afterwards after following upon once again back over up down off out by"
    " promptly securely quickly immediately soon later eventually thereafter thereby sequentially"
    " consecutively simply just only both either neither nor or if when where who it's way"
    " moment inspect inspecting inspection inspects check checks checking examine examines"
    " examining look looks looking peek contents content action actions similarly individually"
    " mostly completely entirely quite still even more additional extra separate various"
    " beginning begin begins start starts starting begun concluding conclude concludes activities"
    " journey turns time order ahead away directly straight further onwards onward forward"
    " additionally moreover furthermore shortly ultimately something used useful variety several"
    " quickly swiftly carefully gently twice right left last final initial following"
    " here since until during instead well lone sole solitary neatly together around closer"
)
"""Words that say nothing that is read."""


def forms(verb: str) -> Iterator[str]:
    """A regular verb's forms; an irregular one's are listed by themselves."""
    stem = verb[:-1] if verb.endswith("e") else verb
    yield verb
    yield f"{verb}es" if verb.endswith(("s", "x", "ch", "sh")) else f"{verb}s"
    yield f"{stem}ed"
    yield f"{stem}ing"
    if verb.endswith("y"):
        yield f"{verb[:-1]}ies"
        yield f"{verb[:-1]}ied"
    if len(verb) > 2 and verb[-1] not in "aeiouwxy" and verb[-2] in "aeiou":
        yield f"{verb}{verb[-1]}ing"
        yield f"{verb}{verb[-1]}ed"


def grammar_words() -> dict[str, str]:
    """Every word and phrase of the grammar with its kind."""
    found = {word: "glue" for word in GLUE.split()}
    found |= {form: "verb" for verb in VERB_OF_STATE.split() for form in forms(verb)}
    for kind, verbs in VERBS.items():
        found |= {form: kind for verb in verbs.split() for form in forms(verb)}
    found |= {form: "about" for form in forms("prepare")} | {"preparation": "about"}
    found |= {word: "walk" for word in ("made", "went", "came", "ran", "strode", "strides")}
    found |= {word: "verb" for word in ("kept", "held", "sat", "lay", "stood", "contains")}
    found |= {word: "grab" for word in ("took", "takes", "picks", "grabs")}
    for kind, words in KINDS.items():
        found |= dict.fromkeys(words.split(), kind)
    found |= {phrase: kind for kind, phrases in PHRASES.items() for phrase in phrases}
    found |= dict.fromkeys(ORDINALS, "ordinal") | dict.fromkeys(CARDINALS, "number")
    found |= {",": "comma", ".": "stop", ";": "clause", ":": "comma", "!": "stop", "?": "stop"}
    return found | {"(": "comma", ")": "comma", "couple": "pair", "pair": "pair", "dozen": "number"}
