"""The studies' commands and flags: a row each, whose right column is read word for word."""

import re
from pathlib import Path

import pytest
from hydra import version
from omegaconf import OmegaConf
from shown_commands import checked, commands_in

from tombench import cli, overrides

DOCS = Path(__file__).parents[2] / "docs"
NAMED = {
    "vignettes": (
        *("ToM_Eval_GPT4All.py", "ToM_Eval_GPT4All_Finetune.py --model", "Tom_Eval_LLaMa2.py"),
        *("Tom_Eval_LLaMa2-Chat.py", "--sbs", "--cot", "--reps 20 --temp 0.4 --top_k 50"),
        *("--top_p 0.95 --tokens 128", "PPO/ppo_supervised_finetuning.py"),
        *("DPO/dpo_supervised_finetuning.py", "PPO/ppo_reward_modeling.py --model_name"),
        *("PPO/ppo_rl_training.py --model_name", "--reward_model_name"),
        *("DPO/dpo_finetuning.py --model_name_or_path", "merge_peft_adapter.py"),
        *("--adapter_model_name", "--base_model_name", "--base_model_revision", "--output_name"),
        *("Z3R6X/gpt4all_dpo_instruct", "results table"),
    ),
    "planner": (
        *("formatted_finetuning_data.json", "virtual_home_finetuing_data_MMToM.json"),
        *("ancient_egyptian_", "andersen_fairy_tales_", "medieval_castle_", "outer_space_"),
        *("wild_west_finetuning_data", "multimodal_representations_virtual_home.json"),
        *("data/eval/unseen/<theme>.json", "scale_tom_data.zip", "post_train_policy_model.py"),
        *("--train_file", "--model_name_or_path", "--fisher_matrix_path"),
        *("--per_device_train_batch_size 4 --gradient_accumulation_steps 4", "--lr 5e-5"),
        *("--num_epochs 3", "scale_bayesian_policy_model.py --eval_data_path"),
        *("--large_base_name_or_path", "--alpha", "--load_in_4bit", "--device_map", "envs.yaml"),
    ),
    "sparsity": (
        *("create_gradient.py", "--dataset tom", "--dataset c4", "--nsamples 100", "--seqlen 0"),
        *("--seqlen 128", "--seed 0", "--model", "--cache_dir", "--out", "chunk_gradient.py"),
        *("--output_path", "--device_map", "ToM_and_perplexity_evaluation.py"),
        *("--grad_tom_chunks --grad_c4_chunks", "--tom_tasks", "--out_dir"),
        *("--tensor_parallel_size 1", "--max_model_len 1024", "--batch_size 64", "--reps 5"),
        *("--m_start 0 --m_end 5e-5 --m_step 2e-6", "summarize.py --root --reps --out_csv"),
    ),
    "games": (
        *("data/", "factory_ready.json", "mainloop", "300 repetitions", "Groq", "webul", "l2tune/"),
        *("results/", "oos_context/", "ood_game/", "pgg/", "notebooks"),
    ),
}
"""Scripts, flags and files of each study, as its repository names them."""


def _rows(page: str) -> list[list[str]]:
    """Of the page's table: theirs, meaning, ours."""
    text = (DOCS / f"{page}.md").read_text("utf-8")
    table = re.search(
        r"^\| theirs \| meaning \| ours \|\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE
    )
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1].splitlines()
    ]


ROWS = [(page, *row) for page in NAMED for row in _rows(page)]


@pytest.fixture(autouse=True)
def _forgets_config_dir(monkeypatch):
    monkeypatch.setenv("TOMBENCH_CONFIG_DIR", "")


@pytest.mark.parametrize("page", NAMED)
def test_table_names_all_that_the_study_has(page):
    theirs = "\n".join(" ".join(row[:2]) for row in _rows(page))
    assert [name for name in NAMED[page] if name not in theirs] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1][:60]}")
def test_every_row_composes_and_every_word_is_read(row):
    *_, ours = row
    commands = commands_in(ours)
    assert commands or ours == "`environment.yaml`"
    assert [note for command in commands for note in checked(command).unused] == []


@pytest.mark.parametrize(
    "page, flags, key, value",
    [
        ("vignettes", "--reps 20", "task.repetitions", 20),
        ("vignettes", "--reps 20", "generation.temperature", 0.4),
        ("vignettes", "--reps 20", "generation.top_k", 50),
        ("vignettes", "--reps 20", "generation.top_p", 0.95),
        ("vignettes", "--reps 20", "generation.max_new_tokens", 128),
        ("vignettes", "--sbs --cot", "prompting.step_by_step", True),
        ("vignettes", "--sbs --cot", "prompting.worked_examples", True),
        ("vignettes", "--model DPO", "model.path", "Z3R6X/gpt4all_dpo_instruct"),
        ("vignettes", "merge_peft_adapter.py", "model.revision", "v1.3-groovy"),
        ("planner", "--per_device_train_batch_size 4", "recipe.batch_size", 4),
        ("planner", "--per_device_train_batch_size 4", "recipe.accumulation", 4),
        ("planner", "--per_device_train_batch_size 4", "recipe.learning_rate", 5e-5),
        ("planner", "--per_device_train_batch_size 4", "recipe.epochs", 3),
        ("planner", "--load_in_4bit", "large.quantization", "nf4"),
        ("planner", "--alpha 1.0", "policy.alpha", 1.0),
        ("sparsity", "--dataset tom", "task.samples", 100),
        ("sparsity", "--dataset tom", "task.objective", "study"),
        ("sparsity", "--dataset c4", "task.general_length", 128),
        ("sparsity", "--m_start 0", "task.m_end", 5e-5),
        ("sparsity", "--m_start 0", "task.m_step", 2e-6),
        ("games", "300 repetitions", "task.draws", 300),
        ("games", "ood_game/", "task.payoffs", ["doubled"]),
    ],
)
def test_flag_sets_what_the_study_set(page, flags, key, value):
    ours = next(row[2] for row in _rows(page) if flags in " ".join(row[:2]))
    first = re.search(r"`(tombench [^`]*)`", ours)[1]
    version.setbase("1.3")
    config = overrides.compose(cli._loader(cli._search_path(None)), checked(first).texts)
    assert OmegaConf.select(config, key) == value


def test_environment_file_is_there():
    assert (DOCS.parent / "environment.yaml").is_file()
