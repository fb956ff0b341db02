"""A prompt around columns: names between braces, and nothing else of Python's format strings."""

import pytest

from tombench.errors import UserError
from tombench.recipes.data.prompt_format import PromptFormat
from tombench.recipes.data.settings import DataSettings


def test_columns_and_braces():
    form = PromptFormat.of("{{{story}}} {q}? {{}} {story}!")
    assert form.names == ("story", "q")
    assert form.filled({"story": "{q}", "q": "B"}.__getitem__) == "{{q}} B? {} {q}!"


def test_text_alone():
    form = PromptFormat.of("Once ")
    assert form.names == ()
    assert form.filled({}.__getitem__) == "Once "


@pytest.mark.parametrize(
    "text, shown",
    [
        ("{a.__class__}", "{a.__class__}"),
        ("{a[0]}", "{a[0]}"),
        ("{a!r}", "{a!r}"),
        ("{a:>10}", "{a:>10}"),
        ("{}", "{}"),
    ],
)
def test_more_than_a_name_is_refused(text, shown):
    with pytest.raises(UserError) as error:
        DataSettings(data="a.jsonl", prompt=text)
    assert str(error.value).startswith(f"recipe.prompt: {shown} is more than a column's name; ")


@pytest.mark.parametrize("text", ["{a", "a}", "{a{b}", "{"])
def test_a_brace_alone_is_refused(text):
    with pytest.raises(UserError) as error:
        PromptFormat.of(text)
    assert str(error.value).startswith("recipe.prompt: ")
    assert "\n" not in str(error.value)
