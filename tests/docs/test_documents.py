"""The documents hold together: length, links, pages, and words."""

import ast
import re
import subprocess
import sys

import numpy as np
import pytest

import mobilepose_core
from mobilepose_core.behaviour import Body
from mobilepose_core.pose import Pose

GENERATED = r"<!-- reference: .*?<!-- end of reference -->"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")

PRIVATE_WORDS = (
    "somebody is there",
    "nobody is there",
    "newcomer",
    "looked at closer",
    "chances",
    "whom the",
    "likeness",
    "frame's way",
    "way of a frame",
    "brought nothing",
    "what came of it",
    "waited for",
    "the cure",
    "in turns",
    "is no person",
)
"""Words that the field has others for; see CONTRIBUTING."""


def prose(document):
    """A document without its blocks of code and generated tables."""
    text = document.read_text(encoding="utf-8")
    text = re.sub(GENERATED, "", text, flags=re.S)
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def anchors(document):
    """Of a document's headings, as GitHub and MyST make them."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_readme_is_short(root):
    assert len((root / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_links_lead_somewhere(document):
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        if re.match(r"\w+://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_document_has_one_title_and_comes_from_the_index(document, root):
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)

    assert len(re.findall(r"^# ", text, re.M)) == 1
    if document.is_relative_to(root / "docs") and document.name != "performance.in.md":
        index = document.parent / "index.md"
        if document == index:
            index = root / "docs" / "index.md"
        links = {
            (index.parent / link.partition("#")[0]).resolve()
            for link in LINK.findall(index.read_text(encoding="utf-8"))
        }
        assert document in links or document == index


WRITTEN_BY_PROGRAMS = ("results.md", "performance.md", "performance.in.md")


def test_documents_use_the_words_of_the_field(document):
    if document.name in WRITTEN_BY_PROGRAMS:
        pytest.skip("written by a program")
    text = prose(document).lower()

    assert [word for word in PRIVATE_WORDS if word in text] == []


def test_python_in_documents_is_python(document):
    written = re.sub(GENERATED, "", document.read_text(encoding="utf-8"), flags=re.S)
    for program in re.findall(r"^```python\n(.*?)^```$", written, re.M | re.S):
        ast.parse(program)


def test_names_in_the_snippets_on_behaviour_are_defined_there(root, blocks, tmp_path):
    page = tmp_path / "behaviour.py"
    page.write_text("\n".join(blocks(root / "docs" / "behaviour.md", "python")))
    given = "builtins = ['film', 'body']"

    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F821",
        "--config",
        given,
        page,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout + said.stderr


def test_the_snippets_on_behaviour_run(root, blocks):
    *on_films, angles = blocks(root / "docs" / "behaviour.md", "python")
    film = [(0.0, np.zeros((240, 320, 3), np.uint8))]

    names = {"film": film, "body": Body.of(Pose(np.zeros((11, 2)), np.ones(11)))}
    for program in (*on_films, angles):
        exec(program, names)

    assert names["target"].reason == "nobody fits the choice"


def test_python_in_documents_imports_what_is_public(root, blocks):
    imported = set()
    for document in (root / "README.md", root / "docs" / "python-api.md"):
        for program in blocks(document, "python"):
            names = re.findall(r"^from mobilepose_core import (.+)$", program, re.M)
            imported |= {name for line in names for name in line.split(", ")}

    assert imported - set(mobilepose_core.__all__) == set()
