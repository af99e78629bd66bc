"""What the data manager has to hear, once each: kept in the home, sent where `IMPACT_ALERTS` says.

`IMPACT_ALERTS` holds addresses of Apprise, separated by spaces: mailto://…, mmost://…, matrix://….
What an address did not take is sent to it again, after pauses that grow; without an address an
alert is only kept. Whoever finds something raises it; the watch alone sends.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from flows.errors import ConfigurationError
from flows.language import _
from flows.settings import Settings
from flows.whole_files import written_whole

if TYPE_CHECKING:
    from apprise import Apprise

logger = logging.getLogger("impact")

KEPT = timedelta(days=90)
LOCK_SECONDS = 60
MINUTE = timedelta(minutes=1)
FIRST_PAUSE, LONGEST_PAUSE = MINUTE, timedelta(hours=6)
"""How long an address that did not take an alert is left alone: twice as long each time."""


@dataclass(frozen=True)
class Alert:
    """One thing to be told; the same `key` is the same thing."""

    key: str
    kind: str
    """late, refused, failed, action or health."""
    text: str
    raised_at: str = ""
    is_sent: bool = False
    """Every address that there was had taken it."""
    sent_to: list[str] = field(default_factory=list)
    """Digests of the addresses that took it: an address may hold a password."""


def alerts_file(settings: Settings) -> Path:
    return settings.home / "serving" / "alerts.json"


def read_alerts(settings: Settings) -> list[Alert]:
    """What was raised in the last ninety days, oldest first."""
    try:
        return [Alert(**fields) for fields in json.loads(alerts_file(settings).read_text())]
    except FileNotFoundError:
        return []


def raise_alerts(settings: Settings, alerts: Iterable[Alert]) -> int:
    """Keep those that are new, until the watch sends them; how many were new."""
    now = datetime.now(UTC)
    with locked(settings):
        oldest = (now - KEPT).isoformat()
        known = [alert for alert in read_alerts(settings) if alert.raised_at >= oldest]
        keys = {alert.key for alert in known}
        stamp = now.isoformat(timespec="seconds")
        new = {a.key: replace(a, raised_at=stamp) for a in alerts if a.key not in keys}
        if new:
            write(alerts_file(settings), [asdict(alert) for alert in (*known, *new.values())])
    return len(new)


def locked(settings: Settings) -> filelock.BaseFileLock:
    """What one process at a time holds, to change the alerts that are kept."""
    file = alerts_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return filelock.FileLock(file.with_suffix(".lock"), timeout=LOCK_SECONDS)


def write(file: Path, content: object) -> None:
    with written_whole(file) as unfinished:
        unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1))


def read_recipients(environment: Mapping[str, str] = os.environ) -> dict[str, "Apprise"]:
    """Who hears alerts: what sends to each address, by the digest of the address.

    Raises ConfigurationError for an address that Apprise does not understand.
    """
    addresses = environment.get("IMPACT_ALERTS", "").split()
    if not addresses:
        return {}
    import apprise

    # it quotes an address that it does not understand, and its password
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    recipients = {}
    for number, address in enumerate(addresses, start=1):
        messenger = apprise.Apprise()
        if not messenger.add(address):
            raise ConfigurationError(
                _("address {number} is not understood: nobody would hear anything there").format(
                    number=number
                ),
                where="IMPACT_ALERTS",
                remedy=_(
                    "write each as appriseit.com/services says, such as "
                    "mailtos://user:password@mail.example?to=data@mail.example, with spaces between"
                ),
            )
        recipients[hashlib.sha256(address.encode()).hexdigest()[:16]] = messenger
    return recipients


def send_alerts(settings: Settings, recipients: Mapping[str, "Apprise"], now: datetime) -> None:
    """Send to each address what it has not taken, unless it failed a moment ago.

    To be called by one process alone, which is the watch.
    """
    file = alerts_file(settings).with_name("alerts-failed.json")
    failed = {to: pause for to, pause in read_failed(file).items() if to in recipients}
    for number, (to, messenger) in enumerate(recipients.items(), start=1):
        unsent = [a for a in read_alerts(settings) if not a.is_sent and to not in a.sent_to]
        last_pause, again_at = failed.get(to, (0, ""))
        if not unsent or now.isoformat() < again_at:
            continue
        if notify(messenger, unsent):
            note_sent(settings, unsent, to, set(recipients))
            failed.pop(to, None)
        else:
            pause = min(2 * last_pause * MINUTE or FIRST_PAUSE, LONGEST_PAUSE)
            failed[to] = (pause // MINUTE, (now + pause).isoformat())
            text = _("address {number} of IMPACT_ALERTS did not take an alert: again in {pause}")
            logger.error(text.format(number=number, pause=pause))
        write(file, failed)


def read_failed(file: Path) -> dict[str, tuple[int, str]]:
    """By the digest of the address: for how many minutes it is left alone, and until when."""
    try:
        return {to: (pause, until) for to, (pause, until) in json.loads(file.read_text()).items()}
    except FileNotFoundError:
        return {}


def notify(messenger: "Apprise", alerts: list[Alert]) -> bool:
    """One message for all; False when it was not taken."""
    body = "\n".join(f"- {alert.text}" for alert in alerts)
    title = _("tiers-lieux: {count} to look at").format(count=len(alerts))
    return bool(messenger.notify(body=body, title=title))


def note_sent(settings: Settings, sent: list[Alert], to: str, everybody: set[str]) -> None:
    keys = {alert.key for alert in sent}
    with locked(settings):
        noted = []
        for alert in read_alerts(settings):
            sent_to = [*alert.sent_to, to] if alert.key in keys else alert.sent_to
            is_sent = alert.is_sent or everybody <= {*sent_to}
            noted.append(asdict(replace(alert, is_sent=is_sent, sent_to=sent_to)))
        write(alerts_file(settings), noted)
