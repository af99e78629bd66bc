"""A real mail server on loopback, and what it was given."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class Mailbox:
    """Takes every letter but those for whom it refuses."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], EmailMessage]] = []
        self.refused: set[str] = set()

    async def handle_RCPT(
        self, _server: object, _session: object, envelope: Envelope, to: str, _options: object
    ) -> str:
        if to in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        message = email.message_from_bytes(envelope.content or b"", policy=default)
        self.letters.append((envelope.rcpt_tos, message))
        return "250 OK"

    def taken(self) -> list[str]:
        """To whom a letter went, in the order of the letters."""
        return [to for receivers, _message in self.letters for to in receivers]


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, int]]:
    """A mailbox, and the port on which it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box, port
    finally:
        server.stop()
