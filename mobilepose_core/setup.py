"""Package build of mobilepose_core; all but the list of shared files is in setup.cfg."""

from setuptools import setup

setup(
    python_requires=">=3.10",  # here, not in setup.cfg: colcon cannot read it back from there
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/mobilepose_core"]),
        ("share/mobilepose_core", ["package.xml"]),
    ],
)
