"""The public names of `mobilepose_core` with their signatures and docstrings."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from enum import Enum
from types import ModuleType
from typing import Any

import mobilepose_core

SECTIONS = ("Args", "Attributes", "Returns", "Raises", "Yields", "Example", "Examples", "Shape")
"""Sections of Google-style docstrings."""


def tables() -> dict[str, str]:
    """All tables by name."""
    names = [name for name in mobilepose_core.__all__ if not name.startswith("__")]
    return {"public names": "\n\n".join(described(name) for name in names)}


def described(name: str) -> str:
    """The section on one public name."""
    thing = getattr(mobilepose_core, name)
    parts = [f"### {name}"]
    if inspect.isclass(thing):
        if not issubclass(thing, BaseException | Enum):
            parts += signature(thing, name)
        parts += docstring(thing)
        if issubclass(thing, Enum):
            parts.append("\n".join(f"- `{member.name}`: {member.value}." for member in thing))
        for method, function in methods(thing):
            instance = re.findall(r"[A-Z][a-z]+", name)[-1].lower()
            shown = {"__call__": instance, "__getitem__": f"{instance}[]"}.get(method, method)
            parts += [f"#### `{name}.{method}`", *signature(function, shown), *docstring(function)]
    elif callable(thing):
        parts += [*signature(thing, name), *docstring(thing)]
    elif isinstance(thing, ModuleType):
        parts += docstring(thing)
    else:
        parts.append(f"`{type(thing).__name__}`: `{thing!r}`")
    return "\n\n".join(parts)


def methods(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """The public methods and properties of a class, without inherited ones, with `__call__`."""
    for name, member in vars(kind).items():
        is_public = not name.startswith("_") or name in ("__call__", "__getitem__")
        function = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
        if is_public and (isinstance(function, property) or inspect.isfunction(function)):
            yield name, function


def signature(thing: Any, name: str) -> list[str]:
    """The signature as a code block; empty for a property."""
    if isinstance(thing, property):
        return []
    called = inspect.signature(thing)
    shown = [_parameter(p) for n, p in called.parameters.items() if n != "self"]
    returns = called.return_annotation
    result = (
        "" if inspect.isclass(thing) or returns is inspect.Signature.empty else f" -> {returns}"
    )
    opening, closing = "[]" if name.endswith("[]") else "()"
    name = name.removesuffix("[]")
    line = f"{name}{opening}{', '.join(shown)}{closing}{result}"
    if len(line) > 88:
        lines = "".join(f"    {text},\n" for text in shown)
        line = f"{name}{opening}\n{lines}{closing}{result}"
    return [f"```python\n{line}\n```"]


def _parameter(parameter: inspect.Parameter) -> str:
    """A parameter as in the code, without quotes around annotations."""
    annotation, default = parameter.annotation, parameter.default
    text = str(
        parameter.replace(annotation=inspect.Parameter.empty, default=inspect.Parameter.empty)
    )
    if annotation is not inspect.Parameter.empty:
        is_text = isinstance(annotation, str)
        text += f": {annotation if is_text else inspect.formatannotation(annotation)}"
    if default is not inspect.Parameter.empty:
        text += f" = {default!r}"
    return text


def docstring(thing: Any) -> list[str]:
    """The docstring as Markdown: sections as lists, examples as code; never an inherited one."""
    text = inspect.cleandoc(thing.__doc__ or "")
    parts: list[str] = []
    for block in re.split(r"\n\n(?=\w)", text):
        head, _, body = block.partition("\n")
        if head.rstrip(":") not in SECTIONS or not head.endswith(":"):
            parts += textwrap.dedent(block).split("\n\n")
        elif head.startswith("Example"):
            lines = textwrap.dedent(body).splitlines()
            program = "\n".join(re.sub(r"^(>>>|\.\.\.) ?", "", line) for line in lines)
            parts.append(f"```python\n{program}\n```")
        else:
            parts += [f"**{head.rstrip(':')}**", entries(textwrap.dedent(body), head)]
    return [re.sub(r"``(.+?)``", r"`\1`", part) for part in parts if part.strip()]


def entries(body: str, head: str) -> str:
    """The entries of a section as a list; return values stay text."""
    if head in ("Returns:", "Yields:", "Shape:"):
        return body
    rows = re.findall(r"^(\S.*?)((?:\n\s+.*)*)$", body, re.M)
    lines = []
    for first, rest in rows:
        name, _, description = (first + " " + " ".join(rest.split())).partition(":")
        lines.append(f"- `{name.strip()}`: {description.strip()}")
    return "\n".join(lines)
