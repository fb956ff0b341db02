"""Chains: each link in its own run folder, finished links not repeated, one base for three."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CONFIGS, Outcome, run_json
from toy_models import untrained

Command = Callable[..., Outcome]
LINK = ["steps=2", "batch_size=2", "accumulation=1", "lora.rank=2"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return untrained(tmp_path_factory.mktemp("untrained"))


def words(weights: Path, root: Path, chain: str, *links: str) -> list[str]:
    given = [CONFIGS, "stage=finetune", "task=toy", "model=local", f"model.path={weights}"]
    given += [f"recipe={chain}", f"output_root={root}"]
    given += [f"recipe.{link}.{word}" for link in links for word in LINK]
    return given + (["recipe.ppo.rollout=4"] if "ppo" in links else [])


def runs(root: Path) -> dict[str, list[str]]:
    """Run folders by what they are of."""
    found = sorted((root / "finetune" / "toy").glob("*/v*"))
    by_name: dict[str, list[str]] = {}
    for path in found:
        by_name.setdefault(path.parent.name, []).append(path.name)
    return by_name


def test_sft_dpo_merges_after_each_link(weights: Path, tmp_path: Path, command: Command) -> None:
    done = command(*words(weights, tmp_path, "sft_dpo", "sft", "dpo"))
    assert done.status == 0, done.err
    expected = {"local-sft": ["v0001"], "local-dpo": ["v0001"], "local-merge": ["v0001", "v0002"]}
    assert runs(tmp_path) == expected | {"local-sft_dpo": ["v0001"]}
    assert done.folder.parent.name == "local-sft_dpo"
    assert [Path(link).parent.name for link in run_json(done.folder)["links"]] == [
        "local-sft", "local-merge", "local-dpo", "local-merge",
    ]  # fmt: skip
    last = tmp_path / "finetune" / "toy" / "local-merge" / "v0002" / "merged"
    assert (done.folder / "merged").resolve() == last.resolve()
    dpo = tmp_path / "finetune" / "toy" / "local-dpo" / "v0001" / "adapter" / "adapter_config.json"
    base = json.loads(dpo.read_text())["base_model_name_or_path"]
    assert base == str((tmp_path / "finetune/toy/local-merge/v0001/merged").resolve())
    asked = ["limit=1", "task.repetitions=0", "backend.device=cpu", f"output_root={tmp_path}"]
    assert command("model=local", f"model.path={done.folder}", *asked).status == 0


def test_a_changed_last_link_repeats_nothing_before_it(
    weights: Path, tmp_path: Path, command: Command
) -> None:
    first = words(weights, tmp_path, "sft_dpo", "sft", "dpo")
    assert command(*first).status == 0
    again = command(*first)
    assert again.status == 0 and again.folder.name == "v0001"
    assert command(*first, "recipe.dpo.beta=0.5").status == 0
    assert runs(tmp_path) == {
        "local-sft": ["v0001"],
        "local-dpo": ["v0001", "v0002"],
        "local-merge": ["v0001", "v0002", "v0003"],
        "local-sft_dpo": ["v0001", "v0002"],
    }


def test_rlhf_goes_from_sft_over_a_reward_model_to_ppo(
    weights: Path, tmp_path: Path, command: Command
) -> None:
    done = command(*words(weights, tmp_path, "rlhf", "sft", "reward", "ppo"))
    assert done.status == 0, done.err
    assert [Path(link).parent.name for link in run_json(done.folder)["links"]] == [
        "local-sft", "local-merge", "local-reward", "local-merge", "local-ppo", "local-merge",
    ]  # fmt: skip
    ppo = run_json(tmp_path / "finetune" / "toy" / "local-ppo" / "v0001")
    assert ppo["identity"]["model"]["reward_model"]


def test_where_all_weights_learn_there_is_nothing_to_merge(
    weights: Path, tmp_path: Path, command: Command
) -> None:
    given = [
        word for word in words(weights, tmp_path, "sft_dpo", "sft", "dpo") if "lora" not in word
    ]
    done = command(*given, "recipe.sft.lora=null", "recipe.dpo.lora=null")
    assert done.status == 0, done.err
    assert runs(tmp_path).keys() == {"local-sft", "local-dpo", "local-sft_dpo"}
    assert (done.folder / "model").resolve().parent.parent.name == "local-dpo"


def test_a_dry_run_tells_every_link(weights: Path, tmp_path: Path, command: Command) -> None:
    done = command(*words(weights, tmp_path, "rlhf", "sft", "reward", "ppo"), "dry_run=true")
    assert done.status == 0 and not (tmp_path / "finetune").exists()
    assert [line for line in done.out.splitlines() if line.startswith("==")] == [
        "== sft", "== reward", "== ppo",
    ]  # fmt: skip


def test_where_data_lies_is_no_identity_of_a_chain(
    weights: Path, tmp_path: Path, command: Command
) -> None:
    row = {
        "prompt": "Tom put the key in the",
        "completion": " box.",
        "chosen": " a.",
        "rejected": " b.",
    }
    for name in ("one.jsonl", "two.jsonl"):
        (tmp_path / name).write_text(json.dumps(row) + "\n")
    given = [
        word for word in words(weights, tmp_path, "sft_dpo", "sft", "dpo") if "steps" not in word
    ]
    folders = [
        command(
            *given,
            *(f"recipe.{link}.data={tmp_path}/{name}" for link in ("sft", "dpo")),
            f"recipe.sft.checkpoint_every={every}",
        ).folder
        for name, every in (("one.jsonl", 5), ("two.jsonl", 7))
    ]
    assert folders[0] == folders[1] and folders[0].name == "v0001"


def test_in_a_chain_its_own_reward_model_pays(
    weights: Path, tmp_path: Path, command: Command
) -> None:
    given = words(weights, tmp_path, "rlhf", "sft", "reward", "ppo")
    done = command(*given, "recipe.ppo.reward=toy_models.saying_box")
    assert done.status == 2 and "the chain's own reward model pays" in done.lines[-1]


def test_mistakes_in_a_link_are_told_with_its_name(
    weights: Path, tmp_path: Path, command: Command
) -> None:
    given = words(weights, tmp_path, "sft_dpo", "sft", "dpo")
    done = command(*given, "recipe.dpo.bta=1", "recipe.sft.warmup=-1")
    assert done.status == 2
    assert any("recipe.dpo.bta" in line and "'beta'" in line for line in done.lines)
    assert any("recipe.sft.warmup=-1" in line for line in done.lines)
