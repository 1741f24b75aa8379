# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 check: what it answers to whom. What it says of each mistake is the unit tests'."""

import json
from pathlib import Path

from harness.registry import case
from lab.answers import FAILED, INVALID, OK, USAGE, check_refusal, refused, run_as_nobody
from lab.checks import check, check_equal
from lab.lab import Lab, LabSpec

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "docs/examples").glob("*.toml"))

BROKEN = """\
[controller]
log-levle = "info"

[[instance]]
name = "access"
role = "lcra"
client-dev = ["nosuchdev0", "nosuchdev1"]
upstream = "fe80::1"
"""


def write(lab: Lab, name: str, text: str) -> Path:
    path = lab.work / name
    path.write_text(text)
    return path


def examples(lab: Lab) -> None:
    """Valid for everybody: no privilege, and no device of that name, is needed."""
    check(bool(EXAMPLES), "there are no examples")
    for example in EXAMPLES:
        path = write(lab, example.name, example.read_text())
        answer = run_as_nobody(lab, "check", path)
        check_equal((answer.status, answer.stderr), (OK, ""), str(answer))
        found = json.loads(run_as_nobody(lab, "check", path, "--json").stdout)
        check_equal((found["file"], found["valid"], found["errors"]), (str(path), True, []), "JSON")
        for instance in found["instances"]:
            line = f"  {instance['name']}: {instance['role']}\n"
            check(line in answer.stdout, f"{line!r} is not in {answer.stdout!r}")
        check_equal(run_as_nobody(lab, "-q", "check", path).stdout, "", "said with -q")


def broken(lab: Lab) -> None:
    """All errors, in the order of the file, with their places; exit 3; the same as JSON."""
    path = write(lab, "broken.toml", BROKEN)
    answer = check_refusal(run_as_nobody(lab, "check", path), INVALID, "did you mean `log-level`?")
    places = [line.split(": ")[1] for line in answer.stderr.splitlines()[::2]]
    check_equal(places, [f"{path}:2:1", f"{path}:8:12"], "places")
    answer = run_as_nobody(lab, "check", path, "--json")
    check_equal((answer.status, answer.stderr), (INVALID, ""), "status, and errors as text")
    found = json.loads(answer.stdout)
    check_equal((found["valid"], found["instances"]), (False, []), "JSON")
    errors = [(error["line"], error["column"], error["what"]) for error in found["errors"]]
    check_equal(errors, [(2, 1, "log-levle"), (8, 12, 'upstream "fe80::1"')], "errors")
    check(all(error["why"] and error["hint"] for error in found["errors"]), str(found))


def refusals(lab: Lab) -> None:
    """No file, one that may not be read, and answers that get nowhere."""
    refused(lab.cra, USAGE, "check")
    refused(lab.cra, INVALID, "check", str(lab.work / "nothing.toml"), mentions="No such file")
    path = write(lab, "secret.toml", BROKEN)
    path.chmod(0o600)
    check_refusal(run_as_nobody(lab, "check", path), INVALID, "Permission denied")
    command = lab.cra.argv("check", str(write(lab, "empty.toml", "")))
    answer = lab.at.cra.run("sh", "-c", '"$@" >/dev/full', "sh", *command, check=False)
    check_refusal(answer, FAILED, "No space left")


def register() -> None:
    for body in (examples, broken, refusals):
        case(f"cli.check.{body.__name__}", LabSpec())(body)


register()
