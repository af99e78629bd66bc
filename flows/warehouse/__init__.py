"""The private database: facts, ledger, quarantine and exact figures. One writer at a time."""
