"""Package build of mobilepose_core; all but the list of shared files is in setup.cfg."""

from tempfile import TemporaryDirectory

from setuptools import setup
from setuptools.command.build import build


class BuildAnew(build):
    """Builds in an empty folder unless told otherwise: modules that are gone stay out of wheels."""

    def initialize_options(self) -> None:
        """The default of `--build-base`, which colcon sets, is a folder that is removed at exit."""
        super().initialize_options()
        self._scratch = TemporaryDirectory()
        self.build_base = self._scratch.name


setup(
    cmdclass={"build": BuildAnew},
    python_requires=">=3.10",  # here, not in setup.cfg: colcon cannot read it back from there
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/mobilepose_core"]),
        ("share/mobilepose_core", ["package.xml"]),
    ],
)
