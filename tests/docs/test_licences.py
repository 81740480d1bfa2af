"""The page of licences names all that the package asks for."""

import configparser
import re

import pytest


def requirements(root):
    """Names of all required packages of the core, and its extras'."""
    config = configparser.RawConfigParser()
    config.read(root / "mobilepose_core" / "setup.cfg")
    texts = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    return sorted(set(re.findall(r"^\s*([A-Za-z][\w-]*)", "\n".join(texts), re.M)))


def test_every_package_that_is_required_has_its_licence(root):
    page = (root / "docs" / "licences.md").read_text(encoding="utf-8")

    named = set(re.findall(r"[\w-]+", page))
    assert [name for name in requirements(root) if name not in named] == []


@pytest.mark.parametrize("name", ["final", "small", "finder"])
def test_the_data_behind_a_model_is_on_the_page(root, name):
    from mobilepose_core.inference.runtime import model_file

    page = (root / "docs" / "licences.md").read_text(encoding="utf-8").lower()

    for source in model_file.find(name).card["data"]:
        folder = source.split("=")[1].split(",")[0]
        known = {"lspet": "lsp-extended"}
        first = folder.split("-")[0]
        assert known.get(first, first) in page, source
