"""An adapter brings in its base at the revision that it was trained on."""

import json
from pathlib import Path

from tombench.models.locate import weights_source


def test_the_base_of_an_adapter_has_its_revision(tmp_path: Path) -> None:
    known = {"peft_type": "LORA", "base_model_name_or_path": "owner/name", "revision": "abc123"}
    (tmp_path / "adapter_config.json").write_text(json.dumps(known))
    source = weights_source(str(tmp_path))
    assert (source.weights.name, source.weights.revision) == ("owner/name", "abc123")
    assert source.adapters[0].folder == tmp_path.resolve()
