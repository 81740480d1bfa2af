"""The archives that are published hold what users need, and nothing else."""

import configparser
import io
import re
import tarfile
import zipfile

import pytest
from tools import distribution

NEEDED = ["mobilepose_core/py.typed", "mobilepose_core/weights/final.onnx", "p.dist-info/LICENSE"]


@pytest.fixture(params=["mobilepose_core-1.0-py3-none-any.whl", "mobilepose_core-1.0.tar.gz"])
def archive(tmp_path, request):
    """Makes an archive of files with these names."""

    def of(names, content=b""):
        path = tmp_path / request.param
        if path.suffix == ".whl":
            with zipfile.ZipFile(path, "w") as wheel:
                for name in names:
                    wheel.writestr(name, content)
            return path
        with tarfile.open(path, "w:gz") as sources:
            for name in names:
                member = tarfile.TarInfo(f"mobilepose_core-1.0/{name}")
                member.size = len(content)
                sources.addfile(member, io.BytesIO(content))
        return path

    return of


def test_an_archive_with_all_that_is_needed_is_accepted(archive):
    distribution.check(archive(NEEDED))


@pytest.mark.parametrize("missing", NEEDED)
def test_what_is_missing_is_named(archive, missing):
    names = [name for name in NEEDED if name != missing]

    with pytest.raises(distribution.DistributionError, match=r"lacks .*" + missing.split("/")[-1]):
        distribution.check(archive(names))


@pytest.mark.parametrize("foreign", ["mobilepose_core/weights/final.safetensors", "a/photo.jpg"])
def test_checkpoints_and_images_are_refused(archive, foreign):
    with pytest.raises(distribution.DistributionError, match="holds .*" + foreign):
        distribution.check(archive([*NEEDED, foreign]))


def test_what_the_package_ships_may_be_in_an_archive():
    config = configparser.RawConfigParser()
    config.read(distribution.PACKAGE / "setup.cfg")
    patterns = config["options.package_data"]["mobilepose_core"].split()

    folder = distribution.PACKAGE / "mobilepose_core"
    shipped = {path.suffix for one in patterns for path in folder.glob(one)}

    assert ".onnx" in shipped
    assert shipped <= distribution.ALLOWED


@pytest.mark.parametrize("package", ["mobilepose_core", "mobilepose_ros"])
def test_pip_refuses_a_python_that_is_too_old(package):
    config = configparser.RawConfigParser()
    config.read(distribution.PACKAGE / "setup.cfg")
    named = re.findall(r"Python :: 3\.(\d+)", config["metadata"]["classifiers"])
    text = (distribution.ROOT / package / "setup.py").read_text()

    assert re.search(r'python_requires="(.*?)"', text)[1] == f">=3.{min(map(int, named))}"


def test_an_archive_that_is_too_large_is_refused(archive, monkeypatch):
    monkeypatch.setattr(distribution, "LARGEST", 100)

    with pytest.raises(distribution.DistributionError, match="MB; at most"):
        distribution.check(archive(NEEDED, b"x" * 1000))


def test_a_program_that_fails_is_named_with_its_last_words():
    with pytest.raises(distribution.DistributionError, match=r"(?s)python.*failed.*no such folder"):
        distribution._run(["python", "-c", "import sys; sys.exit('no such folder')"])
