"""Starting the service: what is refused before anything starts, and what a command finds of it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi import Body, FastAPI

from flows.cli import impact, main
from flows.errors import ConfigurationError
from flows.operation.alerts import Alert, raise_alerts
from flows.operation.doctor import examine
from flows.operation.installation import look
from flows.serving.addresses import (
    Addresses,
    Running,
    folder,
    note_of,
    own_names,
    own_origins,
    read_addresses,
    running,
    write_note,
)
from flows.serving.leftovers import clear_rehearsals
from flows.serving.logs import KEPT_LOG_BYTES, shorten
from flows.serving.open_servers import open_servers
from flows.serving.password import ASKED, GIVEN, kept_password, known_password, password_file
from flows.serving.prefect_home import use_running_server
from flows.serving.processes import RUN, STOP_SECONDS
from flows.serving.resume import clear_up
from flows.serving.supervisor import Service, alone
from flows.settings import PROJECT
from tests.fakes.server import Faulty, serving


@pytest.fixture
def network(settings, monkeypatch):
    settings.places.mkdir()
    text = 'id = "le-lieu"\nname = "Le Lieu"\ncommune_code = "80021"\n'
    (settings.places / "le-lieu.toml").write_text(text)
    for name, path in (
        ("HOME", settings.home),
        ("PLACES", settings.places),
        ("KEYS", settings.keys),
    ):
        monkeypatch.setenv(f"IMPACT_{name}", str(path))
    return settings


@pytest.mark.parametrize("text", ["0", "65536", "quatre", "-1"])
def test_a_port_that_is_none_is_refused(network, monkeypatch, capsys, text: str) -> None:
    monkeypatch.setenv("IMPACT_UI_PORT", text)
    assert main(["serve"]) == 2
    assert "IMPACT_UI_PORT" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named_with_the_setting(network, monkeypatch, capsys) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("IMPACT_DOOR_PORT", str(port))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            monkeypatch.setenv("IMPACT_UI_PORT", str(probe.getsockname()[1]))
        assert main(["serve"]) == 2
    said = capsys.readouterr().err
    assert str(port) in said
    assert "IMPACT_DOOR_PORT" in said


def test_a_slip_in_a_place_is_told_before_anything_starts(network, capsys) -> None:
    (network.places / "le-lieu.toml").write_text('id = "le-lieu"\nnom = "Le Lieu"\n')
    assert main(["serve"]) == 2
    assert "le-lieu.toml" in capsys.readouterr().err
    assert not folder(network).exists()


def test_a_note_of_a_process_that_is_gone_is_no_service(network) -> None:
    folder(network).mkdir(parents=True)
    note = {"process": 2**22 + 1, "since": "", "addresses": {"ui_port": 1, "door_port": 2}}
    note_of(network).write_text(json.dumps(note))
    assert running(network) is None
    note_of(network).write_text(json.dumps({**note, "process": os.getpid()}))
    there = running(network)
    assert there is not None
    assert there.addresses == Addresses(1, 2)


def test_a_dry_run_without_a_process_leaves_no_copy_and_one_that_goes_on_keeps_its_own(
    network,
) -> None:
    copies = folder(network) / "rehearsal"
    for name in ("ended", "going-on"):
        (copies / name).mkdir(parents=True)
        (copies / name / "warehouse.duckdb").write_bytes(b"records")
    run = subprocess.Popen(["sleep", "60"], env={**os.environ, RUN: "going-on"})
    try:
        clear_rehearsals(network)
        assert [copy.name for copy in copies.iterdir()] == ["going-on"]
        assert [*copies.rglob("*.duckdb")]
    finally:
        run.kill()
        run.wait()
    clear_rehearsals(network)
    assert not list(copies.iterdir())


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_server_that_is_busy_when_it_starts_is_cleared_up_all_the_same(after: int) -> None:
    """With its database locked it answers 503, and means that it may be asked again."""
    app, going_on = FastAPI(), {"a-run": "RUNNING"}

    @app.post("/flow_runs/filter")
    def runs(flow_runs: dict = Body(), offset: int = Body()) -> list[dict]:  # noqa: B008
        wanted, began = flow_runs["state"]["type"]["any_"], "2025-01-01T03:30:00Z"
        found = [run for run, state in going_on.items() if state in wanted]
        return [{"id": run, "state": {"timestamp": began}} for run in found[offset:]]

    @app.post("/flow_runs/{run}/set_state")
    def set_state(run: str, state: dict = Body(embed=True)) -> None:  # noqa: B008
        going_on[run] = state["type"]

    @app.post("/v2/concurrency_limits/filter")
    def limits() -> list[dict]:
        return []

    behind = Faulty(app)
    behind.faults.after, behind.faults.waiting = after, ["busy", "busy"]
    with serving(behind) as address:
        clear_up(address, None)
    assert going_on == {"a-run": "CRASHED"}
    assert behind.faults.waiting == []


def test_each_home_has_a_password_of_its_own_that_stays(network, monkeypatch) -> None:
    monkeypatch.delenv(ASKED, raising=False)
    first = kept_password(network)
    assert kept_password(network) == known_password(network) == first
    password_file(network).unlink()
    assert kept_password(network) != first
    kept_password(network, {ASKED: "admin:by-somebody"})
    assert known_password(network) == "admin:by-somebody"  # what a command at a terminal gives
    assert password_file(network).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "a-word\n", ":word", "admin:", "admin:two\nlines"])
def test_what_is_no_password_is_refused_and_not_repeated(network, text: str) -> None:
    network.keys.mkdir(parents=True)
    password_file(network).write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        kept_password(network, {})
    assert str(password_file(network)) in str(refused.value)
    if text:
        with pytest.raises(ConfigurationError, match=ASKED) as refused:
            kept_password(network, {ASKED: text})
        assert text.strip() not in str(refused.value)


def test_a_server_that_tells_anybody_is_open_and_another_program_is_none(network) -> None:
    prefect, page = FastAPI(), FastAPI()

    @prefect.get("/api/admin/version")
    def version() -> str:
        return "3.8.8"

    @page.get("/{path:path}")
    def anything(path: str) -> dict[str, str]:
        return {"this is": path}

    with serving(prefect) as ours, serving(page) as other:
        for address, found in ((ours, [f"{ours}/api"]), (other, [])):
            said = {"PREFECT_API_URL": f"{address}/api", "IMPACT_UI_PORT": "1"}
            assert open_servers(network, said) == found
    seen = examine(look(network, datetime.now(UTC), ["http://127.0.0.1:4200/api"]))
    [finding] = [finding for finding in seen if finding.check == "password"]
    assert finding.state == "attention"
    assert "impact serve" in finding.remedy


def test_a_service_that_asks_for_no_password_is_used_and_named(
    network, monkeypatch, caplog
) -> None:
    """It was started by an older version."""
    for name in ("PREFECT_API_URL", ASKED, GIVEN):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    folder(network).mkdir(parents=True)
    addresses = {"ui_port": 1, "door_port": 2}
    note = {"process": os.getpid(), "since": "", "addresses": addresses}
    note_of(network).write_text(json.dumps(note))
    use_running_server(network)
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
    assert "impact serve" in caplog.text
    assert GIVEN not in os.environ


def test_a_command_signs_in_at_the_service_that_is_running(network, monkeypatch) -> None:
    for name in ("PREFECT_API_URL", ASKED, GIVEN):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    password = kept_password(network, {})
    folder(network).mkdir(parents=True)
    write_note(network, Running(os.getpid(), "", Addresses(1, 2), is_closed=True))
    use_running_server(network)
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
    assert os.environ[GIVEN] == password


def test_the_server_of_a_command_of_its_own_is_closed_too(network, monkeypatch) -> None:
    for name in ("PREFECT_API_URL", ASKED, GIVEN, "PREFECT_SERVER_CORS_ALLOWED_ORIGINS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    use_running_server(network)
    assert len(os.environ[ASKED]) >= 32
    assert os.environ[GIVEN] == os.environ[ASKED]
    assert "*" not in os.environ["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"]
    assert not password_file(network).exists()


def test_its_names_are_those_of_this_machine_and_of_its_proxy() -> None:
    proxy = {"PREFECT_UI_API_URL": "https://runs.reseau.example/api"}
    assert own_names({}) == ["127.0.0.1", "localhost"]
    assert own_names(proxy) == ["127.0.0.1", "localhost", "runs.reseau.example"]
    assert own_origins(Addresses(5000), proxy) == [
        "http://127.0.0.1:5000", "http://localhost:5000", "https://runs.reseau.example",
    ]  # fmt: skip


def test_a_first_start_makes_a_home_for_its_owner_alone(network) -> None:
    before = os.umask(0o022)
    try:
        with alone(network):
            pass
    finally:
        os.umask(before)
    for made in (network.home, folder(network)):
        assert made.stat().st_mode & 0o077 == 0


def test_a_log_that_grows_is_cut_while_its_process_writes_on(tmp_path) -> None:
    log = tmp_path / "door.log"
    with log.open("ab", buffering=0) as stream:  # as a process has it
        stream.write(bytes(KEPT_LOG_BYTES + 1))
        shorten(log, datetime.now(UTC))
        stream.write(b"the next line")
        assert log.read_bytes() == b"the next line"
    kept = tmp_path / "door.log.old"
    assert kept.stat().st_size == KEPT_LOG_BYTES + 1
    shorten(log, datetime.now(UTC))
    assert log.read_bytes() == b"the next line"


def test_ports_have_defaults() -> None:
    assert read_addresses({}) == Addresses(4200, 4280)
    assert read_addresses({"IMPACT_UI_PORT": "5000"}).api == "http://127.0.0.1:5000/api"


def test_a_token_is_the_same_until_it_is_renewed(network, capsys) -> None:
    assert main(["token", "le-lieu"]) == 0
    first = capsys.readouterr().out.split()[0]
    main(["token", "le-lieu"])
    assert capsys.readouterr().out.split()[0] == first
    main(["token", "le-lieu", "--renew"])
    assert capsys.readouterr().out.split()[0] != first
    assert main(["token", "ailleurs"]) == 2
    assert (network.keys / "le-lieu.door").stat().st_mode & 0o077 == 0


def test_alerts_are_listed_the_latest_first(network, capsys) -> None:
    assert main(["alerts"]) == 0
    assert "No alert" in capsys.readouterr().out
    raise_alerts(network, [Alert("a", "late", "one is late")])
    raise_alerts(network, [Alert("b", "failed", "a run failed")])
    assert main(["alerts", "--json"]) == 0
    texts = [alert["text"] for alert in json.loads(capsys.readouterr().out)]
    assert texts == ["a run failed", "one is late"]


def test_seven_commands_lead_from_nothing_to_a_figure_and_each_exists() -> None:
    pages = [PROJECT / "docs" / name for name in ("operations.md", "deployment.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    first = text[text.index("```console") : text.index("```", text.index("```console") + 3)]
    assert first.count("\n$ ") == 7
    lines = re.findall(r"(?:^\$ |&& |-- |^|`|\()impact ([a-z-]+)([^`\n&|)]*)", text, re.MULTILINE)
    assert {"init", "new-place", "serve", "token", "alerts"} <= {name for name, _ in lines}
    for name, rest in lines:
        options = {option for p in impact.commands[name].params for option in p.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options


def block(language: str) -> str:
    """The one example in that language in the documentation."""
    text = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    [found] = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return str(found)


def test_the_proxy_of_the_documentation_speaks_tls_alone() -> None:
    proxy = block("nginx")
    servers = proxy.split("server {")[1:]
    assert len(servers) == 2
    for server in servers:
        listens = re.findall(r"listen ([^;]+);", server)
        assert listens
        assert all(listen.endswith("443 ssl") for listen in listens)
    assert {"ssl_certificate", "ssl_certificate_key"} <= {*proxy.split()}


def test_the_unit_of_the_documentation_leaves_the_end_to_the_service(network) -> None:
    unit = dict(re.findall(r"^(\w+)=(.*)$", block("ini"), re.MULTILINE))
    assert unit["KillMode"] == "mixed"  # systemd would end all processes at once
    steps = len(Service(network, Addresses()).parts) + 1
    assert int(unit["TimeoutStopSec"]) > steps * STOP_SECONDS


def test_the_backup_of_the_documentation_keeps_seven_days_and_four_sundays(tmp_path) -> None:
    script = block("bash").replace("/srv/impact", str(tmp_path))
    script = script.replace("/var/backups/impact", str(tmp_path / "kept"))
    (tmp_path / "mon-reseau").mkdir()
    (tmp_path / "kept").mkdir()
    today = date.today()
    days = [today - timedelta(days=number) for number in range(60)]
    for day in days[1:]:
        (tmp_path / "kept" / f"{day}T0530.tar").touch()
    command = tmp_path / "impact"
    command.write_text('#!/bin/sh\n[ "$1" != backup ] || touch "$2"\n')
    command.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(["bash", "-c", script], env={**os.environ, "PATH": path}, check=True)
    kept = {file.name[:10] for file in (tmp_path / "kept").iterdir()}
    sundays = [day for day in days[8:29] if day.isoweekday() == 7]
    assert kept == {str(day) for day in [*days[:8], *sundays]}
