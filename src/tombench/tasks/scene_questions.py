"""A yes/no question about a scene: how it is put under a prompting, and how answers are read.

Scenes are those of the vignettes study, or generated stories.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tombench.prompts import STEP_BY_STEP, Prompting, WorkedExample, vignette_prompt
from tombench.schema import GenerateRequest, Item, LikelihoodRequest, Request, Sample, Score
from tombench.scorers.yes_no import Asked, score_yes_no
from tombench.tasks.answered import Read
from tombench.tasks.base import Setting, sample_seed
from tombench.tasks.scenarios import OWN, Vignette, example_scenes, worked_examples
from tombench.tasks.yes_no import OPTIONS


@dataclass(frozen=True)
class SceneQuestions:
    """Questions that the worked examples of one file may stand before."""

    path: Path = OWN

    def requests(
        self, item: Item, scene: Vignette, setting: Setting, repetitions: Iterable[int]
    ) -> list[Request]:
        """The forced choice of yes or no after the prompt; before it, where any are to be drawn,
        the answers of these repetitions."""
        prompting = setting.prompting
        prompt = vignette_prompt(
            scene.context, scene.question, self._examples(prompting), prompting, scene.wording
        )
        spellings = tuple(word for words in OPTIONS.values() for word in words)
        choice = LikelihoodRequest(item, prompt, spellings)
        seeds = tuple(sample_seed(setting.seed, item.id, number) for number in repetitions)
        if not seeds:
            return [choice]
        return [GenerateRequest(item, prompt, setting.sampling, seeds), choice]

    def reader(self, scene: Vignette, target: str, prompt: str) -> Read:
        """Scores the texts that were drawn after a prompt."""
        asked = self._asked(scene, prompt)

        def read(sample: Sample) -> Score:
            return score_yes_no(sample.text, target, asked, sample.truncated)

        return read

    def _examples(self, prompting: Prompting) -> tuple[WorkedExample, ...]:
        """The file's own worked examples, else ours; none where the prompting shows none."""
        if not prompting.worked_examples:
            return ()
        return worked_examples(self.path) or worked_examples(OWN)

    def _asked(self, scene: Vignette, prompt: str) -> Asked:
        """What an answer is held against, with the worked examples that the prompt shows."""
        known = (*example_scenes(self.path), *example_scenes(OWN))
        shown = [context for context in known if context in prompt]
        step_by_step = prompt.rstrip().endswith(STEP_BY_STEP.rstrip())
        return Asked(scene.question, scene.context, " ".join(shown), step_by_step)
