"""A network of its own, in which nothing but what is measured sends: a loopback interface.

Its MTU is that of Ethernet, 1500 bytes, and its counters include headers of Ethernet, IP and UDP. A
multicast counts once, as on a cable.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks import ROOT
from mobilepose_ros import fastdds

UDP_ONLY = """<?xml version="1.0" encoding="UTF-8"?>
<dds xmlns="http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles">
  <library_settings><intraprocess_delivery>OFF</intraprocess_delivery></library_settings>
  <profiles>
    <transport_descriptors>
      <transport_descriptor><transport_id>udp</transport_id><type>UDPv4</type></transport_descriptor>
    </transport_descriptors>
    <participant profile_name="udp_only" is_default_profile="true">
      <rtps>
        <userTransports><transport_id>udp</transport_id></userTransports>
        <useBuiltinTransports>false</useBuiltinTransports>
      </rtps>
    </participant>
  </profiles>
</dds>
"""
"""Fast DDS without shared memory and without short cuts inside of a process."""

NETWORK = 'ip link set lo up mtu 1500 multicast on && ip route add 224.0.0.0/4 dev lo && exec "$@"'


class Traffic(NamedTuple):
    """What was sent.

    Attributes:
        bytes: with all headers.
        packets: of up to 1500 bytes.
    """

    bytes: int
    packets: int

    def since(self, before: Traffic) -> Traffic:
        """What was sent after an earlier time."""
        return Traffic(self.bytes - before.bytes, self.packets - before.packets)


def sent() -> Traffic:
    """What this network's processes have sent up to now."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        name, _, figures = line.partition(":")
        if name.strip() == "lo":
            columns = figures.split()
            return Traffic(int(columns[8]), int(columns[9]))
    raise RuntimeError("this machine has no loopback interface")


def output_of(module: str, *arguments: str, **environment: str) -> str:
    """What a module prints that runs in a network of its own, with Fast DDS over UDP alone.

    Raises:
        RuntimeError: the network could not be made, or the module failed.
    """
    own_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    network = ["unshare", "--net", *own_user, "sh", "-c", NETWORK, "sh"]
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as profile:
        profile.write(UDP_ONLY)
        profile.flush()
        own = {
            fastdds.variable(): profile.name,
            "ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET",
            "ROS_DOMAIN_ID": "0",
        }
        done = subprocess.run(
            [*network, sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, **own, **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{module} failed in a network of its own (unshare --net); see above")
    return done.stdout
