"""Tables as Markdown and LaTeX: nothing that stands in a cell can end it."""

import pytest

from tombench.summary.grid import Grid, latex, markdown


def row_of(*cells: str) -> str:
    """The row as LaTeX has it."""
    grid = Grid("t", ("a", "b", "c")[: len(cells)], (cells,))
    return latex(grid).split("\\midrule\n")[1].splitlines()[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a_b & 5 % #1 $2 {x}", r"a\_b \& 5 \% \#1 \$2 \{x\}"),
        ("\\x ~ ^", r"\textbackslash{}x \textasciitilde{} \textasciicircum{}"),
        ("−0.2 – 3 × 4", r"$-$0.2 -- 3 $\times$ 4"),
        ("p ≤ .05 ≥ → α µ", r"p $\le$ .05 $\ge$ $\to$ $\alpha$ $\mu$"),
        ("mean |change| <.001", r"mean \textbar{}change\textbar{} $<$.001"),
        ("two\nlines", "two lines"),
        ("\x1b[2J", r"\textbackslash{}x1b[2J"),
    ],
)
def test_latex_sets_what_it_would_read_as_commands(text: str, told: str):
    assert row_of(text, "y") == rf"{told} & y \\"


@pytest.mark.parametrize("first", ["[x] model", "* model"])
def test_a_row_does_not_begin_as_an_option_of_the_line_break(first: str):
    assert row_of(first, "y").startswith("{}" + first[0])


def test_latex_has_as_many_columns_in_every_row():
    grid = Grid("a & b", ("Model", "m", "x & y"), (("t_1", "&", "0.5 [0.4, 0.6]"), ("u", "v", "–")))
    lines = latex(grid).splitlines()
    assert lines[1] == "% a & b"
    assert lines[2] == r"\begin{tabular}{llr}"
    rows = [line for line in lines if line.endswith(r"\\")]
    assert [line.replace(r"\&", "").count("&") for line in rows] == [2, 2, 2]


def test_markdown_escapes_what_would_end_a_cell():
    header = ("Model", "of", "mean |change|")
    lines = markdown(Grid("t", header, (("a|b", "[x](y)", "0.5 [0.4, 0.6] | <b>"),))).splitlines()
    assert lines[2] == "| Model | of | mean &#124;change&#124; |"
    assert lines[4] == "| a&#124;b | &#91;x&#93;(y) | 0.5 [0.4, 0.6] &#124; &lt;b&gt; |"
