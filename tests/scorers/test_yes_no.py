"""Free answers as a careful reader takes them, and the forced choice."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tombench.datafile import read_entries
from tombench.schema import Item
from tombench.scorers.choice import forced_choice
from tombench.scorers.yes_no import UNPARSED, Asked, read_yes_no, score_yes_no
from tombench.tasks.scenarios import OWN, read_scenarios

YES = [
    "Yes", "yes, she does", "YES.", "**Yes**", "“Yes,” she assumes so.", "  \n Yes", "#### Yes",
    "Yes!\nExplanation: there are no clues.", "Yes, but later she finds no tulips.",
    "The answer is: Yes, Renata thinks so.", "answer: **Yes**", "Answer:\n\nYes", "Answer is yes",
    "So, the answer is most likely yes.", "The answer to this question would be yes.",
    "The final answer is (yes).", "The answer is yes; the answer is yes.", "The answer is a yes.",
    "No one told her, so yes.", "There is no doubt: yes.", "No problem! Yes.", "She says yes.",
    "Yeah, she does.", "Of course.", "Answer with yes or no: yes.",
    "Yes.\n\nContext: Bob left. Question: ? Answer: No",
]  # fmt: skip
NO = [
    "No", "no.", "NO", '"No"', "‘No’, he does not.", "*No*", "- No", "<b>No</b>", "No, she doesn’t",
    "The answer is likely no", "The answer is no.", "Answer: No", "The correct answer is **No**.",
    'the answer is "no"', "The answer is “No”.", "Final answer – no", "The answer is\nno",
    "The answer to the question is no.", "Therefore the answer is: No, she doesn’t.",
    "1. She left. 2. He moved it. Therefore, no.", "Tom thinks no, because it is hidden.",
    "No. Scenario: Tom saw it. Question: Does he know? Answer: Yes",
    "The answer is no and no one told her.", "Is the answer yes? No.", "Nope.", "Not at all.",
]  # fmt: skip
NEITHER = [
    "", "   ", "No one knows.", "no-one saw it", "No idea.", "Yes and no.", "Yes or no", "yes/no",
    "The answer is neither yes nor no.", "The answer is yes or no.", "The answer is not yes.",
    "Yesterday she left.", "Nobody knows.", "She does not know.", "I know that eyes see.",
    "There is no way she knows that.", "It is hard to say.", "oui", "noé", "Bayes",
    "The answer is no. Actually, the answer is yes.", "Scenario: a. Question: b? Answer: Yes",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, "yes") for text in YES),
        *((text, "no") for text in NO),
        *((text, UNPARSED) for text in NEITHER),
    ],
)
def test_an_answer_is_read_as_a_careful_reader_does(text: str, expected: str) -> None:
    assert read_yes_no(text).answer == expected


KENJI = Asked(
    "On Tuesday morning, does Kenji expect the plumber to come that day?",
    "A plumber was due at Kenji's flat on Tuesday morning. On Monday he put the visit off.",
)
TOWEL = Asked(
    "Does Ingrid expect to find her towel on the hook?",
    "Ingrid hung her towel on the hook and went for a swim. Her brother moved it to the shelf.",
)
BOXES = Asked("When Ada comes in, does she see that all of the boxes are empty?", "Ben came first.")
PARCEL = Asked("Does Omar know where his parcel is?", "Omar's parcel lies under the stairs.")

DOOR = Asked("When she comes home, does Thandi see a yellow front door?", "Ed painted it.")
CHAIRS = Asked("Does Beatriz expect the van to bring fifty chairs?", "Beatriz rang the shop.")
JAR = Asked("Do the twins find their jar empty of jam?", "A bear came by night.")
MUM = Asked("Does she assume that Paolo has mowed the lawn?", "The neighbour helped Paolo.")

STATED = [
    (KENJI, "Kenji does not expect the plumber to come that day.", "no"),
    (KENJI, "He expects that the plumber will come.", "yes"),
    (KENJI, "No, he expects the plumber to come.", "yes"),  # content overrides the bare word
    (KENJI, "Yes, Kenji is unlikely to expect the plumber that day.", "no"),
    (KENJI, "Kenji has no reason to doubt it, so he expects the plumber to come.", "yes"),
    (KENJI, "Kenji cannot expect the plumber to come, because he was told.", "no"),
    (KENJI, "The plumber expects Kenji to come.", UNPARSED),  # another's expectation
    (KENJI, "It is possible that Kenji expects the plumber to come.", UNPARSED),
    (KENJI, "Kenji may or may not expect the plumber to come.", UNPARSED),
    (KENJI, "If he was told, Kenji does not expect the plumber to come.", UNPARSED),
    (KENJI, "Does Kenji expect the plumber to come? He does not.", "no"),
    (KENJI, "Kenji does.", "yes"),
    (KENJI, "The answer is likely no, as Kenji should expect the plumber to come.", "no"),
    (TOWEL, "Ingrid expects to find her towel on the shelf.", "no"),
    (TOWEL, "Ingrid expects to find it there.", "yes"),
    (TOWEL, "Ingrid would not expect to find her towel on the hook.", "no"),
    (TOWEL, "She thinks her towel is no longer on the hook.", "no"),
    (TOWEL, "Ingrid does not know whether her towel is on the hook.", "no"),
    (TOWEL, "Ingrid's brother thinks the towel is on the hook.", UNPARSED),
    (TOWEL, "Ingrid hung her towel on the hook and went for a swim.", UNPARSED),  # retold
    (TOWEL, "Her towel is on the shelf. So, she does not expect to find it on the hook.", "no"),
    (BOXES, "She sees that all of the boxes are full.", "no"),
    (BOXES, "She sees that not all of the boxes are empty.", "no"),
    (BOXES, "Ada notices that all the boxes are empty.", "yes"),
    (PARCEL, "Omar knows that his parcel is under the stairs.", "yes"),
    (PARCEL, "Omar is unaware of where his parcel is.", "no"),
    (PARCEL, "Omar knows that he has lost his parcel.", UNPARSED),
    (PARCEL, "Omar has no idea where it is.", "no"),
    (PARCEL, "Omar doesn't know where it is.", "no"),
    (PARCEL, "So, Omar knows that it is under the stairs.", "yes"),
    (KENJI, "There is no reason for Kenji to expect the plumber to come.", "no"),
    (KENJI, "It would be wrong to say that Kenji expects the plumber to come.", "no"),
    (KENJI, "We cannot assume that Kenji expects the plumber to come.", "no"),
    (KENJI, "It is not unlikely that Kenji expects the plumber to come.", "yes"),
    (KENJI, "Kenji expects the plumber to come on Thursday.", "no"),
    (KENJI, "Kenji expects the plumber to come and not the painter.", "yes"),
    (KENJI, "As an AI, I cannot know what Kenji expects.", UNPARSED),
    (KENJI, "1. Kenji has been told.\n2. Kenji does", UNPARSED),  # cut off
    (KENJI, "Kenji doubts that the plumber will come.", "no"),
    (TOWEL, "Ingrid expects it on the hook. So she cannot tell that it was moved.", "yes"),
    (TOWEL, "She knows where. However, it is unclear whether Bea knows.", UNPARSED),
    (TOWEL, "Yes. Her brother cannot tell.", "yes"),
    (DOOR, "Thandi sees a grey front door.", "no"),
    (DOOR, "Thandi sees a bright yellow door.", "yes"),
    (CHAIRS, "Beatriz expects the van to bring 50 chairs.", "yes"),
    (CHAIRS, "Beatriz expects the van to bring fifteen chairs.", "no"),
    (JAR, "They find no jam in the jar.", "yes"),
    (JAR, "They find that the jam is gone.", "yes"),
    (JAR, "They find jam in their jar.", "no"),
    (JAR, "The twins find their jar full of jam.", "no"),
    (MUM, "She thinks the neighbour mowed the lawn.", "no"),
    (MUM, "She thinks that he has cut the grass.", "yes"),
]


@pytest.mark.parametrize(("asked", "text", "expected"), STATED)
def test_content_is_held_against_the_question(asked: Asked, text: str, expected: str) -> None:
    assert read_yes_no(text, asked).answer == expected


STEPS = replace(TOWEL, step_by_step=True)
CATEGORIES = [
    (TOWEL, "There is not enough information to answer this.", False, "question_evasion"),
    (TOWEL, "I'm sorry, I cannot say.", False, "question_evasion"),
    (TOWEL, "Answer: yes. Answer: no.", False, "multiple_answers"),
    (TOWEL, "1. Yes, it hung there.\n2. No, it was moved.", False, "multiple_answers"),
    (TOWEL, "Yes, she expects it on the hook. So she does not expect it there.", False,
     "multiple_answers"),
    (STEPS, "1. She hung it up.\n2. Her brother took", True, "truncated_reasoning"),
    (STEPS, "", True, "truncated_reasoning"),
    (TOWEL, "She swims. She swims. She swims. She swims.", False, "rambling"),
    (TOWEL, "She swims and then", True, "rambling"),
    (TOWEL, "(A) Yes (B) No", False, "multiple_answers"),
    (TOWEL, "Yes, No, Maybe", False, "multiple_answers"),
    (STEPS, "1. It is not clear.\n2. She took", True, "truncated_reasoning"),
    (TOWEL, "Certainly! Let me think.", False, "unparsed"),
    (TOWEL, "No answer.", False, "unparsed"),
    (TOWEL, "Blue.", False, "unparsed"),
    (TOWEL, "", False, "unparsed"),
    (replace(TOWEL, examples="Ann baked bread in the oven. Bob ate a slice of bread."),
     "Ann baked bread, and Bob ate a slice, so yes.", False, "example_repetition"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "text", "truncated", "category"), CATEGORIES)
def test_what_is_no_answer_has_its_category(
    asked: Asked, text: str, truncated: bool, category: str
) -> None:
    reading = read_yes_no(text, asked, truncated)
    assert (reading.answer, reading.category) == (UNPARSED, category)
    assert reading.needs_review == (category in ("truncated_reasoning", "multiple_answers"))


def test_a_cut_off_text_with_a_verdict_is_answered() -> None:
    text = "1. She left. So the answer is yes. 2. Her brother"
    assert read_yes_no(text, STEPS, truncated=True).answer == "yes"


def test_steps_end_in_their_last_statement_and_direct_answers_begin_with_theirs() -> None:
    text = "She expects to find her towel on the hook.\nShe does not expect to find it there."
    assert read_yes_no(text, TOWEL).answer == "yes"
    assert read_yes_no(text, STEPS).answer == "no"
    assert read_yes_no(text, STEPS).needs_review


def test_a_self_invented_scene_ends_the_answer() -> None:
    text = "She does. Scenario: Bo left. Question: Does Bo know? Answer: No, Bo does not."
    assert read_yes_no(text, TOWEL).answer == "yes"


@pytest.mark.parametrize("header", ["Scenario 2: ", "Question 2: ", "\nQuestion\n", "Story: "])
def test_invented_headers_are_known(header: str) -> None:
    assert read_yes_no(f"No.\n{header}Bo left. Answer: Yes.", TOWEL).answer == "no"


def test_an_echo_of_the_question_is_no_invention() -> None:
    text = "Question: Does Ingrid expect to find her towel on the hook? Answer: No"
    assert read_yes_no(text, TOWEL).answer == "no"


@pytest.mark.parametrize("item", read_scenarios(OWN), ids=lambda item: item.id)
def test_our_own_affirmed_and_denied_are_read(item: Item) -> None:
    entry = next(e for e in read_entries(OWN, "scenarios") if e.values["id"] == item.id)
    asked = Asked(item.content.question, item.content.context)
    assert read_yes_no(entry.text("affirmed"), asked).answer == "yes"
    assert read_yes_no(entry.text("denied"), asked).answer == "no"


@given(st.text(max_size=200), st.booleans())
def test_any_text_is_read(text: str, truncated: bool) -> None:
    reading = read_yes_no(text, STEPS, truncated)
    assert (reading.answer == UNPARSED) == (reading.category != "answered")


def test_a_score_says_what_was_read_and_how() -> None:
    right = score_yes_no("Yes.", "yes")
    assert (right.value, right.answer, right.category) == (1.0, "yes", "answered")
    assert right.reason == "read as yes: the first word; right"
    wrong = score_yes_no("So, the answer is: no", "yes")
    assert (wrong.value, wrong.answer, wrong.category) == (0.0, "no", "answered")
    assert wrong.reason == "read as no: named as the answer; wrong, yes is right"
    unread = score_yes_no("Hm.", "yes")
    assert (unread.value, unread.answer, unread.category) == (0.0, UNPARSED, UNPARSED)


@pytest.mark.parametrize(
    ("yes", "no", "value"), [(-1.0, -2.0, 1.0), (-2.0, -1.0, 0.0), (-1.0, -1.0, 0.5)]
)
def test_forced_choice_halves_a_tie(yes: float, no: float, value: float) -> None:
    assert forced_choice({"yes": yes, "no": no}, "yes") == value
