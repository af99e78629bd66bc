"""What a killed process leaves on the disk, of which nothing is needed any more."""

import shutil

from flows.serving.addresses import folder
from flows.serving.processes import runs_alive
from flows.settings import Settings

REHEARSALS = "rehearsal"


def clear_rehearsals(settings: Settings) -> None:
    """Remove the copies of dry runs that have no process: each is as large as the warehouse.

    They are linked to received files too, which an erasure removes in landing alone.
    """
    # listed before the processes are: a copy that is made meanwhile is not looked at
    copies = list((folder(settings) / REHEARSALS).glob("*"))
    alive = runs_alive() if copies else set()
    for copy in copies:
        if copy.name not in alive:
            shutil.rmtree(copy, ignore_errors=True)
