"""What one source of one place brought in a run."""

from dataclasses import dataclass, field
from datetime import date

from flows.intake import ledger


@dataclass
class SourceReport:
    """What one source of one place brought in this run."""

    place_id: str
    feed: str
    source_id: str
    batches: int = 0
    received: int = 0
    loaded: int = 0
    unchanged: int = 0
    superseded: int = 0
    duplicates: int = 0
    quarantined: int = 0
    tombstoned: int = 0
    ignored: int = 0
    not_records: int = 0
    not_asked: int = 0
    removed: int = 0
    shared_addresses: int = 0
    closed_rejects: int = 0
    outside: int = 0
    on_closures: set[date] = field(default_factory=set)
    doubts: dict[tuple[str, str], int] = field(default_factory=dict)
    """Header and rule → cells that were left out of rows that went on."""
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    exceeds_tolerance: bool = False

    def add(self, attempt: ledger.Attempt) -> None:
        self.batches += 1
        self.received += attempt.rows_in
        self.on_closures |= {*attempt.on_closures}
        for (header, _field, rule, *_sentences), cells in attempt.doubts.items():
            self.doubts[header, rule] = self.doubts.get((header, rule), 0) + cells
        for name in (
            "loaded", "unchanged", "superseded", "duplicates", "quarantined", "removed",
            "shared_addresses", "closed_rejects", "outside", "ignored", "not_records", "not_asked",
            "tombstoned",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(attempt, name))
