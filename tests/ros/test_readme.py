"""The README's table of parameters is the code's."""

import re
from pathlib import Path

from mobilepose_ros.parameter_table import table_rows
from mobilepose_ros.parameters import PoseParameters

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_has_every_parameter_with_its_default_and_description():
    rows = re.findall(
        r"^\| `(\w+)` \| `([^`]*)` \| ([^|]*?) \| (.*?) \|$", README.read_text(), re.M
    )

    documented = {name: (default, text, when) for name, default, text, when in rows}

    expected = {}
    for name, row in table_rows(PoseParameters).items():
        default = str(row.default).lower() if isinstance(row.default, bool) else str(row.default)
        when = "any time"
        if row.metadata["at_configure"]:
            when = "while unconfigured"
        if row.metadata["read_only"]:
            when = "at the start"
        expected[name] = (default, row.metadata["description"], when)
    assert documented == expected
