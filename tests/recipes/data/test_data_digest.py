"""The digest changes when what is learnt from does, and only then."""

import json

import pytest

from tombench.errors import UserError
from tombench.recipes.data.settings import DataSettings
from tombench.recipes.data.sources import check_data, data_digest, read_data


@pytest.fixture
def files(tmp_path):
    for name, text in (("a", "one"), ("b", "two")):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"text": text}))
    return str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")


def test_order_and_weights_count(files):
    digests = [
        data_digest(DataSettings(data=files)),
        data_digest(DataSettings(data=files[::-1])),
        data_digest(DataSettings(data=files[0])),
        data_digest(DataSettings(data=files, weights=(1.0, 2.0))),
    ]
    assert len(set(digests)) == 4
    assert {len(digest) for digest in digests} == {64}
    assert data_digest(DataSettings(data=files, weights=(1.0, 1.0))) == digests[0]


def test_bytes_count_and_names_do_not(files, tmp_path):
    before = data_digest(DataSettings(data=files[0]))
    moved = tmp_path / "elsewhere.jsonl"
    moved.write_bytes((tmp_path / "a.jsonl").read_bytes())
    assert data_digest(DataSettings(data=str(moved))) == before
    assert read_data(DataSettings(data=str(moved)), "completions", seed=0).digest == before
    moved.write_text(json.dumps({"text": "One"}))
    assert data_digest(DataSettings(data=str(moved))) != before


@pytest.mark.parametrize("data", [None, ()])
def test_no_data_at_all(data):
    for ask in (data_digest, lambda settings: check_data(settings, "completions")):
        with pytest.raises(UserError, match=r"recipe\.data names nothing"):
            ask(DataSettings(data=data))


def test_a_missing_file_has_no_digest(files):
    with pytest.raises(UserError, match=r"no such file; did you mean 'a\.jsonl'"):
        data_digest(DataSettings(data=files[0].replace("a.jsonl", "aa.jsonl")))
