"""The table of what wording changes, by the command."""

import csv

from tombench.cli import run


def test_wordings_of_a_known_mind_change_nothing(tmp_path, capsys) -> None:
    words = ["backend=mock", "task.paraphrases=2", "task.templates=[scenario,dialogue]"]
    assert run([*words, "task.repetitions=3", f"output_root={tmp_path}"]) == 0
    assert run(["stage=summarize", f"output_root={tmp_path}"]) == 0
    assert "what wording changes" in capsys.readouterr().out
    table = tmp_path / "summarize" / "v0001" / "tables" / "wording_vignettes.csv"
    (row,) = csv.DictReader(table.open(encoding="utf-8"))
    assert (row["items"], row["wordings"], row["repetitions"]) == ("16", "4", "3")
    assert float(row["sd_all"]) == float(row["variance_item_by_wording"]) == 0


def test_one_wording_has_no_table(tmp_path, capsys) -> None:
    assert run(["backend=mock", f"output_root={tmp_path}"]) == 0
    assert run(["stage=summarize", f"output_root={tmp_path}"]) == 0
    assert "what wording changes" not in capsys.readouterr().out
    tables = tmp_path / "summarize" / "v0001" / "tables"
    assert not (tables / "wording_vignettes.csv").exists()
