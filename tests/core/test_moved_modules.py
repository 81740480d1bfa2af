import importlib
import sys

import pytest

from mobilepose_core.moved_modules import MOVED


@pytest.mark.parametrize(("old", "new"), MOVED.items())
def test_a_module_is_found_under_its_old_name_with_a_warning(old, new):
    sys.modules.pop(f"mobilepose_core.{old}", None)

    with pytest.warns(DeprecationWarning, match=f"{old} is now mobilepose_core.{new}"):
        module = importlib.import_module(f"mobilepose_core.{old}")

    assert module is importlib.import_module(f"mobilepose_core.{new}")


def test_a_module_that_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("mobilepose_core.inference.nothing")
