"""The benchmark of discovery counts what is sent until all know all."""

import pytest
from benchmarks import discovery
from benchmarks.measure import loopback


@pytest.fixture
def network():
    """Skips where this machine allows no network of one's own."""
    try:
        loopback.output_of("benchmarks.measure.loopback")
    except (RuntimeError, OSError) as error:
        pytest.skip(str(error))


def test_traffic_is_that_since_an_earlier_time():
    before, after = loopback.Traffic(100, 2), loopback.Traffic(1600, 5)

    assert after.since(before) == loopback.Traffic(1500, 3)


def test_a_module_that_fails_is_named(network):
    with pytest.raises(RuntimeError, match=r"benchmarks\.nothing failed in a network of its own"):
        loopback.output_of("benchmarks.nothing")


def test_participants_find_one_another_by_a_server_in_a_network_of_their_own(network):
    row = discovery.measured(2, ["--server", "--settling", "0.1", "--idle", "0.1"])

    assert row["participants"] == row["found_all"] == 2
    assert row["kilobytes"] > 10
    assert row["packets"] > 20
