# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The golden packets are what the generator makes of the requirements, to the octet."""

import argparse
import subprocess
import sys

import checks
from layers import TESTS


def regenerate() -> str:
    done = subprocess.run(
        ["/usr/bin/python3", str(TESTS / "golden/generate.py"), "--check"],
        capture_output=True, text=True, check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    checks.add_arguments(parser)
    sys.exit(checks.run([("golden.regenerate", regenerate)], parser.parse_args().report))
