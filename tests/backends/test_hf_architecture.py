"""Which architectures are refused, and in which a text may be read in pieces."""

import pytest
from hf_models import ARCHITECTURES, REFUSED, UNSHARED, network, saved

from tombench.backends.hf.architecture import in_pieces, refuse
from tombench.backends.hf.backend import HfBackend
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.check import check

REASONS = {"mamba2": "cache of its own", "minimax": "cache of its own", "bart": "counts padding"}


@pytest.mark.parametrize("architecture", REFUSED)
@pytest.mark.parametrize("step", ["check", "load"])
def test_what_cannot_be_batched_is_refused_in_one_line(architecture, step):
    model = Model(name="test", path=str(saved(architecture)))
    check(model)  # which other backends ask too
    with pytest.raises(UserError) as told:
        getattr(HfBackend(device="cpu"), step)(model)
    line = str(told.value)
    assert "\n" not in line
    assert REASONS[architecture] in line and model.path in line and "backend=vllm" in line


@pytest.mark.parametrize("architecture", [*ARCHITECTURES, *UNSHARED])
def test_the_others_pass(architecture):
    HfBackend(device="cpu").check(Model(name="test", path=str(saved(architecture))))
    assert in_pieces(network(architecture)) is (architecture not in UNSHARED)


def test_the_command_refuses_before_anything_is_written(tombench, tmp_path):
    root = tmp_path / "o"
    done = tombench("model=local", f"model.path={saved('mamba2')}", f"output_root={root}")
    assert done.status == 2
    assert "Mamba2ForCausalLM keeps what it has read in a cache of its own" in done.err
    assert not root.exists()


def test_a_class_from_elsewhere_is_judged_by_its_forward():
    class Swallows:
        config_class = None

        def forward(self, input_ids, **kwargs): ...

    class Takes:
        config_class = None

        def forward(self, input_ids, past_key_values, position_ids): ...

    model = Model(name="test", path="somewhere")
    refuse(Takes, model)
    with pytest.raises(UserError, match="Swallows keeps"):
        refuse(Swallows, model)
