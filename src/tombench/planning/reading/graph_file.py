"""Files of VirtualHome scene graphs, one a time step: JSON, or a pickle that names nothing.

VirtualHome (Puig et al. 2018) writes a scene as {"nodes": [{"id", "class_name", "states", ...}],
"edges": [{"from_id", "relation_type", "to_id"}]}.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.datafile import read_text
from tombench.errors import UserError
from tombench.pickles import is_pickle, read_pickle

FORMS = 'a list of graphs {"nodes": [...], "edges": [...]}, or an object {"0": graph, "1": graph}'


@dataclass(frozen=True)
class Node:
    """A room, a place, a thing or the person."""

    id: int
    name: str  # class_name, in lower case
    states: frozenset[str]  # upper case: OPEN, CLOSED
    position: tuple[float, ...]  # of the bounding box's centre, in metres; () unknown


@dataclass(frozen=True)
class Edge:
    """`start` stands in a relation to `end`: INSIDE, ON, CLOSE, HOLDS_RH."""

    start: int
    relation: str  # upper case
    end: int


@dataclass(frozen=True)
class Graph:
    """One time step."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def read_graphs(path: Path) -> tuple[Graph, ...]:
    """The graphs of a file in the order of their time steps.

    Raises:
        UserError: the file is no such file; names file, step and field. Nothing in it is executed.
    """
    values = _values(path)
    return tuple(_graph(path, step, value) for step, value in _steps(path, values))


def _values(path: Path) -> Any:
    if is_pickle(path):
        return read_pickle(path)
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path} line {error.lineno}: not JSON ({error.msg}); is the file cut off?"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not JSON that can be read ({error})") from error


def _steps(path: Path, values: Any) -> list[tuple[int, Any]]:
    if isinstance(values, dict) and "nodes" in values:
        return [(0, values)]
    if isinstance(values, dict) and isinstance(values.get("graphs"), list):
        values = values["graphs"]
    if isinstance(values, list) and values:
        return list(enumerate(values))
    if isinstance(values, dict) and values and all(str(key).isdecimal() for key in values):
        return sorted((int(key), value) for key, value in values.items())
    raise UserError(f"{path}: no scene graphs; it must be {FORMS}")


def _graph(path: Path, step: int, value: Any) -> Graph:
    where = f"{path} step {step}"
    if not isinstance(value, dict):
        raise UserError(f"{where}: {_shown(value)} is no graph; the file must be {FORMS}")
    nodes = tuple(_node(f"{where}, node {at}", one) for at, one in _listed(where, value, "nodes"))
    edges = tuple(_edge(f"{where}, edge {at}", one) for at, one in _listed(where, value, "edges"))
    return Graph(nodes, edges)


def _listed(where: str, value: Mapping[str, Any], key: str) -> Iterator[tuple[int, Any]]:
    found = value.get(key)
    if not isinstance(found, list):
        raise UserError(f"{where}: field '{key}' is {_shown(found)}; it must be a list")
    for at, one in enumerate(found):
        if not isinstance(one, dict):
            raise UserError(f"{where}: {key} {at} is {_shown(one)}; it must be an object")
        yield at, one


def _node(where: str, value: Mapping[str, Any]) -> Node:
    states = value.get("states") or []
    if not isinstance(states, list):
        raise UserError(f"{where}: field 'states' is {_shown(states)}; it must be a list of texts")
    box = value.get("bounding_box")
    centre = box.get("center") if isinstance(box, dict) else None
    right = isinstance(centre, list) and all(isinstance(one, int | float) for one in centre)
    return Node(
        _number(where, value, "id"),
        _text(where, value, "class_name").lower(),
        frozenset(str(state).upper() for state in states),
        tuple(float(one) for one in centre) if right and centre is not None else (),
    )


def _edge(where: str, value: Mapping[str, Any]) -> Edge:
    return Edge(
        _number(where, value, "from_id"),
        _text(where, value, "relation_type").upper(),
        _number(where, value, "to_id"),
    )


def _number(where: str, value: Mapping[str, Any], key: str) -> int:
    found = value.get(key)
    if isinstance(found, bool) or not isinstance(found, int):
        raise UserError(f"{where}: field '{key}' is {_shown(found)}; it must be a whole number")
    return found


def _text(where: str, value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    if not isinstance(found, str) or not found:
        raise UserError(f"{where}: field '{key}' is {_shown(found)}; it must be text")
    return found


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:60]
