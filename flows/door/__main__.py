"""The door as `impact serve` starts it: `python -m flows.door`."""

import logging

import uvicorn

from flows.door.connections import BACKLOG, Connection, most_connections, raise_limit
from flows.serving.addresses import HOST, read_addresses

STOP_SECONDS = 10
"""For what is being answered, before the connections are closed."""


def main() -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("impact").setLevel(logging.INFO)
    raise_limit()
    Connection.most = most_connections()
    uvicorn.run(
        "flows.door.app:make_app", factory=True, host=HOST, port=read_addresses().door_port,
        http=Connection, ws="none", backlog=BACKLOG, server_header=False,
        access_log=False, log_config=None, timeout_graceful_shutdown=STOP_SECONDS,
    )  # fmt: skip


if __name__ == "__main__":
    main()
