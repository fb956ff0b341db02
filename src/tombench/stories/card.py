"""The card of an exported suite: what it is, how it is made, how fair it is, where its limits are.

In the form of a dataset card: YAML front matter, then Markdown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from tombench import __version__
from tombench.schema import Item
from tombench.stories.balance import FEWEST, STANDARD_ERRORS, Balance, CellText, Solved
from tombench.stories.suite import GENERATOR_VERSION, HEADLINE, Suite
from tombench.stories.suite_files import ANSWER_KEY, CHECKED, HUMAN_CHECK, SUITE, canary

LIMITS = (
    "English alone, from templates: about as varied as a reader for children.",
    "Two paradigms; beliefs are about a place or about what is inside a container.",
    "True beliefs are three times as frequent as false ones; in pairs both are as frequent.",
    "percept and knowledge have more right answers No, or Yes, than not: see the counts by option.",
    "`informed` has one sentence more than `false_belief`, in which the right answer is said: a "
    "solver that knows a word such as *told*, or takes what is mentioned last or most, tells the "
    "two apart. `no_transfer` and `correct_label` differ in a word or two. Judge a model by "
    "matched pairs and whole sets, not by single cells.",
    "Nobody but the two oracles has answered the questions. The sheet for people is there so that "
    "somebody does.",
)


@dataclass(frozen=True)
class SuiteFacts:
    """What a suite's card says."""

    suite: Suite
    items: Sequence[Item]
    balance: Balance
    sha256: str  # of suite.jsonl
    commitment: str | None  # sha256 of a secret seed; None: the seed is told


def suite_card(facts: SuiteFacts) -> str:
    """README.md of an exported suite."""
    parts = (
        front_matter("False-belief contrast sets", len(facts.items), SUITE),
        _introduction(facts),
        _made_from(facts),
        _columns(),
        _counts(facts),
        _balance(facts.balance),
        _limits(facts.suite),
    )
    return "\n".join(parts)


def front_matter(name: str, count: int, data: str) -> str:
    """The YAML that dataset hubs read."""
    bounds = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
    size = next((text for bound, text in bounds if count < bound), "100K<n<1M")
    return (
        f"---\nlicense: cc-by-4.0\nlanguage: [en]\npretty_name: {name}\n"
        "tags: [theory-of-mind, false-belief, synthetic]\n"
        f"size_categories: [{size}]\n"
        f"configs:\n- config_name: default\n  data_files: {data}\n---\n"
    )


def _introduction(facts: SuiteFacts) -> str:
    sets, items = facts.suite.sets, len(facts.items)
    return (
        "# False-belief contrast sets\n\n"
        f"{sets} stories, each told in eight cells that differ in what one person perceives, with "
        f"{items:,} questions. A text generator wrote them; two independent programs worked out "
        "who believes what, and agree. A third read each story back to the events that it tells. "
        "After Kosinski (2024), PNAS 121 (45), a set counts as solved only if all its cells are.\n"
        "\nLicence: CC BY 4.0.\n\n"
        f"Canary GUID {canary(facts.suite)}: this is test data and belongs in no training "
        "corpus.\n"
    )


def _made_from(facts: SuiteFacts) -> str:
    suite = facts.suite
    seed = f"`{suite.seed}`"
    if facts.commitment:
        seed = f"secret; its sha256 is `{facts.commitment}`"
    rows = {
        "generator": f"version {GENERATOR_VERSION}, tombench {__version__}",
        "seed": seed,
        "sets": str(suite.sets),
        "words": suite.words,
        "wordings": suite.wordings,
        "form": suite.form,
        "questions": ", ".join(suite.questions),
        "alterations": "yes" if suite.alterations else "no",
        "header": f"`{suite.header}`" if suite.header else "none",
        f"sha256 of {SUITE}": f"`{facts.sha256}`",
    }
    return "## Made from\n\n" + table(("", ""), list(rows.items()))


def _columns() -> str:
    return (
        "## Files\n\n"
        f"`{SUITE}`: one JSON object an item: `id`, `set`, `paradigm`, `cell`, `variant`, "
        "`question_type`; `story`, `ask`, `prompt` (what a model reads; the answer follows after "
        "a blank), `options`, `answer`; `reality` (what one says who takes everybody to know the "
        "facts); `setting` and `events`, from which the text is told; `beliefs` (agent, subject, "
        "the values that the agent holds possible at the end).\n\n"
        f"`{HUMAN_CHECK}`: up to {CHECKED} items for people to answer. `{ANSWER_KEY}`: the right "
        "answers to them. Keep it from those who answer.\n"
    )


def _counts(facts: SuiteFacts) -> str:
    cells = Counter((i.condition["paradigm"], i.condition["cell"]) for i in facts.items)
    types = Counter(i.condition["question_type"] for i in facts.items)
    beliefs = facts.balance.beliefs
    heads = ", ".join(f"{paradigm}: {' and '.join(two)}" for paradigm, two in HEADLINE.items())
    return (
        "## Counts\n\n"
        + table(("paradigm", "cell", "items"), [(*key, str(n)) for key, n in cells.items()])
        + "\n"
        + table(("question type", "items"), [(kind, str(n)) for kind, n in types.items()])
        + f"\nThe questions that make a set are {heads}. In the eight cells the protagonist's "
        f"belief is true {beliefs['true']} times and false {beliefs['false']} times.\n"
    )


def _balance(found: Balance) -> str:
    parts = [
        "## Balance\n",
        "Solvers that do not read who perceives what. The share of right answers, ± its standard "
        "error over sets; ties count in part. `bag_of_words` is a logistic regression on counts "
        "of the prompt's words, fitted to other sets; it predicts whether the option is right "
        "that the story mentions first, `bag_of_words_last` the same of the last. "
        "`question_only` sees no story.\n",
    ]
    for control, solved in found.pairs.items():
        if solved:
            parts += [f"Pairs of a false belief and its {control} control:\n", _solvers(solved)]
    parts.append(
        f"A suite of {FEWEST} sets or more is refused where a solver is more than "
        f"{STANDARD_ERRORS:.0f} standard errors above chance on matched pairs. The rest is "
        "told, and refused nowhere. All questions of the cells:\n"
    )
    parts += [_solvers(found.cells), "Whole sets:\n", _solvers(found.sets, digits=5)]
    parts += [_by_type(found.types), _options(found.answers), _texts(found.texts)]
    parts.append(_roles(found.roles))
    return "\n".join(part for part in parts if part)


def _solvers(solved: Sequence[Solved], digits: int = 3) -> str:
    rows = [
        (
            one.solver,
            _number(one.accuracy, digits),
            _number(one.standard_error, digits),
            _number(one.chance, digits),
            str(one.n),
            str(one.clusters),
        )
        for one in solved
    ]
    return table(("solver", "right", "±", "chance", "n", "sets"), rows)


def _by_type(types: Mapping[str, Sequence[Solved]]) -> str:
    solvers = [one.solver for one in next(iter(types.values()), ())]
    rows = [
        (solver, *(_number(types[kind][place].accuracy, 3) for kind in types))
        for place, solver in enumerate(solvers)
    ]
    return "By question type:\n\n" + table(("solver", *types), rows)


def _options(answers: Mapping[str, Sequence[int]]) -> str:
    rows = [(kind, " : ".join(map(str, counts))) for kind, counts in answers.items()]
    return "How often each option is the right one, in their order:\n\n" + table(
        ("question type", "right"), rows
    )


def _texts(texts: Mapping[str, CellText]) -> str:
    rows = [
        (cell, f"{t.words:.1f}", f"{t.difference:.1%}", f"{t.overlap:.3f}")
        for cell, t in texts.items()
    ]
    return (
        "Stories against the false-belief story of the same set: mean words, the largest relative "
        "difference of length, the mean overlap of the two vocabularies (Jaccard):\n\n"
        + table(("cell", "words", "difference", "overlap"), rows)
    )


def _roles(roles: Mapping[str, Mapping[str, int]]) -> str:
    rows = [
        (role, str(len(counts)), str(min(counts.values())), str(max(counts.values())))
        for role, counts in roles.items()
    ]
    return "Words in each role, and in how many sets the rarest and the commonest stand:\n\n" + (
        table(("role", "words", "fewest", "most"), rows)
    )


def _limits(suite: Suite) -> str:
    own = {"nonsense": ("Its nouns exist in no language; some look like English words.",)}
    lines = (*LIMITS, *own.get(suite.words, ()))
    return "## Known limits\n\n" + "\n".join(f"- {line}" for line in lines) + "\n"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _number(value: float, digits: int) -> str:
    return "" if isnan(value) else f"{value:.{digits}f}"
