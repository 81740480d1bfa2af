"""Package build of mobilepose_ros; all but the list of shared files is in setup.cfg."""

from glob import glob

from setuptools import setup

SHARE = "share/mobilepose_ros"

setup(
    python_requires=">=3.10",  # here, not in setup.cfg: colcon cannot read it back from there
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/mobilepose_ros"]),
        (SHARE, ["package.xml"]),
        (f"{SHARE}/launch", sorted(glob("launch/*.launch.py"))),
        (f"{SHARE}/config", sorted(glob("config/*"))),
        (f"{SHARE}/rviz", sorted(glob("rviz/*.rviz"))),
    ],
)
