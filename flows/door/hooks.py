"""Hooks."""

from typing import TYPE_CHECKING

from fastapi import FastAPI

if TYPE_CHECKING:
    from flows.door.app import Door


def add_hooks(app: FastAPI, door: "Door") -> None:
    pass
