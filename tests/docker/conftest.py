"""Docker's files, read without Docker."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass
class Stage:
    """A stage of the Dockerfile: what it stands on, and its instructions in their order."""

    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name):
        return [rest for keyword, rest in self.instructions if keyword == name]


class Dockerfile:
    """The Dockerfile's stages by name, and the arguments that name the images below them."""

    def __init__(self, text):
        text = re.sub(r"^\s*#.*\n", "", text, flags=re.M).replace("\\\n", " ")
        self.images, self.stages = {}, {}
        for line in filter(None, map(str.strip, text.splitlines())):
            keyword, rest = line.split(None, 1)
            if keyword == "FROM":
                base, name = re.fullmatch(r"(\S+) AS (\S+)", rest).groups()
                stage = self.stages[name] = Stage(base)
            elif not self.stages:
                assert keyword == "ARG", line
                name, value = rest.split("=")
                self.images[f"${{{name}}}"] = value
            else:
                stage.instructions.append((keyword, rest))

    def line_of(self, name):
        """A stage and the stages it stands on, the lowest first."""
        stage = self.stages[name]
        return [*(self.line_of(stage.base) if stage.base in self.stages else []), stage]

    def all(self, keyword):
        """Every instruction of a kind, in whatever stage."""
        return [rest for stage in self.stages.values() for rest in stage.all(keyword)]


@pytest.fixture
def root():
    """The repository's root."""
    return ROOT


@pytest.fixture
def dockerfile():
    return Dockerfile((ROOT / "docker" / "Dockerfile").read_text())
