"""Reference tables of the documents are those of the code."""

import argparse

import pytest
from tools.reference import __main__ as reference
from tools.reference import blocks, command_line, ros

from mobilepose_ros.parameter_table import table_rows
from mobilepose_ros.parameters import PoseParameters


def test_the_documents_are_up_to_date():
    stale = blocks.refresh(reference.DOCS, reference.tables(), write=False)

    assert stale == [], "run python -m tools.reference"


def test_a_block_is_written_between_its_marks_and_nothing_else_changes(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- reference: rows -->\nold\n<!-- end of reference -->\nafter\n")

    assert blocks.refresh(tmp_path, {"rows": "new"}, write=False) == [page]
    assert blocks.refresh(tmp_path, {"rows": "new"}, write=True) == [page]
    assert page.read_text() == (
        "before\n<!-- reference: rows -->\n\nnew\n\n<!-- end of reference -->\nafter\n"
    )
    assert blocks.refresh(tmp_path, {"rows": "new"}, write=True) == []


def test_a_block_without_a_table_and_a_table_without_a_block_are_named(tmp_path):
    (tmp_path / "page.md").write_text("<!-- reference: rows -->\n<!-- end of reference -->\n")

    with pytest.raises(ValueError, match="rows"):
        blocks.refresh(tmp_path, {"columns": ""}, write=False)
    with pytest.raises(ValueError, match="columns"):
        blocks.refresh(tmp_path, {"rows": "", "columns": ""}, write=False)


def test_a_cell_keeps_to_its_row_and_column():
    assert blocks.table(("a", "b"), [("one\ntwo", "x|y")]).splitlines()[-1] == (
        "| one two | x\\|y |"
    )


def test_every_parameter_has_a_row_with_its_default_range_and_description():
    rows = ros.parameters(PoseParameters).splitlines()[2:]

    assert len(rows) == len(table_rows(PoseParameters))
    (row,) = [line for line in rows if "`joint_threshold`" in line]
    assert "| `0.5` |" in row
    assert "From 0 to 1." in row
    assert row.endswith("| any time |")


def test_options_of_a_command_have_a_row_each_and_groups_a_title():
    parser = argparse.ArgumentParser(prog="tool")
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="what comes in")
    schedule = parser.add_argument_group("schedule")
    schedule.add_argument("--rate", type=float, default=0.5, help="learning rate")
    schedule.add_argument("--kind", required=True, choices=["a", "b"])

    text = command_line.command(parser, "does it")

    assert text.startswith("### tool\n\nDoes it.")
    assert "| `INPUT …` |  | What comes in. |" in text
    assert "**Schedule**" in text
    assert "| `--rate RATE` | `0.5` | Learning rate. |" in text
    assert "| `--kind KIND` | required |" in text
