"""Where packages are."""

from ament_index_python.packages import get_package_share_directory
from launch.description import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import performed


class FindPackageShare(Substitution):
    """The folder share/PACKAGE; fails where the package is not installed."""

    def __init__(self, package: SomeSubstitutionsType) -> None:
        self.package = package

    def perform(self, context: LaunchContext) -> str:
        """The folder."""
        return str(get_package_share_directory(performed(context, self.package)))
