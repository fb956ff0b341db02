"""What a reasoning model wrote, taken apart: its thinking, and the answer that is scored.

A block of thinking stands between the tags of one of `PAIRS`; gpt-oss writes messages instead,
and all but those of its `final` channel are thinking. Rules for tags:

1. What stands outside all blocks is the answer.
2. Inside a block its own closing tag alone counts; an opening tag is text.
3. A closing tag where no block is open ends one that began with the text, or right after the last
   block: chat templates open blocks in the prompt, and some models close one twice.
4. A tag between quotes or backticks is a mention, not a tag.
5. A block that is not closed was cut off: all that follows its opening tag is thinking.
"""

import re
from dataclasses import dataclass

PAIRS: dict[str, str] = {
    "<think>": "</think>",  # DeepSeek R1, Qwen3, QwQ
    "<thinking>": "</thinking>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",  # Seed-OSS
    "[THINK]": "[/THINK]",  # Magistral
    "◁think▷": "◁/think▷",  # Kimi
    "<|channel>thought": "<channel|>",  # Gemma 4
}
"""Opening tag -> closing tag."""

_TAG = re.compile("|".join(re.escape(tag) for pair in PAIRS.items() for tag in pair))
_QUOTES = "\"'`“”‘’«»"

_MESSAGE = re.compile(  # OpenAI's harmony format; only the first may leave out its <|start|>
    r"(?:\A|<\|start\|>assistant)(?:<\|channel\|>)(?P<channel>\w+)(?P<header>.*?)<\|message\|>"
    r"(?P<content>.*?)(?:<\|end\|>|<\|return\|>|<\|call\|>|(?=<\|start\|>)|\Z)",
    re.DOTALL,
)
_BARE_MESSAGES = re.compile(r"analysis(?P<thinking>.*?)assistantfinal(?P<answer>.*)", re.DOTALL)


@dataclass(frozen=True)
class Split:
    """A text taken apart."""

    thinking: str  # without its tags; several blocks are paragraphs
    answer: str
    closed: bool  # False: cut off while it was still thinking


def split_thinking(text: str, opened: bool = False) -> Split:
    """Thinking and answer of a raw text; `opened`: the prompt ended inside a block.

    A text without thinking is its own answer, to the letter.
    """
    if text.startswith(("<|channel|>", "<|start|>assistant<|channel|>")):
        return _split_messages(text)
    if not opened and (bare := _BARE_MESSAGES.fullmatch(text)):  # special tokens were left out
        return Split(bare["thinking"].strip(), bare["answer"].strip(), closed=True)
    return _split_blocks(text, opened)


def _split_messages(text: str) -> Split:
    """gpt-oss: messages of the channel `final` are the answer, all others thinking."""
    thinking, answer, closed = [], [], False
    for message in _MESSAGE.finditer(text):
        final = message["channel"] == "final"
        (answer if final else thinking).append(message["content"])
        closed = closed or final
    return Split(_paragraphs(thinking), _paragraphs(answer), closed)


def _split_blocks(text: str, opened: bool) -> Split:
    thinking: list[str] = []
    answer: list[str] = []
    inside, closing, begin = opened, "", 0  # closing "": any closing tag ends the block
    for match in _TAG.finditer(text):
        tag = match.group()
        if _is_mention(text, match):
            continue
        if inside and tag not in PAIRS and closing in ("", tag):
            thinking.append(text[begin : match.start()])
            inside = False
        elif inside and tag in PAIRS and not text[begin : match.start()].strip():
            closing = closing or PAIRS[tag]  # the prompt opened the block, the model did it again
        elif not inside and tag in PAIRS:
            answer.append(text[begin : match.start()])
            inside, closing = True, PAIRS[tag]
        elif not inside:
            thinking.append(text[begin : match.start()])
        else:
            continue
        begin = match.end()
    if begin == 0 and not inside:
        return Split("", text, closed=True)
    (thinking if inside else answer).append(text[begin:])
    return Split(_paragraphs(thinking), _paragraphs(answer), closed=not inside)


def _is_mention(text: str, match: re.Match[str]) -> bool:
    """Is the tag set between quotes or backticks?"""
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    return bool(before and after) and before in _QUOTES and after in _QUOTES


def _paragraphs(parts: list[str]) -> str:
    return "\n\n".join(part for part in map(str.strip, parts) if part)
