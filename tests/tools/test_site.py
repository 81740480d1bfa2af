"""The site has every document, with links that lead from page to page."""

import re

from tools.site import pages


def test_every_document_is_a_page_once():
    listed = [
        (pages.ROOT / "docs" / index).parent / f"{page}.md"
        for index, captions in pages.NAVIGATION.items()
        for names in captions.values()
        for page in names
    ]
    documents = {path for path in (pages.ROOT / "docs").rglob("*.md") if ".in." not in path.name}
    others = {pages.ROOT / "docs" / page for page in pages.BESIDE.values()}

    assert sorted(listed) == sorted((documents | others) - {pages.ROOT / "docs" / "index.md"})


def test_staged_documents_link_to_each_other(tmp_path):
    pages.stage(tmp_path / "source")

    for path in (tmp_path / "source").rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#\s]+\.md)", text):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
