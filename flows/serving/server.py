"""Prefect's server, that answers to its own names alone, and whose garbage is collected beside it.

`python -m flows.serving.server` is `prefect server start`, but for two things. A page of elsewhere
whose host name was made to lead to this machine is refused: Prefect looks at no name. And Python
collects garbage in whichever thread happens to allocate: mostly that of the event loop. When there
is a cursor in it whose connection waits in another thread for SQLite's lock, the loop waits for the
connection, the connection for whoever has the lock, and that one for the loop. Nobody is answered
until SQLite gives up, after a minute. A thread that does nothing but collect can wait.
"""

import gc
import itertools
import threading
import time

from flows.serving.addresses import HOST, own_names, read_addresses

PREFECT = "prefect.server.api.server:create_app"
PAUSE_SECONDS = 1
FULL_EVERY = 60
"""Most garbage is young. What has lived for a while takes a moment to look through."""


def collect_beside() -> None:
    """From now on, one thread collects and no other."""
    gc.disable()
    threading.Thread(target=collect_for_ever, name="garbage", daemon=True).start()


def collect_for_ever() -> None:
    for turn in itertools.count(1):
        time.sleep(PAUSE_SECONDS)
        gc.collect(1 if turn % FULL_EVERY else 2)


def main() -> None:
    import uvicorn
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from uvicorn.importer import import_from_string

    collect_beside()
    prefect = import_from_string(PREFECT)(final=True)
    guarded = TrustedHostMiddleware(prefect, allowed_hosts=own_names())
    uvicorn.run(guarded, host=HOST, port=read_addresses().ui_port, log_level="warning")


if __name__ == "__main__":
    main()
