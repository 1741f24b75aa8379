# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Documents that are made from a list in the source: written, or compared with what they should be."""

import argparse
import difflib
from collections.abc import Callable
from pathlib import Path


def difference(document: Path, text: str) -> str:
    """How a document differs from what it should be; empty if it does not."""
    have = document.read_text() if document.exists() else ""
    lines = difflib.unified_diff(
        have.splitlines(), text.splitlines(), document.name, "from the source", lineterm=""
    )
    return "\n".join(lines)


def main(about: str, document: Path, make: Callable[[], str]) -> int:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    if not parser.parse_args().check:
        document.write_text(make())
        return 0
    wrong = difference(document, make())
    if wrong:
        print(f"{wrong}\nerror: {document.name}: not up to date; run this without --check")
    return 1 if wrong else 0
