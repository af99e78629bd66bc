"""Is this installation well? Looks at it once, then judges what was seen; changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.language import _, ngettext
from flows.operation.installation import Installation
from flows.publication.release import id_of
from flows.settings import TIME_ZONE
from flows.warehouse.tables import WAREHOUSE_VERSION

LEAST_FREE_BYTES = 1_000_000_000
WAREHOUSES_THAT_FIT = 3
"""An upgrade needs room for a copy and for what it writes; a backup for one more copy."""
LAST_RUN_WITHIN = timedelta(days=2)
WAITS_AT_MOST = timedelta(days=1)


@dataclass(frozen=True)
class Finding:
    """One check: what was found, and what to do when it needs attention."""

    check: str
    state: str
    found: str
    remedy: str


def finding(check: str, is_ok: bool, found: str, remedy: str) -> Finding:
    return Finding(check, "ok" if is_ok else "attention", found, "" if is_ok else remedy)


def named(paths: list[Path]) -> str:
    return " ".join(str(path) for path in paths)


def disk(seen: Installation) -> Finding:
    needed = max(LEAST_FREE_BYTES, WAREHOUSES_THAT_FIT * seen.warehouse_bytes)
    found = _("{free:.1f} GB free, {wanted:.1f} GB wanted").format(
        free=seen.free_bytes / 1e9, wanted=needed / 1e9
    )
    remedy = _("make room on the disk of the home")
    return finding(_("disk"), seen.free_bytes >= needed, found, remedy)


def rights(seen: Installation) -> Finding:
    if seen.refused and seen.refused.scarce == "rights":
        return finding(_("rights"), False, seen.refused.what, seen.refused.remedy)
    found = _("private")
    if seen.open_to_others:
        found = _("others may read: {paths}").format(paths=named(seen.open_to_others))
    remedy = f"chmod go-rwx {named(seen.open_to_others)}"
    return finding(_("rights"), not seen.open_to_others, found, remedy)


def warehouse(seen: Installation) -> Finding:
    if seen.ledger is None:
        assert seen.fault is not None
        return finding(_("warehouse"), False, seen.fault.what, seen.fault.remedy)
    layout = seen.ledger.warehouse_version
    is_older = layout < WAREHOUSE_VERSION
    remedy = (
        _("run `impact run`, which upgrades it") if is_older else _("install the newer version")
    )
    if layout == WAREHOUSE_VERSION:
        found = _("schema version {version}").format(version=layout)
    else:
        found = _("schema version {version}, and this program writes {known}").format(
            version=layout, known=WAREHOUSE_VERSION
        )
    return finding(_("warehouse"), layout == WAREHOUSE_VERSION, found, remedy)


def keys(seen: Installation) -> Finding:
    faults = seen.ledger.key_faults if seen.ledger else []
    return finding(
        _("keys"), not faults, "; ".join(faults) or _("those that made the pseudonyms"),
        _("put back the keys of your backup"),
    )  # fmt: skip


def secret(seen: Installation) -> Finding:
    return finding(
        _("secret"), not seen.secret_fault, seen.secret_fault or _("the one that rounds releases"),
        _("put it back from the backup of the keys"),
    )  # fmt: skip


def clock(seen: Installation) -> Finding:
    received = [batch.received_at for batch, _why in seen.waiting]
    if seen.ledger and seen.ledger.last_received_at:
        received.append(seen.ledger.last_received_at)
    last = max(received, default=seen.now)
    here = seen.now.astimezone(ZoneInfo(TIME_ZONE))
    found = f"{here:%Y-%m-%d %H:%M}"
    if last > seen.now:
        found = _("{now}, and files came {last:%Y-%m-%d}").format(now=found, last=last)
    remedy = _("set the clock of this machine; when it is right, run `impact redate`")
    return finding(_("clock"), last <= seen.now, found, remedy)


def deliveries(seen: Installation) -> Finding:
    """Those that a run could not settle, and those for which none came."""
    nobody = _("no run has taken it up")
    stuck = [
        f"{batch.batch_id}: {why or nobody}"
        for batch, why in seen.waiting
        if why or seen.now - batch.received_at > WAITS_AT_MOST
    ]
    count = len(seen.waiting)
    waits = ngettext("{count} waits", "{count} wait", count).format(count=count)
    remedy = _("run `impact run`; give one up with impact refuse BATCH --reason TEXT")
    return finding(_("deliveries"), not stuck, "; ".join(stuck) or waits, remedy)


def soundness(seen: Installation) -> Finding:
    assert seen.damage is not None
    is_damaged = _("{file} is damaged")
    parts, remedies = [], []
    if fault := seen.damage.warehouse:
        parts.append(fault.what)
        remedies.append(fault.remedy)
    if release := seen.damage.release:
        parts.append(is_damaged.format(file=f"published/{id_of(release)}"))
        remedies.append(_("run `impact run`, which puts another in its place"))
    if batches := seen.damage.landed:
        parts += [is_damaged.format(file=f"landing/{batch.batch_id}") for batch in batches]
        remedies.append(_("have these deliveries sent again"))
    found = "; ".join(parts) or _("all that was read is what was written")
    return finding(_("content"), not parts, found, "; ".join(remedies))


def last_run(seen: Installation) -> Finding:
    last = seen.ledger.last_published_at if seen.ledger else None
    is_ok = last is not None and seen.now - last <= LAST_RUN_WITHIN
    found = f"{last:%Y-%m-%d %H:%M}" if last else _("none was published yet")
    return finding(_("last run"), is_ok, found, _("run `impact run`, and see why it was not run"))


def versions(seen: Installation) -> Finding:
    found = "; ".join(seen.other_versions) or _("those of requirements.lock")
    remedy = _("remove .venv and run `make run`, which installs them")
    return finding(_("libraries"), not seen.other_versions, found, remedy)


def lock(seen: Installation) -> Finding:
    process = seen.stopped_process
    found = _("free or in use")
    if process is not None:
        found = _("process {process} ended while it wrote").format(process=process)
    remedy = _("run `impact run`: it takes up what was left")
    return finding(_("lock"), process is None, found, remedy)


def unfinished(seen: Installation) -> Finding:
    found = named(seen.unfinished) or _("none")
    remedy = _("when nothing is running, remove these files")
    return finding(_("unfinished files"), not seen.unfinished, found, remedy)


def time_zone(seen: Installation) -> Finding:
    remedy = _("install the time zones of the system (package tzdata)")
    return finding(_("time zone"), seen.has_time_zone, TIME_ZONE, remedy)


def password(seen: Installation) -> Finding:
    found = _("no server of runs does without")
    if seen.open_servers:
        found = _("{addresses}: whoever reaches this server starts runs without one").format(
            addresses=" ".join(seen.open_servers)
        )
    remedy = _(
        "stop it, and start `impact serve` again; if it is another Prefect server, set "
        "PREFECT_SERVER_API_AUTH_STRING there"
    )
    return finding(_("password"), not seen.open_servers, found, remedy)


def retention(seen: Installation) -> Finding:
    """What the network decided is no fault; what it costs is said."""
    found = _("records are kept without end")
    if seen.kept_months:
        found = _("records are kept for {months} months").format(months=seen.kept_months)
    if seen.beyond:
        found += _("; never computed: {figures}").format(figures=", ".join(seen.beyond))
    return finding(_("retention"), True, found, "")


CHECKS: list[Callable[[Installation], Finding]] = [
    disk, rights, warehouse, keys, secret, last_run, clock, deliveries, soundness, lock, unfinished,
    versions, time_zone,
    password, retention,
]  # fmt: skip


def examine(seen: Installation) -> list[Finding]:
    """One finding a check; without a readable warehouse, none of what only it knows."""
    unknown = [] if seen.ledger else [keys, last_run, clock]
    unknown += [] if seen.damage else [soundness]
    return [check(seen) for check in CHECKS if check not in unknown]
