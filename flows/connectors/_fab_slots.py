"""The slots of a Fab-manager reservation as rows: when they were, and of whom."""

from datetime import datetime, timedelta
from typing import Any

from flows.connectors._json import OtherForm, Row

LONGEST_STAY = timedelta(hours=24)


def has_begun(record: Any, asked_at: float) -> bool:
    """What is still to come has no places that were taken."""
    try:
        begins = [span(slot)[0] for slot in record["reserved_slots"]]
        return any(seconds(at) <= asked_at for at in begins)
    except (KeyError, TypeError, ValueError):  # it is refused when it is read
        return False


def seconds(at: datetime) -> float:
    """Since 1970: instants of two zones compare in ten times the time. Refuses one of no zone."""
    if at.tzinfo is None:
        raise OtherForm("start_at: no offset")
    return at.timestamp()


def reservation_rows(record: Any, asked_at: float) -> list[Row | None]:
    """Rows of a reservation: hours that follow each other are one, and so are cancelled ones."""
    slots = record["reserved_slots"]
    if len(slots) == 1:
        return [slot_row(record, slots[0], slots[0], asked_at)]
    rows: list[Row | None] = []
    latest: dict[bool, tuple[int, Any, datetime]] = {}
    for slot in sorted(slots, key=lambda slot: (span(slot), slot["availability_id"])):
        begins, ends = span(slot)
        is_cancelled = bool(slot["canceled_at"])
        at, first, until = latest.get(is_cancelled, (0, slot, begins))
        if is_cancelled in latest and begins == until and seconds(begins) <= asked_at:
            rows[at] = slot_row(record, first, slot, asked_at)
        else:
            at, first = len(rows), slot
            rows.append(slot_row(record, slot, slot, asked_at))
        latest[is_cancelled] = at, first, ends
    return rows


def span(slot: Any) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(slot["start_at"]), datetime.fromisoformat(slot["end_at"])


def slot_row(record: Any, slot: Any, last: Any, asked_at: float) -> Row | None:
    """From the beginning of a slot, by which it is known, to the end of the last; None before.

    An end after more than a day is no departure.
    """
    begins, ends = datetime.fromisoformat(slot["start_at"]), datetime.fromisoformat(last["end_at"])
    begun_at = seconds(begins)
    if begun_at > asked_at:
        return None
    user = record.get("user") or {}
    email = user.get("email")
    kind, availability = record["reservable_type"], slot["availability_id"]
    length = ends - begins
    is_stay = length <= LONGEST_STAY
    minutes = (length.days * 86_400 + length.seconds + 30) // 60 if is_stay else None
    return {
        "id": f"{record['id']}-{availability}-{round(begun_at)}",
        "start_at": slot["start_at"],
        "end_at": last["end_at"] if is_stay else None,
        "minutes": minutes,
        "hours": None if minutes is None else round(minutes / 60, 2),
        "heads": "1",
        "reservable_type": kind,
        "reservable": (record.get("reservable") or {}).get("slug"),
        "activity": f"{kind}-{availability}" if kind in ("Training", "Event") else None,
        "state": "canceled" if slot["canceled_at"] else "reserved",
        "canceled": "oui" if slot["canceled_at"] else "non",
        # without an account the API says "man" of everybody
        "gender": user.get("gender") if email else None,
        "email": email,
        "user_id": user.get("id") or record.get("user_id"),
    }
