"""The real command in a process of its own, whose environment says nothing of a language but this."""

import os
import subprocess
import sys

from flows.settings import PROJECT

SPEAKING = ("IMPACT_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def impact(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))"
    return python(code, *arguments, **environment)


def python(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in SPEAKING}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**plain, "PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1", **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
