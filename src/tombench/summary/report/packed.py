"""A run's records as the report carries them: columns of numbers, and the texts of a sample."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PackedRun:
    """Two blocks of gzipped JSON in base64, for the page to unpack when they are asked for."""

    rows: str
    texts: str
    records: int  # that the run has
    kept: int  # that `rows` tells of
    told: int  # that `texts` has the texts of
