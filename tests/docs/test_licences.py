"""The page of licences names all that the package asks for."""

import configparser
import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tools import licences

USED_ON_ROBOTS = ("cpu", "bag", "foxglove", "ray", "demo")
"""Extras that users install; the others train, develop and release."""


def requirements(root):
    """Names of all required packages of the core, and its extras'."""
    config = configparser.RawConfigParser()
    config.read(root / "mobilepose_core" / "setup.cfg")
    texts = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    return sorted(set(re.findall(r"^\s*([A-Za-z][\w-]*)", "\n".join(texts), re.M)))


def test_every_package_that_is_required_has_its_licence(root, written):
    named = set(re.findall(r"[\w-]+", written))
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


def words(text):
    """What a text names, as packages are called."""
    return {canonicalize_name(word) for word in re.findall(r"[\w.-]*\w", text)}


@pytest.fixture
def written(root):
    """The page."""
    return (root / "docs" / "licences.md").read_text(encoding="utf-8")


@pytest.fixture
def installed(root):
    """What the package and its extras for users bring, where it is installed here."""
    config = configparser.RawConfigParser()
    config.read(root / "mobilepose_core" / "setup.cfg")
    extras = config["options.extras_require"]
    texts = [config["options"]["install_requires"], *(extras[name] for name in USED_ON_ROBOTS)]
    found = set()
    for name in re.findall(r"^\s*([A-Za-z][\w.-]*)", "\n".join(texts), re.M):
        needed(name, found)
    return found


def test_all_that_an_installation_brings_has_its_licence(installed, written):
    named = words(written.partition("## What it needs to train")[0])

    assert {"onnxruntime", "protobuf"} <= installed
    assert sorted(installed - named) == []


SYSTEM_PACKAGES = {
    "python3-opencv": "opencv-python-headless",
    "python3-onnxruntime-pip": "onnxruntime",
    "python3-skimage": "scikit-image",
    "python3-yaml": "pyyaml",
}
"""Names of rosdep, and what PyPI calls them where it is something else."""


@pytest.mark.parametrize("package", ["mobilepose_core", "mobilepose_ros"])
def test_all_that_rosdep_brings_has_its_licence(root, written, package):
    manifest = (root / package / "package.xml").read_text(encoding="utf-8")
    keys = re.findall(r"<exec_depend>(python3-.+)</exec_depend>", manifest)
    needed_ones = {SYSTEM_PACKAGES.get(key, key.removeprefix("python3-")) for key in keys}

    assert "numpy" in needed_ones
    assert sorted(needed_ones - words(written.partition("## What it needs to train")[0])) == []


def test_copyleft_is_told_in_words(installed, written):
    copyleft = {name for name, its in licences.listed(written).items() if re.search("[MG]PL", its)}
    (summary,) = re.findall(r"(?m)^\| what it needs to run \|.*", written)
    (developing,) = re.findall(r"(?ms)^Copyleft among those that only train.*?\n\n", written)

    assert copyleft & words(summary) >= copyleft & installed
    assert copyleft <= words(summary) | words(developing)


@pytest.mark.parametrize("name", ["final", "small", "finder"])
def test_the_data_behind_a_model_is_on_the_page(root, name):
    from mobilepose_core.inference.runtime import model_file

    page = (root / "docs" / "licences.md").read_text(encoding="utf-8").lower()

    for source in model_file.find(name).card["data"]:
        folder = source.split("=")[1].split(",")[0]
        known = {"lspet": "lsp-extended"}
        first = folder.split("-")[0]
        assert known.get(first, first) in page, source
