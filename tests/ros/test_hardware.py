"""Names of what networks run on, by files as systems have them."""

import pytest

from mobilepose_ros import hardware

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.fixture
def machine(tmp_path):
    def make(**files):
        for name, text in files.items():
            path = tmp_path / "proc" / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return make


def test_a_cpu_is_named_by_its_model(machine):
    root = machine(cpuinfo="processor\t: 0\nmodel name\t: AMD EPYC 7B13\nmodel name\t: other\n")

    assert hardware.name(CPU, root) == "AMD EPYC 7B13"


def test_a_gpu_is_named_by_its_driver(machine):
    root = machine(
        cpuinfo="model name\t: AMD EPYC 7B13\n",
        driver__nvidia__gpus__0000__information="Model: \t\t NVIDIA H100 80GB HBM3\nIRQ: 1\n",
    )

    assert hardware.name(CUDA, root) == "NVIDIA H100 80GB HBM3"
    assert hardware.name(CPU, root) == "AMD EPYC 7B13"


def test_a_board_is_named_where_it_is_one(machine):
    root = machine(**{"device-tree__model": "NVIDIA Jetson Orin Nano Developer Kit\0"})

    for provider in (CPU, CUDA, ""):
        assert hardware.name(provider, root) == "NVIDIA Jetson Orin Nano Developer Kit"


def test_a_machine_of_which_nothing_is_known_has_a_name(tmp_path):
    assert hardware.name(CPU, tmp_path).endswith(" CPU")
    assert hardware.name(CUDA, tmp_path) == "NVIDIA GPU"
