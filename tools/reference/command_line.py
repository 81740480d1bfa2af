"""The commands of `mobilepose` and their options as tables."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator

from mobilepose_core import cli
from tools.reference.blocks import code, sentence, table

OPTION_GROUPS = ("options", "optional arguments", "positional arguments")
"""Default group titles of argparse."""


def tables() -> dict[str, str]:
    """All tables by name."""
    return {"commands": "\n\n".join(command(*row) for row in commands(cli._parser()))}


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """The commands of a parser with their help, including subcommands."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            help_of = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, child in action.choices.items():
                below = list(commands(child))
                yield from below or [(child, help_of.get(name, ""))]


def command(parser: argparse.ArgumentParser, help_text: str) -> str:
    """The section on one command."""
    lines = [f"### {parser.prog}", sentence(help_text)]
    if parser.description:
        lines += [textwrap.dedent(part).strip() for part in parser.description.split("\n\n")]
    own: list[argparse.Action] = []
    named: list[tuple[str, list[argparse.Action]]] = []
    for group in parser._action_groups:
        actions = [a for a in group._group_actions if a.help != argparse.SUPPRESS]
        actions = [a for a in actions if "--help" not in a.option_strings]
        if group.title in OPTION_GROUPS:
            own += actions
        elif actions:
            named.append((group.title or "", actions))
    for title, actions in [("", own), *named]:
        if title:
            lines.append(f"**{title.capitalize()}**")
        if actions:
            rows = [row(action) for action in actions]
            lines.append(table(("Argument", "Default", "Description"), rows))
    return "\n\n".join(lines)


def row(action: argparse.Action) -> tuple[str, str, str]:
    """The table row of an argument or option."""
    name = _placeholder(action)
    written = name if not action.option_strings else ", ".join(action.option_strings)
    if action.option_strings and action.nargs != 0:
        written += f" {name}"
    text = sentence((action.help or "").replace("%%", "%"))
    if action.choices is not None:
        text += f" One of {', '.join(code(str(choice)) for choice in action.choices)}."
    return code(written), _default(action), text


def _placeholder(action: argparse.Action) -> str:
    name = action.metavar if isinstance(action.metavar, str) else ""
    name = name or (action.dest.upper() if action.option_strings else action.dest)
    if action.option_strings:
        return name
    return {"+": f"{name} …", "*": f"[{name} …]", "?": f"[{name}]"}.get(str(action.nargs), name)


def _default(action: argparse.Action) -> str:
    if action.required and action.option_strings:
        return "required"
    default = action.default
    is_flag = isinstance(default, bool)
    return "" if is_flag or default in (None, "", [], argparse.SUPPRESS) else code(str(default))
