"""How it is put into English that somebody tells somebody something.

What the hearer makes of it has to be said, since a claim may be false and may be distrusted.
"""

from tombench.stories.sentences import Rendering, sort_of

_BELIEVED = ", and {b} [believed|believes] it."
_NOT_BELIEVED = ", but {b} [did|does] not believe it."
_TRUSTED = "[trusted|trusts] {a.them}."
_NOT_TRUSTED = "[did|does] not trust {a.them}."


def _told(private: bool, trusted: bool) -> tuple[Rendering, ...]:
    end = _BELIEVED if trusted else _NOT_BELIEVED
    they = (", and" if trusted else ", but") + " {b} " + (_TRUSTED if trusted else _NOT_TRUSTED)
    same = they.replace(" {b} ", " ")  # where the hearer is the subject already
    if private:
        return sort_of(
            [
                "{a} [called|calls] {b} and [said|says] that {claim}" + end,
                "{a} [wrote|writes] to {b} that {claim}" + end,
            ],
            [
                "{a} [sent|sends] word to {b} that {claim}" + they,
                "{b} [got|gets] a message from {a} that {claim}" + same,
                "In a message, {a} [told|tells] {b} that {claim}" + they,
            ],
        )
    return sort_of(
        [
            "{a} [told|tells] {b} aloud that {claim}" + end,
            "{a} [said|says] to {b} for all to hear that {claim}" + end,
        ],
        [
            "{a} [announced|announces] to {b} that {claim}" + they,
            "{b} [was|is] told aloud by {a} that {claim}" + same,
            "In a loud voice, {a} [told|tells] {b} that {claim}" + they,
        ],
    )


HEARSAY: dict[str, tuple[Rendering, ...]] = {
    "tell_private": _told(private=True, trusted=True),
    "tell_private_distrusted": _told(private=True, trusted=False),
    "tell_public": _told(private=False, trusted=True),
    "tell_public_distrusted": _told(private=False, trusted=False),
}
