# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Commands that are run to their end, and daemons that are started, watched and stopped."""

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .waiting import wait_until


class CommandFailed(AssertionError):
    """A command of the lab itself failed."""


@dataclass(frozen=True)
class Result:
    argv: tuple[str, ...]
    status: int
    stdout: str
    stderr: str

    def __str__(self) -> str:
        output = (self.stdout + self.stderr).strip()
        return f"{shlex.join(self.argv)}: exit status {self.status}\n{output}"


def run(
    *argv: str | Path,
    check: bool = True,
    stdin: str = "",
    timeout: float = 30.0,
    env: Mapping[str, str] | None = None,
) -> Result:
    """Runs a command to its end. With `check`, a failure is an exception that shows its output."""
    words = tuple(str(word) for word in argv)
    done = subprocess.run(
        words,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        env={**os.environ, **(env or {})},
        check=False,
    )
    result = Result(words, done.returncode, done.stdout, done.stderr)
    if check and result.status != 0:
        raise CommandFailed(str(result))
    return result


class Daemon:
    """A process that stays, its output in a log file. Only this very process is ever signalled."""

    def __init__(
        self,
        name: str,
        argv: list[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=cwd,
            )

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for_line(self, pattern: str, timeout: float = 15.0) -> None:
        """Waits until the log has a line with the pattern; says so at once if the process ended."""

        def seen() -> bool:
            if re.search(pattern, self.output()):
                return True
            if self.process.poll() is not None:
                raise CommandFailed(
                    f"{self.name} ended with status {self.process.returncode}\n{self.output()}"
                )
            return False

        wait_until(f"{self.name} to log {pattern!r}", seen, timeout)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, timeout: float) -> int:
        return self.process.wait(timeout)

    def stop(self) -> None:
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(3)
