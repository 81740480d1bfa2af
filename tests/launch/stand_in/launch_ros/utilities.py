"""Namespaces."""

from __future__ import annotations


def prefix_namespace(base_ns: str | None, ns: str | None) -> str | None:
    """A namespace inside another one, unless it is absolute."""
    if base_ns and ns is not None and not ns.startswith("/"):
        ns = f"{base_ns.rstrip('/')}/{ns}"
    joined = base_ns if ns is None else ns
    return joined if joined in (None, "/") else joined.rstrip("/")


def make_namespace_absolute(ns: str | None) -> str | None:
    """With a slash before it."""
    return ns if ns is None or ns.startswith("/") else f"/{ns}"
