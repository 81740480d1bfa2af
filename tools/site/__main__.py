"""Builds the documentation as a site in out/site: `python -m tools.site`.

The documents are plain Markdown. This program copies them, together with CONTRIBUTING and
CHANGELOG, adds the navigation, and runs Sphinx. Warnings, such as broken links, fail the build.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sphinx.cmd.build import main as sphinx_build

from tools.site.pages import ROOT, stage


def main() -> int:
    """Builds the site; the exit status is not 0 after a warning."""
    source, site = ROOT / "out" / "site-source", ROOT / "out" / "site"
    stage(source)
    shutil.rmtree(site, ignore_errors=True)
    options = ["-b", "html", "-W", "--keep-going", "-q", "-E", "-d", str(source / ".doctrees")]
    configuration = ["-c", str(Path(__file__).parent)]
    status: int = sphinx_build([*options, *configuration, str(source), str(site)])
    if status == 0:
        print(f"{site.relative_to(ROOT)}/index.html")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
