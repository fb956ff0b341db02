"""Plain prose: English of the scenes' register without any question or belief.

It spreads all words over more sentences than the plots have, so that a name or a thing is a word
of the language, not of one plot.
"""

from random import Random

from tombench.stories import words

SENTENCES = (
    "{a} lives near the {out} with {her} {kin}.",
    "On {day} {a} went to the {out} and bought the {x}.",
    "{a} likes the {x}, but {b} likes the {y}.",
    "The {x} in the {room} belongs to {a}.",
    "There is {art} in the {room}, next to the {place}.",
    "Every {day} {a} and {b} meet in the {out} at {hour}.",
    "It was a {weather} day, so {a} wanted to {errand}.",
    "{a} asked {b} for the {x}, and {b} gave it to {them}.",
    "The {x} is {adj}, and the {y} is {adj2}.",
    "When it is {weather}, {she} stays in the {room} and reads.",
    "{a} has a {adj} cat and a {adj2} dog.",
    "After the {occasion} everybody was tired and went home.",
    "{b} could not find the {x}, so {a} helped to look for it.",
    "Because the {place} was too heavy, they left it in the {room}.",
    '"Where is the {x}?" asked {a}. "It is in the {place}," said {b}.',
    "{a} is {number} years old today, and {her} friends are here.",
    "The {kin} of {a} works at the {out}.",
    "{she_} washed the {x}, dried it, and put it back in the {place}.",
    "At {hour} the {occasion} began, and {a} was there.",
    "{b} is in the {room} now. {a} is in the {out}.",
)
KIN = words.listed(
    "aunt brother cousin father friend grandmother mother neighbor sister teacher uncle"
)
WEATHER = words.listed("bright cloudy cold dark foggy hot rainy snowy sunny warm windy")
ADJECTIVES = words.listed(
    "beautiful big black blue brown clean cold dirty empty expensive funny gray green happy heavy "
    "large light little long lovely new nice old orange pink pretty purple quiet red round sad "
    "short small soft strange tall thin tiny white wooden yellow young"
)


def draw_prose(rng: Random) -> str:
    """Three to six sentences about people and things of a day."""
    a, b = words.draw_people(rng, 2)
    return " ".join(_sentence(rng, a, b) for _ in range(rng.randint(3, 6)))


def _sentence(rng: Random, a: words.Person, b: words.Person) -> str:
    if rng.random() < 0.5:
        a, b = b, a
    x, y = rng.choice(words.SINGLE), rng.choice(words.SINGLE)
    if rng.random() < words.INVENTED_SHARE:
        x = words.invented(rng)
    return rng.choice(SENTENCES).format(
        a=a.name, b=b.name, them=a.them, she=a.they, she_=a.they.capitalize(), her=a.their,
        x=x, y=y,
        art=f"{'an' if x[0] in 'aeiou' else 'a'} {x}", out=rng.choice(words.OUTSIDE),
        day=rng.choice(words.DAYS), room=rng.choice(words.ROOMS), hour=rng.choice(words.HOURS),
        place=rng.choice(words.CONTAINERS), occasion=rng.choice(words.OCCASIONS),
        errand=rng.choice(words.ERRANDS), kin=rng.choice(KIN), weather=rng.choice(WEATHER),
        adj=rng.choice(ADJECTIVES), adj2=rng.choice(ADJECTIVES),
        number=rng.choice(words.HOURS[1:-1]),
    )  # fmt: skip
