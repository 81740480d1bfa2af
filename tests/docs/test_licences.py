"""The page of licences names all that the package asks for."""

import configparser
import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

USED_ON_ROBOTS = ("cpu", "bag", "foxglove", "demo")
"""Extras that users install; the others train, develop and release."""


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


def needed(name, found):
    """Adds the names of an installed package and of all that it needs."""
    name = canonicalize_name(name)
    if name in found:
        return
    try:
        requires = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # an extra that is not installed here
        return
    found.add(name)
    for requirement in map(Requirement, requires):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needed(requirement.name, found)


def test_all_that_an_installation_brings_has_its_licence(root):
    config = configparser.RawConfigParser()
    config.read(root / "mobilepose_core" / "setup.cfg")
    extras = config["options.extras_require"]
    texts = [config["options"]["install_requires"], *(extras[name] for name in USED_ON_ROBOTS)]
    found = set()
    for name in re.findall(r"^\s*([A-Za-z][\w.-]*)", "\n".join(texts), re.M):
        needed(name, found)
    page = (root / "docs" / "licences.md").read_text(encoding="utf-8")
    named = {canonicalize_name(word) for word in re.findall(r"[\w.-]*\w", page)}

    assert {"onnxruntime", "protobuf"} <= found
    assert sorted(found - named) == []


@pytest.mark.parametrize("name", ["final", "small", "finder"])
def test_the_data_behind_a_model_is_on_the_page(root, name):
    from mobilepose_core.inference.runtime import model_file

    page = (root / "docs" / "licences.md").read_text(encoding="utf-8").lower()

    for source in model_file.find(name).card["data"]:
        folder = source.split("=")[1].split(",")[0]
        known = {"lspet": "lsp-extended"}
        first = folder.split("-")[0]
        assert known.get(first, first) in page, source
