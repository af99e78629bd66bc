"""Who starts a run may run programs: nobody does without the password, and no page of elsewhere."""

from __future__ import annotations

import stat

import httpx
import pytest

from flows.serving.open_servers import open_servers
from flows.serving.password import password_file
from tests.served.service import PLAIN, Served

ELSEWHERE = "https://page.example"


def test_who_has_no_password_starts_no_run(served: Served) -> None:
    path, known = f"{served.api}{served.path('sweep')}", len(served.runs("sweep"))
    start = {"state": {"type": "SCHEDULED"}}
    for password in (None, ("impact", "another"), (served.password[0], "")):
        for url, body in ((f"{path}/create_flow_run", start), (f"{served.api}/events", [])):
            assert httpx.post(url, json=body, auth=password, verify=PLAIN).status_code == 401
        assert httpx.delete(path, auth=password, verify=PLAIN).status_code == 401
    assert len(served.runs("sweep")) == known


def test_no_event_is_heard_and_none_is_told_without_the_password(served: Served) -> None:
    """The server's sockets are asked for it in their first message."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    for way in ("events/in", "events/out", "logs/out", "task_runs/subscriptions/scheduled"):
        address = f"{served.api.replace('http', 'ws')}/{way}"
        with connect(address, subprotocols=["prefect"]) as caller:  # type: ignore[list-item]
            caller.send('{"type": "auth", "token": "another"}')
            with pytest.raises(ConnectionClosed):
                caller.recv(timeout=30)


def test_a_page_of_elsewhere_may_read_nothing_and_its_name_leads_nowhere(served: Served) -> None:
    for path in ("/health", "/deployments/filter"):
        answer = httpx.options(
            f"{served.api}{path}", verify=PLAIN,
            headers={"Origin": ELSEWHERE, "Access-Control-Request-Method": "POST",
                     "Access-Control-Request-Headers": "authorization"},
        )  # fmt: skip
        assert "access-control-allow-origin" not in answer.headers
    answer = httpx.get(f"{served.api}/health", headers={"Origin": ELSEWHERE}, verify=PLAIN)
    assert "access-control-allow-origin" not in answer.headers
    own = {"Origin": f"http://localhost:{served.ui_port}"}
    answer = httpx.get(f"{served.api}/health", headers=own, verify=PLAIN)
    assert answer.headers["access-control-allow-origin"] == own["Origin"]
    for host, status in (("page.example", 400), (f"localhost:{served.ui_port}", 200)):
        for path in ("/api/health", "/", "/ui-settings"):
            url = served.api.removesuffix("/api") + path
            assert httpx.get(url, headers={"Host": host}, verify=PLAIN).status_code == status


def test_the_password_is_in_its_file_alone(served: Served) -> None:
    file, word = password_file(served.settings), served.password[1]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(word) >= 32
    assert str(file) in served.said()
    kept = [served.folder / "said.txt", *served.settings.home.rglob("*")]
    assert not [path for path in kept if path.is_file() and word.encode() in path.read_bytes()]
    assert not [part for part in served.descendants() if word in " ".join(part.cmdline())]


def test_no_server_of_ours_is_open(served: Served) -> None:
    assert open_servers(served.settings, {"PREFECT_API_URL": served.api}) == []
