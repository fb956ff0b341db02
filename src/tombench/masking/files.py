"""Squared gradients on disk: a safetensors file a layer, and an index that is written last."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass as checked
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from tombench.errors import UserError
from tombench.masking.names import layer_number
from tombench.masking.squared_gradients import Reduction, Statistic
from tombench.models.base import Model
from tombench.models.digest import place_digest
from tombench.models.locate import locate
from tombench.models.weights import shapes_in
from tombench.schema import STRICT
from tombench.writing import pretty, write_whole

INDEX = "index.json"
FOLDER = "fisher"  # inside a run folder
SETS = "gradients"  # inside a run folder that holds several, by name
HALF = "half"  # inside a set's folder: that of the first half of its samples
REST = "rest.safetensors"  # weights outside the numbered layers
FileName = Annotated[str, Field(pattern=r"^(layer-\d{3,}|rest)\.safetensors$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
DtypeName = Literal["float16", "bfloat16", "float32", "float64"]


@checked(frozen=True, config=STRICT)
class Origin:
    """What squared gradients, or another statistic, were taken of."""

    model: Sha256  # `weights_digest`
    data: Sha256  # `samples_digest`
    samples: Annotated[int, Field(ge=1)]
    sequence_length: Annotated[int, Field(ge=2)]  # tokens that samples were cut to
    reduction: Reduction
    statistic: Statistic = "squared_gradient"
    dtype: DtypeName = "float32"  # of squares and sums
    objective: str = ""  # which tokens' loss counts, in a word


@checked(frozen=True, config=STRICT)
class Index:
    """`index.json`: where it stands, all files are whole."""

    origin: Origin
    files: dict[FileName, Sha256]  # with the hash of their bytes


class Lazy(Mapping[str, Tensor]):
    """Tensors that are computed when they are asked for, and not kept."""

    def __init__(self, names: Sequence[str], compute: Callable[[str], Tensor]) -> None:
        self._names = dict.fromkeys(names)
        self._compute = compute

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._names:
            raise KeyError(name)
        return self._compute(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class StoredGradients(Mapping[str, Tensor]):
    """Squared gradients by name; a tensor is read when it is asked for, and not kept."""

    def __init__(self, folder: Path, origin: Origin, found: Mapping[str, str]) -> None:
        self.folder = folder
        self.origin = origin
        self._found = found  # name -> file

    def __getitem__(self, name: str) -> Tensor:
        with safe_open(self.folder / self._found[name], framework="pt") as file:
            return file.get_tensor(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of all that is stored, for the identity of a run that uses it."""
        return hashlib.sha256((self.folder / INDEX).read_bytes()).hexdigest()

    def halves(self) -> tuple[Mapping[str, Tensor], Mapping[str, Tensor]] | None:
        """Those of the first half of the samples and of the others; None where they are not kept.

        With S of all n samples and H of the first h, the others' is S - H where S is a sum, and
        (n S - h H) / (n - h) where it is a mean.

        Raises:
            UserError: the first half is damaged.
        """
        if not (self.folder / HALF / INDEX).is_file():
            return None
        first = load_gradients(self.folder / HALF)
        count, of_first = self.origin.samples, first.origin.samples

        def others(name: str) -> Tensor:
            if self.origin.reduction == "sum":
                return self[name] - first[name]
            return (self[name] * count - first[name] * of_first) / (count - of_first)

        return first, Lazy(tuple(self), others)

    def check_model(self, model: Model) -> None:
        """Refuse (UserError) a model with other weights than these were taken of."""
        if weights_digest(model) != self.origin.model:
            raise UserError(
                f"{self.folder}: squared gradients of another model than {model.path}; give those "
                "of its very weights"
            )


def weights_digest(model: Model) -> str:
    """SHA-256 (hex) of a model's weights and adapters: chat template and quantization aside."""
    source = locate(model)
    places = (place_digest(place) for place in (source.weights, *source.adapters))
    return hashlib.sha256("\n".join(places).encode()).hexdigest()


def save_gradients(folder: Path, gradients: Mapping[str, Tensor], origin: Origin) -> None:
    """Write them so that a kill leaves no index, or all of them under the new one.

    Raises:
        RunFailed: the disk is full or cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INDEX).unlink(missing_ok=True)
    files: dict[str, str] = {}
    names: dict[str, list[str]] = defaultdict(list)
    for name in gradients:
        number = layer_number(name)
        names[REST if number is None else f"layer-{number:03}.safetensors"].append(name)
    for file, held in names.items():
        data = save({name: gradients[name].detach().cpu().contiguous() for name in held})
        files[file] = hashlib.sha256(data).hexdigest()
        write_whole(folder / file, data)
    write_whole(folder / INDEX, pretty({"origin": asdict(origin), "files": files}))


def find_gradients(path: str, key: str, name: str | None = None) -> Path:
    """The folder that `path` names: one that holds an index, or a run's that holds a set.

    A run holds its one set in `fisher/`, several in `gradients/NAME/`.

    Args:
        path: a set's folder, or a run's.
        key: what the error line blames.
        name: of the set that is wanted, where runs hold several.

    Raises:
        UserError: there are none.
    """
    folder = Path(path).expanduser()
    inside = FOLDER if name is None else f"{SETS}/{name}"
    for candidate in (folder, folder / inside):
        if (candidate / INDEX).is_file():
            return candidate
    what = "no squared gradients in it" if folder.is_dir() else "no such folder"
    raise UserError(
        f"{key}={path}: {what} ({INDEX}, {inside}/{INDEX}); give a run or folder that holds a "
        "finished set"
    )


def load_gradients(folder: Path) -> StoredGradients:
    """Squared gradients of a folder; reads the index and the files' headers alone.

    Raises:
        UserError: the index is malformed, a file is missing or cut off.
    """
    path = folder / INDEX
    try:
        index = TypeAdapter(Index).validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: no index of squared gradients; compute them again") from error
    found: dict[str, str] = {}
    for file in index.files:
        if not (folder / file).is_file():
            raise UserError(f"{folder / file}: missing; {INDEX} lists it: compute it again")
        found |= dict.fromkeys(shapes_in(folder / file), file)
    return StoredGradients(folder, index.origin, found)
