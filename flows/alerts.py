"""What the data manager has to hear, once each: kept in the home, sent where `IMPACT_ALERTS` says.

`IMPACT_ALERTS` holds addresses of Apprise, separated by spaces: mailto://…, mmost://…, matrix://….
An alert that could not be sent is sent with the next one; without an address it is only kept.
"""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import filelock

from flows.language import _
from flows.settings import Settings

logger = logging.getLogger("impact")

KEPT = timedelta(days=90)
LOCK_SECONDS = 60


@dataclass(frozen=True)
class Alert:
    """One thing to be told; the same `key` is the same thing."""

    key: str
    kind: str
    """late, refused, failed, action or health."""
    text: str
    raised_at: str = ""
    is_sent: bool = False


def alerts_file(settings: Settings) -> Path:
    return settings.home / "serving" / "alerts.json"


def read_alerts(settings: Settings) -> list[Alert]:
    """What was raised in the last ninety days, oldest first."""
    try:
        return [Alert(**fields) for fields in json.loads(alerts_file(settings).read_text())]
    except FileNotFoundError:
        return []


def raise_alerts(
    settings: Settings, alerts: Iterable[Alert], environment: Mapping[str, str] = os.environ
) -> int:
    """Keep those that are new, and send all that were not; how many were new."""
    file = alerts_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now(UTC)
    with filelock.FileLock(file.with_suffix(".lock"), timeout=LOCK_SECONDS):
        oldest = (now - KEPT).isoformat()
        known = [alert for alert in read_alerts(settings) if alert.raised_at >= oldest]
        keys = {alert.key for alert in known}
        stamp = now.isoformat(timespec="seconds")
        new = {a.key: replace(a, raised_at=stamp) for a in alerts if a.key not in keys}
        known += new.values()
        write(file, known)  # kept before it is sent: a process that dies here sends it later
        unsent = [alert for alert in known if not alert.is_sent]
        if unsent and send(unsent, environment.get("IMPACT_ALERTS", "")):
            write(file, [replace(alert, is_sent=True) for alert in known])
    return len(new)


def write(file: Path, alerts: list[Alert]) -> None:
    unfinished = file.with_name(file.name + ".part")
    unfinished.write_text(json.dumps([asdict(a) for a in alerts], ensure_ascii=False, indent=1))
    unfinished.chmod(0o600)
    os.replace(unfinished, file)


def send(alerts: list[Alert], addresses: str) -> bool:
    """One message for all; False when it was not taken everywhere."""
    if not addresses.split():
        return False
    import apprise

    messenger = apprise.Apprise()
    for address in addresses.split():
        messenger.add(address)
    body = "\n".join(f"- {alert.text}" for alert in alerts)
    title = _("tiers-lieux: {count} to look at").format(count=len(alerts))
    is_sent = bool(messenger.notify(body=body, title=title))
    if not is_sent:
        logger.error(_("an alert could not be sent: see IMPACT_ALERTS; it is sent with the next"))
    return is_sent
