"""Time and memory of masking a model for a sweep of shares m, in place and by whole copies.

    python benchmarks/masking.py [THREADS]

A random Llama of 70.5 M parameters in float16 with random squared gradients of two texts, on two
ways to the same masked weights (definition and replacement of the sparse-parameter study):

- copies: of each m the model is loaded, masked, saved and loaded again, as the study does (it loads
  a second time, for the other of its two measurements, which is not counted here);
- in place: the model is loaded once and its gradients are sorted once; of each m the mask is put on
  and taken off again; once more with replacement "mean", the task's own.

Each way is a process of its own. Memory is what a process holds at its peak above what it held
before the model came; it is told by a second run in which freed memory goes back at once, which is
slower (else glibc keeps up to some 100 MiB of it). Last, it is checked that both ways give the same
weights to the bit.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from tombench.masking.applying import Application, Replacement
from tombench.masking.files import Origin, load_gradients, save_gradients
from tombench.masking.names import layer_matrices, weights_by_name
from tombench.masking.sweep import MaskSettings, sweep
from tombench.models.load import quiet

SHARES = [number * 2 / 10**6 for number in range(26)]  # the study's grid
COPIES = SHARES[1::12]  # those of which whole copies are made: 2e-6, 2.6e-5, 5e-5
MIB = 2**20
TRIM = {"MALLOC_TRIM_THRESHOLD_": "131072"}


def write(root: Path) -> int:
    """The model and its gradients; bytes of the weights."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=32000, hidden_size=512, intermediate_size=1376, num_hidden_layers=12,
        num_attention_heads=8, eos_token_id=None, bos_token_id=None,
    )  # fmt: skip
    network = LlamaForCausalLM(config).half()
    network.save_pretrained(root / "model")
    weights = weights_by_name(network)
    for text in ("tom", "general"):
        drawn = {n: torch.randn(weights[n].shape).square() for n in layer_matrices(network)}
        save_gradients(root / text, drawn, Origin("0" * 64, "0" * 64, 1, 2, "sum"))
    return sum(weight.nbytes for weight in weights.values())


def load(root: Path) -> LlamaForCausalLM:
    return AutoModelForCausalLM.from_pretrained(root / "model", dtype=torch.float16)


def digest(network: LlamaForCausalLM) -> str:
    found = hashlib.sha256()
    for weight in network.state_dict().values():
        found.update((weight + 0.0).numpy().tobytes())  # -0 is 0
    return found.hexdigest()


def memory(field: str) -> int:
    """Bytes that this process holds (VmRSS) or held at its peak (VmHWM); Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def study_mask(scores: Tensor, share: float) -> Tensor:
    k = int(scores.numel() * share)
    if k <= 0:
        return torch.zeros_like(scores, dtype=torch.bool)
    return scores > scores.flatten().topk(k).values[-1]


def masked_copy(root: Path, share: float) -> LlamaForCausalLM:
    """A masked model, saved and loaded again."""
    network, (tom, general) = load(root), (load_gradients(root / x) for x in ("tom", "general"))
    weights = weights_by_name(network)
    with torch.no_grad():
        for name in layer_matrices(network):
            weight = weights[name]
            mask = study_mask(tom[name], share) & ~study_mask(general[name], share)
            mean = (weight * ~mask).mean()
            weight.copy_(weight * ~mask + mean * mask)
    network.save_pretrained(root / "copy")
    del network, weights
    return AutoModelForCausalLM.from_pretrained(root / "copy", dtype=torch.float16)


def copies(root: Path) -> dict[str, object]:
    before, seconds, digests = memory("VmRSS"), [], []
    for share in COPIES:
        seconds.append(timed(lambda share=share: digests.append(digest(masked_copy(root, share)))))
        seconds[-1] -= timed(lambda: digest(load(root))) - timed(lambda: load(root))
    disk = sum(file.stat().st_size for file in (root / "copy").iterdir())
    return {
        "each": sum(seconds) / len(seconds),
        "digests": digests,
        "peak": memory("VmHWM") - before,
        "disk": disk,
    }


def in_place(root: Path, kind: str) -> dict[str, object]:
    before = memory("VmRSS")
    began = time.perf_counter()
    network = load(root)
    loading = time.perf_counter() - began
    loaded = memory("VmHWM") - before
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    application, replacement = Application(network), Replacement(kind)
    made, digests = [], []

    def sort(shares: list[float]) -> None:
        tom, general = (load_gradients(root / text) for text in ("tom", "general"))
        made[:] = [sweep(tom, general, shares, MaskSettings("study"))]

    def wear(share: float) -> None:
        with application.masked(made[0].mask(share), replacement):
            pass

    sort(SHARES[-1:])  # files come into the system's cache, which the other way has for its own too
    one = timed(lambda: (sort(SHARES[-1:]), wear(SHARES[-1])))
    sorting = timed(lambda: sort(SHARES))
    each = [timed(lambda m=m: wear(m)) for m in SHARES]
    peak = memory("VmHWM") - before
    for share in COPIES:
        with application.masked(made[0].mask(share), replacement):
            digests.append(digest(network))
    return {
        "loading": loading,
        "sorting": sorting,
        "each": sum(each) / len(each),
        "all": sorting + sum(each),
        "one": one,
        "digests": digests,
        "loaded": loaded,
        "peak": peak,
    }


def worker(*words: str) -> dict[str, object]:
    """What one way tells: times of one process, its peak of another, which gives memory back."""
    command = [sys.executable, __file__, *words]
    times, peaks = (
        json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=names).stdout)
        for names in (os.environ, {**os.environ, **TRIM})
    )
    return times | {"peak": peaks["peak"]}


def report(root: Path, threads: str) -> None:
    size = write(root)
    copied = worker("copies", str(root), threads)
    heads = f"{'a value of m':>14}{'sort':>9}{'one value':>11}{'all 26':>9}{'peak':>10}{'disk':>10}"
    print(f"{'':26}{heads}")
    each, peak, disk = copied["each"], copied["peak"] / MIB, copied["disk"] / MIB
    print(f"{'copies':26}{each:12.3f} s{'':29}{peak:6.0f} MiB{disk:6.1f} MiB")
    for kind in ("study_mean", "mean"):
        own = worker(kind, str(root), threads)
        print(
            f"{f'in place, {kind}':26}{own['each']:12.4f} s{own['sorting']:7.2f} s"
            f"{own['one']:9.2f} s{own['all']:7.2f} s{own['peak'] / MIB:6.0f} MiB{0:6.1f} MiB"
        )
        print(
            f"  {each / own['each']:.0f} times as fast; all 26 take {own['all'] / own['one']:.2f} "
            f"times one value; peak {own['peak'] / size:.2f} times the weights' {size / MIB:.0f} "
            f"MiB (loading: {own['loaded'] / size:.2f}, {own['loading']:.2f} s)"
        )
        if kind == "study_mean":
            same = own["digests"] == copied["digests"]
            print(f"  weights at {len(COPIES)} values of m: {'the same' if same else 'OTHERS'}")


def main() -> None:
    quiet()
    if len(sys.argv) == 4:
        way, root, threads = sys.argv[1:]
        torch.set_num_threads(int(threads))
        found = copies(Path(root)) if way == "copies" else in_place(Path(root), way)
        print(json.dumps(found))
        return
    threads = sys.argv[1] if len(sys.argv) > 1 else str(os.cpu_count())
    with tempfile.TemporaryDirectory() as folder:
        report(Path(folder), threads)


if __name__ == "__main__":
    main()
