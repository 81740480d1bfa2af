"""The archives that are published hold what users need, and nothing else."""

import configparser
import io
import re
import shutil
import sys
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


def test_a_wheel_of_pip_has_no_modules_of_former_builds_and_leaves_no_folder(tmp_path):
    for name in ("setup.py", "pyproject.toml", "package.xml"):
        shutil.copy(distribution.PACKAGE / name, tmp_path)
    shutil.copytree(distribution.PACKAGE / "resource", tmp_path / "resource")
    config = (
        "[metadata]\nname = mobilepose_core\nversion = 1.0\n[options]\npackages = mobilepose_core\n"
    )
    (tmp_path / "setup.cfg").write_text(config)
    for folder, module in (("mobilepose_core", "__init__"), ("build/lib/mobilepose_core", "gone")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / f"{module}.py").touch()
    before = {path.name for path in tmp_path.iterdir()}

    build = "from setuptools import build_meta as backend; print(backend.build_wheel('out'))"
    distribution._run([sys.executable, "-c", build], tmp_path)

    (wheel,) = (tmp_path / "out").glob("*.whl")
    modules = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")]
    assert modules == ["mobilepose_core/__init__.py"]
    after = {path.name for path in tmp_path.iterdir()}
    assert after - before == {"out", "mobilepose_core.egg-info"}
    assert list((tmp_path / "build").iterdir()) == [tmp_path / "build" / "lib"]


def bill_of(*names):
    """A bill as CycloneDX writes it of an environment: each name needs all that follow."""
    licence = {"licenses": [{"license": {"id": "MIT"}}]}
    local = {"externalReferences": [{"url": "file:///home"}, {"url": "https://pypi.org"}]}
    components = [{"name": name, "bom-ref": f"{name}==1"} | licence | local for name in names]
    dependencies = [
        {"ref": f"{name}==1", "dependsOn": [f"{other}==1" for other in names[number + 1 :]]}
        for number, name in enumerate(names)
    ]
    return {"components": components, "dependencies": dependencies, "metadata": {"tools": []}}


def test_a_bill_names_its_subject_and_lists_what_it_needs():
    bill = distribution.completed(bill_of("mobilepose_core", "numpy", "setuptools", "pip"))

    assert bill["metadata"]["component"]["name"] == "mobilepose_core"
    assert bill["metadata"]["tools"] == []
    assert [one["name"] for one in bill["components"]] == ["numpy"]
    assert bill["dependencies"] == [
        {"ref": "mobilepose_core==1", "dependsOn": ["numpy==1"]},
        {"ref": "numpy==1", "dependsOn": []},
    ]
    assert "file:" not in str(bill)


def test_a_bill_has_a_licence_of_everything_or_is_refused():
    bill = bill_of("mobilepose_core", "protobuf", "unknown")
    for component in bill["components"][1:]:
        del component["licenses"]

    with pytest.raises(distribution.DistributionError, match="unknown names no licence"):
        distribution.completed(bill)
    del bill["components"][2]
    (protobuf,) = distribution.completed(bill)["components"]
    assert protobuf["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
