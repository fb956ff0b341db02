"""JSON files out of a zip that somebody else made: names and sizes checked before any is written.

Nothing else is taken out: no link, no other kind of file, nothing outside the folder.
"""

import stat
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from tombench.datafile import digest
from tombench.errors import RunFailed, UserError
from tombench.writing import write_whole

LARGEST = 2 * 2**30
"""Bytes, all files together; the study's own data are about a sixth of it."""

MOST = 10_000
"""Names in a zip."""

_ENCRYPTED = 0x1
_WRITTEN = "unpacked"  # stands beside the files when all of them do


def is_archive(path: Path) -> bool:
    """Is it a zip, whatever its name?"""
    return path.is_file() and is_zipfile(path)


def unpack(path: Path, into: Path, largest: int = LARGEST) -> Path:
    """Take the JSON files of a zip into a folder under `into` that is named by the zip's content.

    A zip that was unpacked there before is not unpacked again.

    Raises:
        UserError: it is no zip, is damaged or encrypted, holds no JSON file, more than `largest`
            bytes, a link, or a name that leads outside.
        RunFailed: the files cannot be written.
    """
    folder = into / digest([path])[:16]
    if (folder / _WRITTEN).is_file():
        return folder
    try:
        with ZipFile(path) as archive:
            members = checked(archive.infolist(), path, largest)
            for member in members:
                _take(archive, member, folder, path)
    except (BadZipFile, EOFError, NotImplementedError, zlib.error, ValueError) as error:
        raise UserError(f"{path}: not a zip that can be read ({error}); fetch it again") from error
    write_whole(folder / _WRITTEN, f"{path.name}\n")
    return folder


def checked(members: Sequence[ZipInfo], path: Path, largest: int = LARGEST) -> list[ZipInfo]:
    """The JSON files among a zip's members, when nothing is wrong with any member.

    Raises:
        UserError: as `unpack`; one line for each member that is refused.
    """
    found = [one for one in members if not one.is_dir() and _is_json(one.filename)]
    mistakes = [f"{path}: {wrong}" for one in members if (wrong := _wrong(one))]
    names = [one.filename.lower() for one in found]
    mistakes += [f"{path}: '{name}' is in it twice" for name in {*names} if names.count(name) > 1]
    size = sum(one.file_size for one in found)
    if len(members) > MOST or size > largest:
        mistakes.append(
            f"{path}: {len(members)} names and {size} bytes when unpacked; "
            f"at most {MOST} and {largest} are taken"
        )
    if mistakes:
        raise UserError(*mistakes)
    if not found:
        raise UserError(f"{path}: no .json file is in it; give the study's data, or a folder")
    return found


def _is_json(name: str) -> bool:
    """A .json file that no system put there for itself (`__MACOSX/._data.json`)."""
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts if part != "..")
    return name.lower().endswith(".json") and not hidden


def _wrong(member: ZipInfo) -> str:
    """Why a member is refused, or ""."""
    name, parts = member.filename, PurePosixPath(member.filename).parts
    if ".." in parts or name.startswith("/") or any(sign in name for sign in "\\:\0"):
        return f"'{name}' would lie outside the folder; give a zip with plain relative names"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return f"'{name}' is a link or a device; give a zip of plain files"
    if member.flag_bits & _ENCRYPTED:
        return f"'{name}' is encrypted; give a zip without a password"
    return ""


def _take(archive: ZipFile, member: ZipInfo, folder: Path, path: Path) -> None:
    """Write one member; a size that its header does not tell is refused, so no bomb goes off."""
    target = folder / member.filename
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFailed(f"cannot make {target.parent}: {error.strerror}") from error
    with archive.open(member) as packed:
        data = packed.read(member.file_size + 1)
    if len(data) != member.file_size:
        raise UserError(f"{path}: '{member.filename}' is not of the size that it is said to be")
    write_whole(target, data)
