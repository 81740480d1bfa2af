"""Shell commands in the documents name programs, options, arguments and parameters that exist."""

import argparse
import configparser
import importlib.util
import re
import shlex

import pytest

from mobilepose_core import cli
from mobilepose_ros import follower_topics
from mobilepose_ros.launch_arguments import DEMO, FOLLOW, MULTI_CAMERA, POSE
from mobilepose_ros.parameter_table import table_rows
from mobilepose_ros.parameters import PoseParameters
from mobilepose_ros.topic_table import SERVICES

LAUNCH = {
    "pose.launch.py": POSE,
    "demo.launch.py": DEMO,
    "multi_camera.launch.py": MULTI_CAMERA,
    "follow.launch.py": FOLLOW,
}
OTHERS = {
    *("cd", "ln", "source", "export", "sudo", "git", "pip", "npm", "docker", "colcon", "rosdep"),
    *("torchrun", "fastdds", "ssh", "tar"),
}
"""Programs that are not ours."""


def options_of(words):
    """The options that a command of `mobilepose` knows."""
    parser, rest = cli._parser(), words[1:]
    while rest:
        groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not groups:
            break
        parser, rest = groups[0].choices[rest[0]], rest[1:]
    return {option for action in parser._actions for option in action.option_strings}


def commands(text):
    """The commands in a block of shell lines, as words, without environment and redirections."""
    for line in text.replace("\\\n", " ").splitlines():
        for part in re.split(r"&&", line.partition(" #")[0]):
            words = shlex.split(part)
            while words and re.match(r"^[A-Z_]+=", words[0]):
                words.pop(0)
            if ">" in words or ">>" in words:
                words = words[: min(words.index(sign) for sign in (">", ">>") if sign in words)]
            if words:
                yield words


def check_mobilepose(words):
    """Has the real parser read a command; it needs no file for that."""
    try:
        cli._parser().parse_args(words[1:])
    except SystemExit:
        pytest.fail(f"no such command: {' '.join(words)}")


def check_make(words, root):
    targets = re.findall(r"^(\w+):", (root / "Makefile").read_text(), re.M)
    assert set(words[1:2]) <= set(targets), words


def check_ros2(words, root):
    if words[1:3] == ["launch", "mobilepose_ros"]:
        given = {word.partition(":=")[0] for word in words[4:] if not word.startswith("--")}
        assert given <= set(LAUNCH[words[3]]), words
    elif words[1:3] == ["run", "mobilepose_ros"]:
        config = configparser.RawConfigParser()
        config.read(root / "mobilepose_ros" / "setup.cfg")
        scripts = config["options.entry_points"]["console_scripts"]
        assert words[3] in re.findall(r"^(\w+) =", scripts, re.M), words
    elif words[1:3] == ["param", "set"]:
        assert words[4] in table_rows(PoseParameters), words
    elif words[1:3] == ["service", "call"]:
        nodes = (("/mobilepose", SERVICES), ("/person_follower", follower_topics.SERVICES))
        known = {(s.name.replace("~", node), s.type) for node, rows in nodes for s in rows}
        assert tuple(words[3:5]) in known, words
    elif words[1] == "run" and (root / "examples" / words[2]).is_dir():
        build = (root / "examples" / words[2] / "CMakeLists.txt").read_text(encoding="utf-8")
        assert f"add_executable({words[3]} " in build, words
    elif words[1:3] not in (["run", "tf2_ros"], ["run", "rmw_zenoh_cpp"]):
        kinds = ("bag", "topic", "interface", "lifecycle", "action", "security")
        assert words[1] in kinds, words


def check_module(words, root):
    """`python -m MODULE`: it is there, and its source, or what it shares, has the options given."""
    module = words[2]
    if module == "pytest":
        assert (root / words[3]).exists()
        return
    spec = importlib.util.find_spec(module)
    assert spec is not None, words
    own = (root / module.split(".")[0]).rglob("*.py")
    shared = root / "mobilepose_core" / "mobilepose_core" / "cli" / "options.py"
    source = "\n".join(path.read_text(encoding="utf-8") for path in (*own, shared))
    for option in (word for word in words[3:] if word.startswith("--")):
        assert f'"{option}"' in source, words


def check(words, root):
    program = words[0]
    if program == "mobilepose":
        check_mobilepose(words)
    elif program == "make":
        check_make(words, root)
    elif program == "ros2":
        check_ros2(words, root)
    elif program == "python":
        check_module(words, root)
    elif program == "python3":
        assert (root / words[1]).exists(), words
    elif program == "torchrun":
        index = words.index("mobilepose_core.cli")
        check_mobilepose(["mobilepose", *words[index + 1 :]])
    else:
        assert program in OTHERS, words


def test_commands_in_blocks_exist(document, root, blocks, monkeypatch):
    monkeypatch.chdir(root)
    for block in blocks(document):
        if "─" in block or re.search(r"^\w+/ {2,}", block, re.M):
            continue  # a drawing
        for words in commands(block):
            check(words, root)


def test_commands_in_the_text_exist(document, root, monkeypatch):
    monkeypatch.chdir(root)
    text = document.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    for code in re.findall(r"`((?:make|ros2|python -m|mobilepose) [^`]+)`", text):
        if not re.search(r"…|\bNAME\b|\bCOMMAND\b|FOLDER", code):
            for words in commands(code):
                if words[0] == "mobilepose":
                    given = {word for word in words if word.startswith("--")}
                    assert given <= options_of(words), words
                else:
                    check(words, root)


@pytest.mark.parametrize("name", LAUNCH)
def test_the_documents_show_how_each_launch_file_is_started(name, root):
    text = (root / "docs" / "ros2.md").read_text(encoding="utf-8")

    assert f"ros2 launch mobilepose_ros {name} " in text


@pytest.mark.parametrize("block", ["mobilepose predict photo.jpg --nope", "make nope", "nope"])
def test_a_command_that_does_not_exist_is_noticed(block, root):
    (words,) = commands(block)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(words, root)
