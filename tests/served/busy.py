"""Runs of a flow that does nothing, one after the other: `python -m tests.served.busy`."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact


@task
def nothing(number: int) -> int:
    return number


@flow
def busy() -> None:
    for number in range(8):
        nothing(number)
    create_markdown_artifact("…", key="busy")


if __name__ == "__main__":
    while True:
        busy()
