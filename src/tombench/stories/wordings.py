"""The words of questions: for training, then held out for tests.

By what the subject's values are (places, contents), the query's type, and the sort of words:
`beginning` is completed by the answer, `whether` holds for a value or not, `which` asks openly.
`asking.Asker` fills the slots: `{a}` whose belief it is, `{b}` who dealt with the thing last, `{x}`
or `{p}` the subject, `{v}` a value, `{act}` where `{a}` looks, `{thinks}` "Anna thinks that Ben
thinks that", `{does}` "Anna think that".
"""

from collections.abc import Mapping

from tombench.stories.contents_questions import CONTENTS
from tombench.stories.place_questions import PLACE
from tombench.stories.sentences import Words

QUESTIONS: Mapping[str, Mapping[str, Mapping[str, Words]]] = {
    "place": PLACE,
    "contents": CONTENTS,
}
