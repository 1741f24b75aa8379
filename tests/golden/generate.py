#!/usr/bin/python3
# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Writes cases.json: frames in, and the exact frames that a correct dhcp46 sends.

    generate.py           writes tests/golden/cases.json
    generate.py --check   exit 1 and a diff if cases.json is not what the generator makes
    generate.py --report  counts by path, fate and requirement
"""

import argparse
import collections
import difflib
import json
import pathlib
import sys

sys.dont_write_bytecode = True

import checksums
import copies
import cra_reply
import cra_request
import hcra
import headers
import lease
import lengths
import link_selection
import options
import soundness
import tra_reply
import tra_request
import tsv
import tunnels
import world

CASES = pathlib.Path(__file__).with_name("cases.json")
SUBJECTS = (lease, cra_request, cra_reply, tra_request, tra_reply, options,
            lengths, checksums, headers, link_selection, copies, tunnels,
            hcra, tsv)
PATHS = [module.PATH for module in (cra_request, cra_reply, tra_request, tra_reply)]
PATHS += [cra_request.OUT, hcra.REQUEST, hcra.REPLY, hcra.OTHERS, tsv.REQUEST, tsv.REPLY]


def generate():
    for subject in SUBJECTS:
        subject.add_cases()
    cases = [case for path in PATHS for case in path.cases]
    names = collections.Counter(case["name"] for case in cases)
    twice = [name for name, count in names.items() if count > 1]
    assert not twice, f"names used twice: {twice}"
    for case in cases:
        if case["fate"] == "relay":
            try:
                soundness.check(case)
            except AssertionError as error:
                raise SystemExit(f"{case['name']}: {error}") from error
    return cases


def as_text(cases):
    """JSON with one field a line, so that a diff names the field."""
    worlds = json.dumps(world.WORLDS, indent=1)
    return f'{{\n"worlds": {worlds},\n"cases": [\n' + ",\n".join(map(case_text, cases)) + "\n]\n}\n"


def case_text(case):
    return "{\n" + ",\n".join(f' "{key}": {json.dumps(value)}' for key, value in case.items()) + "\n}"


def check(text):
    old = CASES.read_text() if CASES.exists() else ""
    if old == text:
        return 0
    name = CASES.name
    for line in difflib.unified_diff(old.splitlines(), text.splitlines(), f"{name} (committed)",
                                     f"{name} (generated)", n=4, lineterm=""):
        print(line if len(line) < 200 else line[:200] + "…")
    return 1


def report(cases):
    by_path = collections.Counter((case["name"].split("/")[0], case["fate"]) for case in cases)
    for (path, fate), count in sorted(by_path.items()):
        print(f"{path:12} {fate:7} {count}")
    print(f"{len(cases)} cases")
    for label, values in (("id", [each for case in cases for each in case["ids"]]),
                          ("reason", [case["reason"] for case in cases if case["reason"]])):
        counts = collections.Counter(values)
        print(label + ":", ", ".join(f"{name} {counts[name]}" for name in sorted(counts)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="compare, write nothing")
    choice.add_argument("--report", action="store_true", help="print counts, write nothing")
    arguments = parser.parse_args()
    cases = generate()
    if arguments.check:
        return check(as_text(cases))
    if arguments.report:
        return report(cases)
    CASES.write_text(as_text(cases))
    return 0


if __name__ == "__main__":
    sys.exit(main())
