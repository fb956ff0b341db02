"""Which training a checkpoint belongs to."""

from tombench.config import identity_hash, plain
from tombench.recipes.base import TrainingJob
from tombench.recipes.trainers.arguments import Course
from tombench.recipes.tuning import TuningSettings


def training_identity(settings: TuningSettings, job: TrainingJob, course: Course) -> str:
    """A hash of all that decides the weights, but for the data, which the run's identity holds."""
    unread = settings.not_identity
    known = {name: value for name, value in plain(settings).items() if name not in unread}
    model = plain(settings.identity(job.model))
    return identity_hash({"recipe": known, "model": model, "seed": job.seed} | plain(course))
