"""The parser of a command: short usage, groups, errors of one line, former names of options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, TypeAlias

from mobilepose_core.io.file_names import shown

USAGE_ERROR = 2
"""Exit status after a wrong command line: nothing has been done."""

Former: TypeAlias = Callable[[Sequence[str]], list[str]]
"""Writes a command line that has former names with those of today."""


class UsageError(ValueError):
    """Options that are wrong or contradict each other, as was found out after they were parsed."""


class CommandParser(argparse.ArgumentParser):
    """Parses the options of a command, or of a program that shares them.

    An error is one line, which says where the help is.
    """

    def __init__(self, *, former: Sequence[Former] = (), **settings: Any) -> None:
        """As `argparse.ArgumentParser`.

        Args:
            former: names of options of the last release.
            settings: argparse's.
        """
        super().__init__(**{"formatter_class": _Formatter} | settings)
        self._former = former
        self.set_defaults(parser=self)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parses all options; unknown ones are an error of the command that they were given to."""
        words = list(sys.argv[1:] if args is None else args)
        try:
            for translate in self._former:
                words = translate(words)
        except ValueError as error:
            self.error(str(error))
        options, unknown = super().parse_known_args(words, namespace)
        if unknown:
            self.error(f"unknown: {' '.join(unknown)}")
        return options, []

    def error(self, message: str) -> NoReturn:
        """Ends the program with status 2 and a line on standard error."""
        complaint = shown(message.removeprefix("argument "))
        self.exit(USAGE_ERROR, f"{self.prog}: {complaint}; see {self.prog} --help\n")


class _Formatter(argparse.ArgumentDefaultsHelpFormatter):
    """Help with defaults, and a usage line of what must be given."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """Adds the usage: optional ones are `[OPTIONS]`."""
        every = list(actions)
        one_of = [group for group in groups if group.required]
        needed = [action for group in one_of for action in group._group_actions]
        kept = [a for a in every if a.required or not a.option_strings or a in needed]
        if len(kept) < len(every):
            kept.insert(0, argparse.Action([], "options", nargs="?", metavar="OPTIONS"))
        super().add_usage(usage, kept, one_of, prefix)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.strip().split("\n\n")
        return "\n\n".join(super(_Formatter, self)._fill_text(p, width, indent) for p in paragraphs)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.required or action.default in (None, "", []) or action.default is False:
            return action.help
        return super()._get_help_string(action)
