"""The documents, and what their blocks of code say."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def pytest_generate_tests(metafunc):
    """Tests that take `document` look at each."""
    if "document" in metafunc.fixturenames:
        names = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
        metafunc.parametrize("document", DOCUMENTS, ids=names)


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture
def blocks():
    """The blocks of code in a document, by their language."""

    def read(document, language=""):
        found = FENCE.findall(document.read_text(encoding="utf-8"))
        return [text for kind, text in found if kind == language]

    return read
