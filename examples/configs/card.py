"""task=card: what does each of two people see of a card that stands between them?

Level-1 perspective taking (Flavell, Everett, Croft & Flavell 1981). The model chooses between the
two pictures, so nothing is drawn and no answer has to be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.config import identity_hash
from tombench.metrics import by_level, share_of
from tombench.schema import STRICT, Item, LikelihoodRequest, Metric, Record, Sampling, Score
from tombench.scorers.choice import forced_choice
from tombench.tasks.base import Metrics, Setting

PICTURES = ("cat", "dog", "house", "tree", "boat", "key", "star", "cup")
NOT_ASKED = Score(0.0, "unparsed", "the model was not asked: see error", "error")


@dataclass(frozen=True)
class Scene:
    text: str  # up to where the answer begins
    pictures: tuple[str, str]  # in the order in which they are told


@checked(frozen=True, config=STRICT)
class Card:
    """The keys of `configs/task/card.yaml`; their types and bounds are checked."""

    sampling: ClassVar[Sampling] = Sampling(0.0, 0, 1.0, 1)  # asked for; nothing is drawn here

    name: str = "card"
    cards: Annotated[int, Field(ge=1)] = 20

    def data_digest(self) -> str:
        return identity_hash({"texts": [item.content for item in self.items()]})

    def items(self) -> list[Item]:
        """Two questions a card: what Ana sees, which is told, and what Bo sees."""
        return [_item(card, seer) for card in range(self.cards) for seer in ("Ana", "Bo")]

    def requests(self, item: Item, setting: Setting) -> list[LikelihoodRequest]:
        opening = getattr(setting.prompting, "opening", "").format(seer=item.condition["seer"])
        options = tuple(f" {picture}" for picture in item.content.pictures)
        return [LikelihoodRequest(item, opening + item.content.text, options)]

    def score(self, item: Item, requests: Sequence, responses: Sequence) -> list[Record]:
        (response,) = responses
        log_probs = dict(zip(item.content.pictures, response.log_likelihoods, strict=False))
        score = NOT_ASKED
        if log_probs:
            best = max(log_probs, key=lambda picture: log_probs[picture])
            score = Score(forced_choice(log_probs, item.target), best, f"{best} is the likelier")
        return [
            Record(
                f"{item.id}/00", item.id, 0, item.cluster, item.condition, response.prompt, "",
                item.target, score, log_probs, error=response.error,
            )
        ]  # fmt: skip

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        """Accuracy, for all and by seer, beside who always says the picture that is told first."""
        whole, first = measure(records), {i.id: i.content.pictures[0] for i in self.items()}
        whole["baseline/first"] = share_of(records, lambda r: r.target == first[r.item])
        by_seer = by_level(records, lambda r: r.condition["seer"], measure)
        return Metrics(whole, {"model": {setting.model: whole}, "seer": by_seer})


def measure(records: Sequence[Record]) -> dict[str, Metric]:
    return {"accuracy": share_of(records, lambda r: r.score.value)}


def _item(card: int, seer: str) -> Item:
    first, second = pictures = tuple(Random(f"card/{card}").sample(PICTURES, 2))
    seen = {"Ana": pictures[card % 2], "Bo": pictures[1 - card % 2]}  # Ana's is first or second
    text = f"A card has a {first} on one side and a {second} on the other side. It stands between "
    text += f"Ana and Bo. Ana sees the {seen['Ana']}. {seer} sees the"
    cluster = f"card-{card:03d}"  # both questions are about one card: not independent
    name, scene = f"{cluster}-{seer.lower()}", Scene(text, pictures)
    return Item(name, cluster, scene, {"seer": seer}, target=seen[seer], reality=seen["Ana"])
