"""What tests of benchmarks share."""

import pytest


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of a user who has no npm, no configuration and no registry."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NPM_CONFIG_REGISTRY", raising=False)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    return folder / "mobilepose" / "peers"
