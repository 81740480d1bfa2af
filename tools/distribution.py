"""The distribution of `mobilepose_core`: wheel, source archive and bill of materials.

    python -m tools.distribution --out out/dist
    python -m tools.distribution --out out/dist --python python3.10 --python python3.13

Builds both archives, checks what they hold, installs each in an empty environment of every Python
named, and has it find a person in a photograph there. The environment of the first Python is
written down as `sbom.json` (CycloneDX).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.version import ROOT, VERSION

PACKAGE = ROOT / "mobilepose_core"
LOCK = ROOT / "ros2_ws" / "requirements.lock"

LARGEST = 15_000_000
"""Size of an archive, bytes; nearly all of it is the weights of the released models."""

ALLOWED = frozenset(
    {".py", ".onnx", ".json", ".msg", ".typed", ".xml", ".txt", ".cfg", ".toml", ".md", ""}
    | {".html", ".css", ".js", ".svg"}  # the page of `mobilepose view`
)
"""Suffixes of files in an archive. Checkpoints, images and data have others."""

REQUIRED = ("mobilepose_core/py.typed", "mobilepose_core/weights/final.onnx", "LICENSE")
"""Ends of names that each archive holds."""


INSTALLERS = frozenset({"pip", "setuptools"})
"""What a new environment holds before anything is installed in it."""

LICENCES = {"protobuf": "BSD-3-Clause"}
"""Licences (SPDX) of packages whose metadata name them in no way that CycloneDX reads."""


class DistributionError(Exception):
    """Says what is wrong with an archive, or what it could not do."""


def build(folder: Path) -> list[Path]:
    """Builds the archives from a copy of the sources, so that nothing is left in them.

    Args:
        folder: to write to; made if it is missing, and older archives in it are replaced.

    Returns:
        The wheel and the source archive.

    Raises:
        DistributionError: it did not work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("mobilepose_core-*.whl"), *folder.glob("mobilepose_core-*.tar.gz")):
        old.unlink()
    with tempfile.TemporaryDirectory() as scratch:
        sources = Path(scratch) / PACKAGE.name
        unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
        shutil.copytree(PACKAGE, sources, ignore=unwanted)
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
        _run([*command, str(sources)])
    name = f"mobilepose_core-{VERSION}"
    return [folder / f"{name}-py3-none-any.whl", folder / f"{name}.tar.gz"]


def check(archive: Path) -> None:
    """Checks what an archive holds, and its size.

    Raises:
        DistributionError: something does not belong there, is missing, or is too large.
    """
    names = _names(archive)
    foreign = sorted(
        name for name in names if Path(name).suffix not in ALLOWED and ".dist-info/" not in name
    )
    if foreign:
        raise DistributionError(f"{archive.name} holds {foreign[:5]}: {len(foreign)} such files")
    for end in REQUIRED:
        if not any(name.endswith(end) for name in names):
            raise DistributionError(f"{archive.name} lacks {end}")
    if archive.stat().st_size > LARGEST:
        size = archive.stat().st_size / 1e6
        raise DistributionError(f"{archive.name} has {size:.1f} MB; at most {LARGEST / 1e6:.0f}")


def install(archive: Path, python: str, environment: Path) -> str:
    """Installs an archive in a new environment.

    Args:
        archive: to install, with what it needs to run on a CPU.
        python: the interpreter, such as `python3.12`.
        environment: folder of the environment; it does not exist yet.

    Returns:
        The environment's interpreter.

    Raises:
        DistributionError: it cannot be installed.
    """
    _run([python, "-m", "venv", str(environment)])
    interpreter = str(environment / "bin" / "python")
    pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, f"--constraint={LOCK}", f"{archive}[cpu]"])
    return interpreter


def try_out(interpreter: str, photograph: Path) -> int:
    """Has an installation find people, in an empty folder; returns how many joints it printed.

    Raises:
        DistributionError: it fails, or finds nobody.
    """
    with tempfile.TemporaryDirectory() as empty:
        program = str(Path(interpreter).with_name("mobilepose"))
        output = _run([program, "predict", str(photograph), "--json"], Path(empty))
    lines = [json.loads(line) for line in output.splitlines()]
    joints = sum(len(pose["joints"]) for line in lines for pose in line["poses"])
    if not joints:
        raise DistributionError(f"{interpreter} found nobody in {photograph.name}")
    return joints


def bill_of_materials(interpreter: str, file: Path) -> None:
    """Writes what an environment holds, in CycloneDX's JSON, without paths of this machine.

    Raises:
        DistributionError: it did not work, or the licence of something is not known.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    bill = completed(json.loads(_run([*command, "--output-format", "JSON", interpreter])))
    file.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")


def completed(bill: dict[str, Any]) -> dict[str, Any]:
    """The bill of an environment as that of this package: its subject, and what it needs.

    Raises:
        DistributionError: this package is not in it, or the licence of something is not known.
    """
    components = {one["name"]: one for one in bill["components"] if one["name"] not in INSTALLERS}
    subject = components.pop(PACKAGE.name, None)
    if subject is None:
        raise DistributionError(f"the bill of materials does not list {PACKAGE.name}")
    for name, component in [*components.items(), (PACKAGE.name, subject)]:
        references = component.get("externalReferences", [])
        kept = [one for one in references if not one["url"].startswith("file:")]
        component["externalReferences"] = kept
        if not component.get("licenses") and name not in LICENCES:
            raise DistributionError(f"{name} names no licence; add it to LICENCES")
        component.setdefault("licenses", [{"license": {"id": LICENCES.get(name)}}])
    known = {one["bom-ref"] for one in (*components.values(), subject)}
    dependencies = [one for one in bill["dependencies"] if one["ref"] in known]
    for one in dependencies:
        if "dependsOn" in one:
            one["dependsOn"] = [other for other in one["dependsOn"] if other in known]
    metadata = {**bill["metadata"], "component": subject}
    listed = list(components.values())
    return {**bill, "metadata": metadata, "components": listed, "dependencies": dependencies}


def _names(archive: Path) -> list[str]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.namelist()
    with tarfile.open(archive) as sources:
        return [member.name for member in sources.getmembers() if member.isfile()]


def _run(command: Sequence[str], folder: Path | None = None) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise DistributionError(f"{' '.join(command)} failed:\n{last}")
    return done.stdout


def _photograph(folder: Path) -> Path:
    import cv2
    from benchmarks.picture import astronaut

    file = folder / "astronaut.png"
    cv2.imwrite(str(file), astronaut(640, 480))
    return file


def main() -> int:
    """Builds and tries the distribution."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/dist"), help="folder of the archives")
    parser.add_argument(
        "--python",
        action="append",
        metavar="PROGRAM",
        help="an interpreter to try both archives with; may be repeated (default: this one)",
    )
    options = parser.parse_args()
    try:
        archives = build(options.out)
        for archive in archives:
            check(archive)
            print(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB")
        for number, python in enumerate(options.python or [sys.executable]):
            for archive in archives:
                with tempfile.TemporaryDirectory() as scratch:
                    interpreter = install(archive, python, Path(scratch) / "environment")
                    if number == 0 and archive == archives[0]:
                        bill_of_materials(interpreter, options.out / "sbom.json")
                    joints = try_out(interpreter, _photograph(Path(scratch)))
                    print(f"{archive.name} with {python}: {joints} joints found")
    except DistributionError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
