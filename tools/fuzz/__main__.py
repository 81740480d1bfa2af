"""Fuzzes readers of foreign bytes for a time each, one after another.

    python -m tools.fuzz --seconds 60
    python -m tools.fuzz model recording --seconds 600 --out out/fuzz

With atheris, the fuzzer that follows which lines an input reaches. What makes a reader fail is kept
as out/fuzz/TARGET/crash-*; `--input FILE` runs a target on it again.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

ONE_RUN = 20
"""An input that takes longer is a fault too, s."""

MEMORY = 2048
"""A reader that takes more is a fault too, MiB."""


def main() -> int:
    """Fuzzes the targets in processes of their own; 1 if any failed."""
    options = _options()
    if options.child:
        return _fuzz(options)
    from tools.fuzz.targets import TARGETS

    names = options.targets or list(TARGETS)
    if unknown := sorted(set(names) - set(TARGETS)):
        sys.exit(f"error: unknown: {', '.join(unknown)}; known: {', '.join(TARGETS)}")
    if options.input:
        return _once(names, options.input)
    failed = []
    for name in names:
        command = [sys.executable, "-m", "tools.fuzz", name, "--child", "--out", str(options.out)]
        command += ["--seconds", str(options.seconds)]
        before = _processor_seconds()
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        seconds = _processor_seconds() - before
        runs = re.findall(r"^#(\d+)", done.stderr, re.M)
        verdict = "no fault" if done.returncode == 0 else f"FAULT, see {options.out / name}"
        print(
            f"{name}: {runs[-1] if runs else 0} inputs in {options.seconds} s, "
            f"{seconds:.0f} s of them on the processor, {verdict}",
            flush=True,
        )
        if done.returncode:
            failed.append(name)
            print("\n".join(done.stderr.splitlines()[-25:]), file=sys.stderr)
    return 1 if failed else 0


def _processor_seconds() -> float:
    """Of all processes that ended, which is less than what passed where others kept it busy."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*", help="what to fuzz (default: everything)")
    parser.add_argument("--seconds", type=int, default=60, help="time for each target")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"), help="folder of the inputs")
    parser.add_argument("--input", type=Path, help="run the target on this file only")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _once(names: list[str], file: Path) -> int:
    from tools.fuzz.targets import TARGETS

    for name in names:
        with contextlib.suppress(*TARGETS[name].allowed):
            TARGETS[name].read(file.read_bytes())
    return 0


def _fuzz(options: argparse.Namespace) -> int:
    import atheris

    (name,) = options.targets
    with atheris.instrument_imports(include=["mobilepose_core", "mobilepose_ros", "rosbags"]):
        from tools.fuzz.targets import TARGETS
    target = TARGETS[name]
    logging.disable(logging.CRITICAL)
    folder = options.out / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, example in enumerate(target.examples()):
        (corpus / f"example-{number}").write_bytes(example)

    def read(content: bytes) -> None:
        with contextlib.suppress(*target.allowed):
            target.read(content)

    arguments = [sys.argv[0], str(corpus), f"-max_total_time={options.seconds}"]
    arguments += [f"-timeout={ONE_RUN}", f"-rss_limit_mb={MEMORY}", "-max_len=20000"]
    arguments += [f"-artifact_prefix={folder}{os.sep}", "-print_final_stats=0"]
    atheris.Setup(arguments, read)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
