"""Where the view listens, and who can reach it there."""

from __future__ import annotations

import ipaddress

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8090
FOXGLOVE_PORT = 8765


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def exposure(host: str) -> str:
    """A warning where an address is reached from elsewhere; empty for this machine alone."""
    if is_loopback(host):
        return ""
    return (
        f"the view listens on {host}, without a password and without encryption: everybody who "
        "reaches this address sees the images"
    )


def host_of(header: str) -> str:
    """The host in an HTTP Host header, without its port and brackets."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.rpartition(":")[0] if header.count(":") == 1 else header


def shown(host: str) -> str:
    """A host as it stands in a URL; of all addresses, this machine's own."""
    if host in ("", "0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host
