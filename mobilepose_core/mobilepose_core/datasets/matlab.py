"""MATLAB files, with errors that say what was wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import scipy.io

from mobilepose_core.errors import DataError


def load_mat(path: Path, variable: str) -> Any:
    """One variable of a `.mat` file, structs as objects with attributes.

    Raises:
        DataError: the file is missing, truncated or not MATLAB's, or has no such variable.
    """
    if not path.is_file():
        raise DataError(f"{path} not found; expected the data set's own {path.name}")
    try:
        content = scipy.io.loadmat(path, squeeze_me=True, struct_as_record=False)
    except Exception as error:  # scipy raises whatever the damaged bytes lead it to
        raise DataError(f"{path} cannot be read as a MATLAB file: {error}") from error
    if variable not in content:
        names = ", ".join(name for name in content if not name.startswith("__"))
        raise DataError(f"{path} has no variable {variable!r}, but {names or 'none'}")
    return content[variable]
