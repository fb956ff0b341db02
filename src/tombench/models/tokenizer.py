"""Tokenizers: loaded from a model's own folder, and checked against its embedding."""

from pathlib import Path
from typing import TYPE_CHECKING

from tombench.errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")


def load_tokenizer(
    folder: Path, name: str, trust_remote_code: bool = False
) -> "PreTrainedTokenizerBase":
    """Read the tokenizer that lies beside the weights; `name` is what error lines call it.

    Raises UserError where there are no tokenizer files or they cannot be read.
    """
    from transformers import AutoTokenizer

    if not any((folder / file).is_file() for file in (*FILES, "tokenizer_config.json")):
        raise UserError(
            f"{name}: no tokenizer in {folder} (looked for {', '.join(FILES)});"
            " copy the tokenizer's files beside the weights"
        )
    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=trust_remote_code)
    except Exception as error:  # the tokenizers library raises bare Exception
        raise UserError(
            f"{name}: the tokenizer in {folder} cannot be read: {first_line(error)};"
            " fetch its files again"
        ) from error


def check_matches(tokenizer: "PreTrainedTokenizerBase", rows: int, name: str) -> None:
    """Refuse a tokenizer with ids beyond the embedding's `rows`."""
    largest = max(tokenizer.get_vocab().values(), default=-1)
    if largest >= rows:
        raise UserError(
            f"{name}: the tokenizer has ids up to {largest}, the weights only {rows} embedding"
            " rows; put the tokenizer that belongs to the weights beside them"
        )


def first_line(error: BaseException) -> str:
    """What an error says, as one line of at most 200 characters."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
