import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from mobilepose_ros import parameter_table, parameters
from mobilepose_ros.follower_parameters import FollowerParameters
from mobilepose_ros.parameters import CameraParameters, PoseParameters

CONFIG = Path(parameters.__file__).parents[1] / "config"
FILES = {
    PoseParameters: (CONFIG / "pose.yaml", "/**"),
    FollowerParameters: (CONFIG / "follow.yaml", "/**/person_follower"),
}
"""The file of each table's parameters, and the node's name in it."""

FILED = [(table, row) for table in FILES for row in fields(table)]
ROWS = [*(row for _, row in FILED), *fields(CameraParameters)]


def shown(row):
    """What pose.yaml says of a parameter beside its description."""
    said = ["at configure"] if row.metadata["at_configure"] else []
    said += ["at the start only"] if row.metadata["read_only"] else []
    if row.metadata["choices"]:
        said.append(f"one of {', '.join(map(str, row.metadata['choices']))}")
    if row.metadata["span"]:
        kind = type(row.default)
        said.append(" to ".join(str(kind(end)) for end in row.metadata["span"]))
    return row.metadata["description"] + (f" ({'; '.join(said)})" if said else "")


def test_every_parameter_is_read_somewhere():
    package = Path(parameters.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in package.glob("*.py"))

    assert [row.name for row in ROWS if not re.search(rf"\.{row.name}\b", code)] == []


@pytest.mark.parametrize("table", FILES)
def test_the_file_of_a_table_has_every_parameter_with_its_default(table):
    path, name = FILES[table]
    values = yaml.safe_load(path.read_text())[name]["ros__parameters"]

    assert values == {row.name: row.default for row in fields(table)}
    assert [type(value) for value in values.values()] == [
        type(row.default) for row in fields(table)
    ]


@pytest.mark.parametrize(("table", "row"), FILED, ids=lambda one: getattr(one, "name", ""))
def test_the_file_describes_every_parameter_as_the_table_does(table, row):
    blocks = FILES[table][0].read_text().split("\n\n")
    blocks[0] = blocks[0].split("ros__parameters:\n")[1]
    (block,) = [text for text in blocks if re.search(rf"^    {row.name}:", text, re.M)]

    comment = " ".join(re.findall(r"^ *# (.*)$", block, re.M))

    assert comment == shown(row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_default_is_allowed(row):
    assert parameter_table.problem(row, row.default) == ""
