"""What was kept for as long as the network says, and goes now."""

from datetime import datetime, timedelta

from flows.intake.landing import clear
from flows.intake.ledger import settled_batches
from flows.intake.rejects import drop_old
from flows.settings import Settings
from flows.warehouse.database import open_warehouse, transaction
from flows.warehouse.rewrite import rewrite


def let_go(settings: Settings, now: datetime) -> tuple[int, int]:
    """Received files and refused rows that are too old; how many of each went, with their bytes.

    The caller is the only writer.
    """
    if not settings.warehouse.exists():
        return 0, 0
    with open_warehouse(settings) as warehouse:
        settled = settled_batches(warehouse)
        with transaction(warehouse):
            lines = drop_old(warehouse, now - timedelta(days=settings.retention.refused_days))
    files = clear(settings.landing, settled, now, settings.retention)
    if lines:
        rewrite(settings)
    return files, lines
