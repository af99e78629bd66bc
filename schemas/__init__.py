"""What a record must look like: one file per feed. Imports nothing of ours."""

from schemas.attendance import Attendance
from schemas.employment import Employment
from schemas.record import Record
from schemas.service_usage import ServiceUsage

__all__ = ["CONTRACTS", "Attendance", "Employment", "Record", "ServiceUsage"]

CONTRACTS: dict[str, type[Record]] = {
    "attendance": Attendance,
    "employment": Employment,
    "service_usage": ServiceUsage,
}
