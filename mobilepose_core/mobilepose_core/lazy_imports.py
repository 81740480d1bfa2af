"""Public names that a package imports once they are asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazy_imports(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's `__getattr__`, so that importing the package imports none of its modules.

    Args:
        package: its full name.
        places: by public name, the module below the package and the name in it, such as
            `io.drawing:draw`.
    """

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, attribute = places[name].partition(":")
        try:
            return getattr(importlib.import_module(f"{package}.{module}"), attribute)
        except ModuleNotFoundError as error:
            if error.name != "onnxruntime":
                raise
            raise ModuleNotFoundError(
                f"{name} needs ONNX Runtime, which the extras `cpu` and `gpu` install: pip install "
                "'./mobilepose_core[cpu]'",
                name=error.name,
            ) from error

    return get
