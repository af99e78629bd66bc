"""The weekly letter to a place: what came, what was refused, what to correct; its workbook with it.

`IMPACT_SMTP` says through which server it goes, such as smtps://user:password@mail.example:465, and
`IMPACT_MAIL_FROM` from whom. Without them no letter is sent.
"""

import os
import smtplib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import filelock
import polars as pl

from flows.errors import ConfigurationError
from flows.language import _, ngettext
from flows.operation.correction_workbook import correction_workbook
from flows.operation.lateness import Late
from flows.places import Place
from flows.publication.fiche_files import write_fiche
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.queries import WHOLE_FILE, deliveries_since, rows_and_files_to_correct

MAIL_SECONDS = 30
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@dataclass(frozen=True)
class Post:
    """The mail server, and the sender."""

    address: str
    sender: str


def read_post(environment: Mapping[str, str] = os.environ) -> Post | None:
    """Where letters go, when that is said; raises ConfigurationError for half of it."""
    address, sender = environment.get("IMPACT_SMTP", ""), environment.get("IMPACT_MAIL_FROM", "")
    if not address and not sender:
        return None
    if urlsplit(address).scheme not in ("smtp", "smtps") or "@" not in sender:
        raise ConfigurationError(
            _("the mail server is not said whole"),
            where="IMPACT_SMTP, IMPACT_MAIL_FROM",
            remedy=_("write smtps://user:password@mail.example:465 and data@mail.example"),
        )
    return Post(address, sender)


@contextmanager
def connected(post: Post) -> Iterator[smtplib.SMTP]:
    """A session with the mail server, encrypted where it can be, and with its password."""
    parts = urlsplit(post.address)
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        session: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=MAIL_SECONDS)
    else:
        session = smtplib.SMTP(host, parts.port or 25, timeout=MAIL_SECONDS)
    with session:
        if parts.scheme == "smtp" and session.has_extn("starttls"):
            session.starttls()
        if parts.username:
            session.login(unquote(parts.username), unquote(parts.password or ""))
        yield session


def letter(
    place: Place,
    deliveries: pl.DataFrame,
    rejects: pl.DataFrame,
    late: list[Late],
    sender: str,
    landing: Path,
    fiche: Path | None = None,
) -> EmailMessage:
    """The letter of one place; counts and days, no person, and where its exact figures lie."""
    message = EmailMessage()
    message["From"], message["To"] = sender, place.contact.email
    message["Subject"] = _("{place}: your data of the week").format(place=place.name)
    lines = [_("Hello,"), "", _("What your place sent this week:")]
    for row in deliveries.iter_rows(named=True):
        lines.append(
            _("- {source}: {batches} deliveries, {rows_in} rows, {loaded} counted, "
              "{quarantined} refused").format(**row)
        )  # fmt: skip
    if deliveries.is_empty():
        lines.append(_("- nothing came"))
    lines += [f"- {one.why}" for one in late]
    files = len(rejects.filter(rule=WHOLE_FILE))
    count = rejects.n_unique(["file_name", "sheet", "row_number"]) - files if len(rejects) else 0
    if files:
        text = ngettext(
            "{count} file was refused whole: the workbook says which and why.",
            "{count} files were refused whole: the workbook says which and why.",
            files,
        )
        lines += ["", text.format(count=files)]
    if count:
        text = ngettext(
            "{count} row is to be corrected: the workbook says where and how.",
            "{count} rows are to be corrected: the workbook says where and how.",
            count,
        )
        lines += ["", text.format(count=count)]
    if rejects.is_empty():
        lines += ["", _("Nothing is to be corrected. Thank you.")]
    if fiche:
        text = _(
            "The exact figures of your place, for you alone, are where your data are kept: ask who "
            "runs the network for {file}."
        )
        lines += ["", text.format(file=fiche)]
    message.set_content("\n".join([*lines, ""]))
    if len(rejects):
        message.add_attachment(
            correction_workbook(rejects, place.name, landing),
            maintype=XLSX[0], subtype=XLSX[1],
            filename=_("to-correct-{id}.xlsx").format(id=place.id),
        )  # fmt: skip
    return message


def letters(
    places: list[Place], settings: Settings, late: list[Late], now: datetime, sender: str
) -> dict[str, EmailMessage]:
    """By its id, the letter of each place that has an address and anything to hear of."""
    since = now - timedelta(days=7)
    # asked for all at once: to ask for a place that no run has seen yet is an error
    to_correct = rows_and_files_to_correct(settings, None)
    written = {}
    for place in places:
        if not place.contact.email or place.opened_on is None:
            continue
        deliveries = deliveries_since(settings, place.id, since)
        rejects = to_correct.filter(place_id=place.id)
        of_place = [one for one in late if one.place_id == place.id]
        if len(deliveries) or len(rejects) or of_place:
            written[place.id] = letter(
                place, deliveries, rejects, of_place, sender, settings.landing,
                fiche_of(settings, place),
            )  # fmt: skip
    return written


def fiche_of(settings: Settings, place: Place) -> Path | None:
    """The page of its fiche, made anew; none where no run has computed anything of the place."""
    try:
        return write_fiche(settings, place.id)[-1]
    except ConfigurationError:
        return None


def send_letters(
    written: Mapping[str, EmailMessage], post: Post, settings: Settings, now: datetime
) -> tuple[int, list[str]]:
    """Send to each place that had no letter in this week of Paris; how many, and what was refused.

    Each is noted as soon as it is sent. What was refused is tried by the next run of the week.
    """
    folder = settings.home / "serving" / "letters"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    week = folder / f"{now.astimezone(ZoneInfo(TIME_ZONE)):%G-W%V}"
    count, refused = 0, []
    with filelock.FileLock(folder.with_suffix(".lock")):
        for former in {*folder.iterdir()} - {week}:
            former.unlink()
        had_one = week.read_text().split() if week.exists() else []
        due = {place_id: one for place_id, one in written.items() if place_id not in had_one}
        if not due:
            return 0, []
        with connected(post) as session, week.open("a") as notes:
            for place_id, message in due.items():
                try:
                    session.send_message(message)
                except OSError as fault:
                    refused.append(f"{message['Subject']}: {type(fault).__name__}")
                    continue
                print(place_id, file=notes, flush=True)
                count += 1
    return count, refused
