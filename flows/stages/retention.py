"""What was kept for as long as the network says, and goes now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.intake.landing import clear
from flows.intake.ledger import settled_batches
from flows.intake.old_records import drop_old_records
from flows.intake.rejects import drop_old as drop_old_rejects
from flows.serving.addresses import folder
from flows.serving.logs import drop_old_logs
from flows.settings import Settings
from flows.warehouse.database import open_warehouse, transaction
from flows.warehouse.rewrite import rewrite


@dataclass(frozen=True)
class LetGo:
    """How many received files, lines of refused rows, and records went."""

    files: int = 0
    lines: int = 0
    records: int = 0


def let_go(settings: Settings, now: datetime) -> LetGo:
    """What is too old, with its bytes; the caller is the only writer."""
    kept, records = settings.retention, 0
    drop_old_logs(folder(settings), kept.logs_from(now.date()))
    if not settings.warehouse.exists():
        return LetGo()
    with open_warehouse(settings) as warehouse:
        settled = settled_batches(warehouse)
        with transaction(warehouse):
            lines = drop_old_rejects(warehouse, now - timedelta(days=kept.refused_days))
            if keep_from := kept.records_from(now.date()):
                records = drop_old_records(warehouse, keep_from)
    files = clear(settings.landing, settled, now, kept)
    if lines or records:
        rewrite(settings)
    if records:
        settings.uncounted.touch(mode=0o600)
    return LetGo(files, lines, records)
