import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

from astronaut_films import astronaut, film, photographs  # isort: skip

__all__ = ["astronaut", "film", "photographs"]
