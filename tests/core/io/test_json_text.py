import json
import math

import numpy as np
import pytest

from mobilepose_core.io import atomic, json_text


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_a_number_that_json_lacks_is_null_wherever_it_stands(number, tmp_path):
    value = {"a": number, "b": [1, number, {"c": (number, 2.5)}], "d": "NaN"}

    atomic.write_json(tmp_path / "value.json", value)

    expected = {"a": None, "b": [1, None, {"c": [None, 2.5]}], "d": "NaN"}
    assert json.loads(json_text.of(value)) == expected
    assert json.loads((tmp_path / "value.json").read_text()) == expected


def test_other_values_are_written_as_json_writes_them():
    value = {"a": [1, 2.5, True, None, "ä"], "b": {}}

    assert json_text.of(value) == json.dumps(value)
    assert json_text.of(value, 2) == json.dumps(value, indent=2)
