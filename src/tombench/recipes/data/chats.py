"""Conversations: lists of {role, content}, and which message of them answers the rest."""

import json
from collections.abc import Sequence
from typing import Any

from tombench.recipes.data.rows import Completion, Message, Prompt

ASSISTANT = "assistant"


class Malformed(ValueError):
    """What is wrong with a conversation; whoever knows the row says where it stands."""


def turns(value: Sequence[Any]) -> tuple[Message, ...]:
    """The messages of a list of {role, content}; other keys of a message are not read.

    Raises:
        Malformed: it is empty, or a message is none.
    """
    if not value:
        raise Malformed("is an empty list; give at least one message")
    return tuple(_message(each, number) for number, each in enumerate(value, start=1))


def _message(value: Any, number: int) -> Message:
    if not isinstance(value, dict) or not {"role", "content"} <= value.keys():
        has = f"has {', '.join(value)}" if isinstance(value, dict) else f"is {shown(value)}"
        raise Malformed(f"message {number} {has}; a message is {{role, content}}")
    for key in ("role", "content"):
        if not isinstance(value[key], str):
            raise Malformed(f"message {number}: {key} is {shown(value[key])}; it must be text")
    return Message(value["role"], value["content"])


def answers(messages: tuple[Message, ...]) -> list[Completion]:
    """Every assistant message with all messages before it as its prompt.

    One that opens the conversation answers nothing, and is only what later ones follow.

    Raises:
        Malformed: there is no other.
    """
    found = [
        Completion(messages[:place], message.content)
        for place, message in enumerate(messages)
        if place and message.role == ASSISTANT
    ]
    if not found:
        raise Malformed(f"has no message of role '{ASSISTANT}' that answers another")
    return found


def continued(prompt: Prompt, messages: tuple[Message, ...]) -> tuple[Prompt, str]:
    """A prompt as a conversation, and the last of `messages`, which answers it.

    The others of `messages` are the prompt, repeat it (as in UltraFeedback, where the prompt
    stands once more as text), or go on from it.

    Raises:
        Malformed: the last message is not the assistant's, or it answers nothing.
    """
    *before, last = messages
    if last.role != ASSISTANT:
        raise Malformed(f"ends with a message of role '{last.role}', not '{ASSISTANT}'")
    if isinstance(prompt, str):
        start = (Message("user", prompt),) if prompt and not before else ()
    else:
        start = () if tuple(before[: len(prompt)]) == prompt else prompt
    context = (*start, *before)
    if not context:
        raise Malformed("is one message alone, and there is no prompt that it answers")
    return context, last.content


def shared_beginning(first: str, second: str) -> str:
    """What two texts begin with alike, up to a space or line break: no word is cut.

    The prompt of preferences that give whole texts (trl's `extract_prompt` does so by character).
    """
    if first == second:
        return first
    pairs = enumerate(zip(first, second, strict=False))
    end = next((place for place, (own, other) in pairs if own != other), len(min(first, second)))
    while end and not first[end - 1].isspace():
        end -= 1
    return first[:end].rstrip()


def shown(value: Any) -> str:
    """A value as an error line shows it."""
    return json.dumps(value, default=str)[:60]
