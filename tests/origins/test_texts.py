"""Documents of a user's text: files, folders, and the Hub, whose answers are made up."""

import gzip
import json
from types import SimpleNamespace

import pyarrow
import pytest
from datasets import Dataset, DatasetDict
from pyarrow import parquet

from tombench.errors import UserError
from tombench.origins.texts import LARGEST, read_texts

KEY = "task.perplexity_data"
DOCUMENTS = ("A heading.\n\nTwo lines,\nand more.", "", "Été — 雪.")
ROWS = [{"text": text, "id": number} for number, text in enumerate(DOCUMENTS)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def test_a_text_file_is_one_document(tmp_path):
    path = tmp_path / "novel.TXT"
    path.write_bytes(b"First block.\n\nSecond block.\r\n")
    assert read_texts(str(path), KEY).documents == ("First block.\n\nSecond block.\r\n",)


@pytest.mark.parametrize("name", "a.jsonl a.json a.jsonl.gz a.csv a.parquet".split())
def test_every_format_gives_the_same_documents_and_digest(tmp_path, name):
    path = tmp_path / name
    match name.partition(".")[2]:
        case "jsonl":
            path.write_text(LINES)
        case "json":
            path.write_text(json.dumps(ROWS, indent=1))
        case "jsonl.gz":
            path.write_bytes(gzip.compress(LINES.encode()))
        case "csv":
            quoted = [f'{row["id"]},"{row["text"]}"\n' for row in ROWS]
            path.write_text("id,text\n" + "".join(quoted), encoding="utf-8")
        case "parquet":
            parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
    texts = read_texts(str(path), KEY)
    assert texts.documents == DOCUMENTS  # a blank one too: WikiText has them
    # of sha256("A heading. …"), sha256("") and sha256("Été …"), one after the other
    assert texts.digest == ("6c16e233aa40f88dcc02fdd9e43869cbebb0b0878cf4f2669407dd86c00ac22a")


def test_the_digest_tells_documents_apart(tmp_path):
    digests = set()
    for number, documents in enumerate((["ab", "c"], ["a", "bc"], ["abc"], ["c", "ab"])):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps([{"text": text} for text in documents]))
        digests.add(read_texts(str(path), KEY).digest)
    assert len(digests) == 4


def test_another_field(tmp_path):
    (tmp_path / "a.json").write_text('[{"story": "Once.", "text": 3}]')
    assert read_texts(str(tmp_path / "a.json"), KEY, field="story").documents == ("Once.",)


def test_a_folder_of_text_files_is_read_in_order_of_names(tmp_path):
    (tmp_path / "texts" / "more").mkdir(parents=True)
    for name in ("b.txt", "a.txt", "more/c.txt", ".hidden.txt", "notes.md"):
        (tmp_path / "texts" / name).write_text(f"{name}\n\nlast")
    texts = read_texts(str(tmp_path / "texts"), KEY, "test")
    assert texts.documents == ("a.txt\n\nlast", "b.txt\n\nlast", "more/c.txt\n\nlast")


def test_a_folder_of_data_files_has_splits(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("test", "train"):
        (folder / f"{name}.jsonl").write_text(json.dumps({"text": name}) + "\n")
    assert read_texts(str(folder), KEY, "test").documents == ("test",)
    assert read_texts(str(folder), KEY).documents == ("train",)
    with pytest.raises(
        UserError, match=r"no split 'tets' \(task\.perplexity_split\); did you mean"
    ):
        read_texts(str(folder), KEY, "tets")


def test_a_saved_data_set_without_train_is_read_by_its_test(tmp_path):
    sets = {"other": Dataset.from_list(ROWS[:1]), "test": Dataset.from_list(ROWS)}
    DatasetDict(sets).save_to_disk(tmp_path / "dict")
    assert read_texts(str(tmp_path / "dict"), KEY).documents == DOCUMENTS
    DatasetDict({"other": sets["other"]}).save_to_disk(tmp_path / "one")
    assert read_texts(str(tmp_path / "one"), KEY).documents == DOCUMENTS[:1]
    sets["test"].save_to_disk(tmp_path / "bare")
    assert read_texts(str(tmp_path / "bare"), KEY).documents == DOCUMENTS


@pytest.mark.parametrize(
    "name, content, words",
    [
        (
            "a.jsonl",
            '{"txt": "a", "id": 1}',
            "no field 'text'; did you mean 'txt'?; it has txt, id; call the one with the text 'te",
        ),
        ("a.jsonl", '{"text": "a"}\n{"text": 3}', "line 2: field 'text' is 3; it must be text"),
        ("a.jsonl", '{"text": "a"}\n{"id": 3}', "line 2: field 'text' is None; it must be text"),
        ("a.jsonl", '{"text": " "}', "all its texts are blank"),
        ("a.txt", " \n", "the file is empty"),
        ("a.md", "Hello.", "texts are in files that end in one of .txt, .json, "),
    ],
)
def test_what_is_no_text_is_told_in_one_line(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError) as told:
        read_texts(str(tmp_path / name), KEY)
    (line,) = told.value.mistakes
    assert str(tmp_path / name) in line and words in line and "\n" not in line


def test_a_missing_text_file_is_no_data_set_of_the_hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "novel.txt").write_text("a")
    with pytest.raises(UserError, match=r"^nov\.txt: no such file; did you mean 'novel\.txt'"):
        read_texts("nov.txt", KEY)
    with pytest.raises(UserError, match=r"^texts/novel\.txt: no such file; "):
        read_texts("texts/novel.txt", KEY)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A Hub with one data set of two splits; what is asked, and how large it is said to be."""
    state = SimpleNamespace(bytes=None, asked=[])

    def load_dataset(name, configuration=None, *, split, revision=None):
        state.asked.append((name, configuration, split))
        return Dataset.from_list(ROWS)

    def load_dataset_builder(name, configuration=None, *, revision=None):
        return SimpleNamespace(info=SimpleNamespace(download_size=state.bytes))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    monkeypatch.setattr("datasets.load_dataset_builder", load_dataset_builder)
    monkeypatch.setattr("datasets.get_dataset_split_names", lambda *_, **__: ["test", "dev"])
    monkeypatch.setattr(
        "huggingface_hub.HfApi.dataset_info", lambda *_, **__: SimpleNamespace(sha="0" * 40)
    )
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    return state


def test_a_split_of_the_hub_and_the_first_where_none_is_named(hub):
    assert read_texts("some/set:raw", KEY, "dev").documents == DOCUMENTS
    assert read_texts("some/set", KEY).documents == DOCUMENTS
    assert hub.asked == [("some/set", "raw", "dev"), ("some/set", None, "test")]


def test_a_set_that_would_be_fetched_for_days_is_refused(hub):
    hub.bytes = LARGEST
    read_texts("some/set", KEY, "test")
    hub.asked.clear()
    hub.bytes = 305_000_000_000
    with pytest.raises(UserError) as told:
        read_texts("some/set:en", KEY, "test")
    assert str(told.value) == (
        "some/set:en: to fetch it is 305 GB; give one file of it, as "
        "task.perplexity_data=some/set/FOLDER/FILE.json.gz"
    )
    assert hub.asked == []


def test_one_file_of_the_hub(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fetched.txt").write_text("All of it.")
    monkeypatch.setattr(
        "huggingface_hub.hf_hub_download", lambda *_, **__: str(tmp_path / "fetched.txt")
    )
    assert read_texts("some/set/books/one.txt", KEY, "test").documents == ("All of it.",)


def test_no_network_at_all_is_told_in_one_line(monkeypatch, tmp_path):
    def unreachable(*_, **__):
        raise OSError("Name or service not known")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", unreachable)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path))
    with pytest.raises(UserError) as told:
        read_texts("some/set:raw", KEY, "test")
    (line,) = told.value.mistakes
    assert "the Hub cannot be reached" in line and "a file in task.perplexity_data" in line
