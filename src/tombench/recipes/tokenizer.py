"""A byte-level BPE tokenizer trained on generated text: any text comes back exactly."""

from collections.abc import Iterator
from itertools import count as count_from
from pathlib import Path
from random import Random

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from tombench.recipes.base import Texts

END_OF_TEXT = "<|endoftext|>"
PADDING = "<|padding|>"
CONTEXT = 2048  # tokens


def train_tokenizer(texts: Texts, seed: int, count: int, size: int) -> PreTrainedTokenizerFast:
    """Learn `size` ids from `count` texts; as in GPT-2, a space belongs to the word after it.

    All 256 bytes are ids, so nothing is unknown, and nothing is put before a text.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END_OF_TEXT, PADDING],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_drawn(texts, seed, count), trainer=trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END_OF_TEXT,
        pad_token=PADDING,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


def _drawn(texts: Texts, seed: int, count: int) -> Iterator[str]:
    """Each text, joined, and its answer alone: a model's answer starts without a space.

    They come from the whole of training, its easy beginning and its end.
    """
    given = 0
    for number in count_from(0):
        for text in texts(Random(f"tokenizer/{seed}/{number}"), given / count):
            yield text.prompt + text.answer
            yield text.answer
            given += 1
            if given == count:
                return


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer that was saved to a folder."""
    return PreTrainedTokenizerFast.from_pretrained(folder)
