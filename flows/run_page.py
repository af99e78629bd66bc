"""What a run shows on its page in Prefect: what came, what was refused and why, what moved."""

from flows.nightly import RunReport


def show_report(report: RunReport) -> None:
    pass
