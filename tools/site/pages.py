"""The pages of the site, and their preparation for Sphinx."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

NAVIGATION: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "index": {
        "Use": (
            "quickstart",
            "cli",
            "python-api",
            "behaviour",
            "files",
            "recordings",
            "view",
            "ros2",
            "following",
            "ros4hri",
            "examples",
            "inputs",
            "reliability",
            "fleets",
            "security",
            "devices",
            "docker",
            "distributions",
            "troubleshooting",
        ),
        "Research": ("results", "performance", "training", "experiments/index"),
        "Maintain": ("architecture", "contributing", "changelog", "licences"),
    },
    "experiments/index": {
        "": ("network", "training", "blur", "detector", "verification", "tracking", "runtime")
    },
}
"""Pages below a page, by caption. A test compares it with the existing documents."""

BESIDE = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Documents in the repository's root that become pages."""


def stage(target: Path) -> None:
    """Copies the documents to a folder, with the navigation for Sphinx.

    Args:
        target: created; replaced if it exists.
    """
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ROOT / "docs", target, ignore=shutil.ignore_patterns("*.json*", "*.in.md"))
    for name, page in BESIDE.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        (target / page).write_text(text.replace("](docs/", "]("), encoding="utf-8")
    for path in target.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        for name, page in BESIDE.items():
            text = re.sub(rf"\]\((\.\./)?{name}", f"]({page}", text)
        path.write_text(text, encoding="utf-8")
    for page, captions in NAVIGATION.items():
        with (target / f"{page}.md").open("a", encoding="utf-8") as index:
            for caption, pages in captions.items():
                head = f":caption: {caption}\n" if caption else ""
                lines = "\n".join(pages)
                index.write(f"\n```{{toctree}}\n:hidden:\n{head}\n{lines}\n```\n")
