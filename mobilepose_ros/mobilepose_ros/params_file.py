"""The parameters in a YAML file for a node, by the rules of ROS's own parser. Needs no ROS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

PARAMETERS = "ros__parameters"


def parameters_of(path: Path, node: str) -> dict[str, Any] | None:
    """The parameters that a file sets for a node; None if it only sets those of other nodes.

    Args:
        path: of a YAML file.
        node: full name, such as /robot/mobilepose.

    Raises:
        ValueError: the file is invalid; says why.
    """
    found: dict[str, Any] = {}
    blocks = _blocks(path)
    for name, parameters in blocks:
        if matches(name, node):
            found.update(parameters)
    return found if any(matches(name, node) for name, _ in blocks) else None


def checked(path: Path, *nodes: str) -> Path:
    """The path itself, if the file has parameters for at least one of the nodes.

    Raises:
        ValueError: the file is invalid, or only names other nodes; says which.
    """
    names = node_names(path)
    if not any(matches(name, node) for name in names for node in nodes):
        raise ValueError(
            f"params_file {path} has parameters of {', '.join(names)}, not of "
            f"{' or '.join(nodes)}: use that name, or /** for every node"
        )
    return path


def node_names(path: Path) -> list[str]:
    """Names and patterns of the nodes in a file, each once.

    Raises:
        ValueError: the file is invalid; says why.
    """
    return list(dict.fromkeys(name for name, _ in _blocks(path)))


def matches(name: str, node: str) -> bool:
    """Whether a name in a parameters file matches a node's full name.

    `*` matches one part between slashes and `**` any number of them.
    """
    wildcards = {"*": r"/\w+", "**": r"(/\w+)*"}
    parts = [part for part in name.split("/") if part]
    pattern = "".join(wildcards.get(part, "/" + re.escape(part)) for part in parts)
    return re.fullmatch(pattern, node) is not None


def _blocks(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """Node names and their parameters, in the file's order."""
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ValueError(f"params_file {path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"params_file {path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"params_file {path} is not YAML: {reason}") from error
    try:
        blocks = [block for document in documents for block in _blocks_below("", document)]
    except ValueError as error:
        raise ValueError(
            f"params_file {path} is not a ROS parameters file: {error}; expected /**:, below it "
            f"{PARAMETERS}:, and below that a line per parameter, such as model: small"
        ) from error
    if not blocks:
        raise ValueError(f"params_file {path} has no parameters; omit it to set none")
    return blocks


def _blocks_below(name: str, value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not name and value is None:
        return
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"{name or 'it'} is {'empty' if not value else repr(value)[:60]}")
    for key, below in value.items():
        if key != PARAMETERS:
            yield from _blocks_below(f"{name}/{key}".replace("//", "/"), below)
        elif not name:
            raise ValueError(f"{PARAMETERS} is not below a node's name")
        elif not isinstance(below, Mapping):
            raise ValueError(f"{PARAMETERS} of {name} is {'empty' if not below else repr(below)}")
        else:
            yield name, below
