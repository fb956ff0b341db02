"""Fine-tuning on trl's trainers. Its libraries are quieted before they are imported and speak."""

from tombench.models.load import quiet

quiet()
