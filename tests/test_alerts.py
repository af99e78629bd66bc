"""Who hears what: the data manager each thing once, each place one letter a week; nobody a name."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise

import httpx
import pytest

from flows.cli import main
from flows.errors import ConfigurationError
from flows.intake import inbox
from flows.operation.alerts import (
    Alert,
    alerts_file,
    raise_alerts,
    read_alerts,
    read_recipients,
    send_alerts,
)
from flows.operation.digest import Post, letters, read_post, send_letters
from flows.operation.lateness import Late
from flows.serving.lost_runs import asking
from flows.serving.watchman import failed_run, look, refused
from flows.settings import Settings
from flows.stages.build import build_warehouse
from tests.conftest import AS_OF
from tests.fakes.mail import Mailbox, mail_server


@pytest.fixture
def mail() -> Iterator[tuple[Mailbox, int]]:
    with mail_server() as server:
        yield server


NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def address(port: int, *names: str) -> dict[str, str]:
    mode = "from=data@reseau.example&mode=insecure"
    given = [f"mailto://127.0.0.1:{port}/?to={n}@reseau.example&{mode}" for n in names]
    return {"IMPACT_ALERTS": " ".join(given)}


def send(settings: Settings, environment: dict[str, str], minutes: float = 0) -> None:
    """What the watch does with what it finds, so long after the first time."""
    send_alerts(settings, read_recipients(environment), NOW + timedelta(minutes=minutes))


LATE = Alert("late|le-lieu|registre|2026-11-01", "late", "le-lieu, registre: 9 days late")
FAILED = Alert("run|1|FAILED", "failed", "the run “night 2026-11-23” ended as Failed")


def test_an_alert_is_sent_once_and_kept_privately(settings, mail) -> None:
    box, port = mail
    assert raise_alerts(settings, [LATE, FAILED]) == 2
    assert raise_alerts(settings, [LATE]) == 0
    for minutes in (0, 0.5, 600):
        send(settings, address(port, "gestion"), minutes)
    [(to, message)] = box.letters
    assert to == ["gestion@reseau.example"]
    body = message.get_body(("plain", "html"))
    assert body is not None
    assert "9 days late" in body.get_content()
    assert [alert.is_sent for alert in read_alerts(settings)] == [True, True]
    assert stat.S_IMODE(alerts_file(settings).stat().st_mode) == 0o600


def test_what_could_not_be_sent_goes_with_the_next(settings, mail) -> None:
    box, port = mail
    raise_alerts(settings, [LATE])
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        send(settings, address(nobody.getsockname()[1], "gestion"))
    assert [alert.is_sent for alert in read_alerts(settings)] == [False]
    raise_alerts(settings, [FAILED])
    send(settings, address(port, "gestion"))
    [(_to, message)] = box.letters
    assert "2 to look at" in message["subject"]


def test_without_an_address_alerts_are_kept(settings) -> None:
    raise_alerts(settings, [LATE])
    send(settings, {})
    assert [(alert.key, alert.is_sent) for alert in read_alerts(settings)] == [(LATE.key, False)]


def test_an_address_that_fails_makes_the_others_hear_nothing_twice(settings, mail) -> None:
    box, port = mail
    box.refused = {"gone@reseau.example"}
    both = address(port, "gone", "gestion")
    raise_alerts(settings, [LATE])
    for times in range(120):
        send(settings, both, minutes=times / 2)
    assert box.taken() == ["gestion@reseau.example"]
    raise_alerts(settings, [FAILED])
    send(settings, both, minutes=61)
    assert box.taken() == ["gestion@reseau.example"] * 2
    box.refused = set()
    for hour in range(1, 9):  # however long the pauses have grown, it hears both within six hours
        send(settings, both, minutes=hour * 60)
    assert box.taken()[2:] == ["gone@reseau.example"]
    assert "2 to look at" in box.letters[2][1]["subject"]
    assert [alert.is_sent for alert in read_alerts(settings)] == [True, True]


def test_an_address_that_fails_is_tried_again_ever_more_rarely(settings, mail) -> None:
    raise_alerts(settings, [LATE])
    nobody = address(mail[1], "gone")
    mail[0].refused = {"gone@reseau.example"}
    tries = []
    note = alerts_file(settings).with_name("alerts-failed.json")
    for minutes in range(3 * 24 * 60):
        before = note.read_text() if note.exists() else ""
        send(settings, nobody, minutes)
        if note.read_text() != before:
            tries.append(minutes)
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (1, 6 * 60)
    assert len(tries) < 24


def test_no_address_is_kept_in_clear(settings, mail) -> None:
    box, port = mail
    box.refused = {"gone@reseau.example"}
    raise_alerts(settings, [LATE])
    send(settings, address(port, "gone", "gestion"))
    kept = [file.read_text() for file in alerts_file(settings).parent.glob("*.json")]
    assert len(kept) == 2
    assert not [text for text in kept if "reseau.example" in text or "mailto" in text]


@pytest.mark.parametrize("wrong", ["mmots://talk.example/token", "data@reseau.example",
                                   "mailto://data:a-password@"])  # fmt: skip
def test_an_address_that_is_not_understood_is_refused_without_quoting_it(
    wrong, monkeypatch, tmp_path, capfd, caplog
) -> None:
    given = f"{address(25, 'gestion')['IMPACT_ALERTS']} {wrong}"
    monkeypatch.setenv("IMPACT_ALERTS", given)
    monkeypatch.setenv("IMPACT_HOME", str(tmp_path / "home"))
    with socket.create_server(("127.0.0.1", 0)) as taken:  # were it not refused, this would be
        monkeypatch.setenv("IMPACT_UI_PORT", str(taken.getsockname()[1]))
        assert main(["serve"]) == 2
    said = "".join([*capfd.readouterr(), caplog.text])
    assert "IMPACT_ALERTS: address 2 is not understood" in said
    assert not [word for word in ("talk.example", "data@reseau", "a-password") if word in said]


RUN = {"id": "1", "name": "night", "state_type": "CRASHED", "state_name": "Crashed",
       "state": {"message": "its process is gone"}, "flow_id": "f", "deployment_id": "d",
       "end_time": "2026-11-23T03:40:00Z"}  # fmt: skip
"""The answers are those of Prefect 3.8.8, shortened."""


def test_the_watch_tells_failed_runs_and_lost_actions() -> None:
    event = {"id": "2", "resource": {"prefect.resource.name": "a delivery has landed"},
             "payload": {"reason": "Validation failed for field 'feed'"}}  # fmt: skip

    def answer(request: httpx.Request) -> httpx.Response:
        is_runs = request.url.path.endswith("/flow_runs/filter")
        return httpx.Response(200, json=[RUN] if is_runs else {"events": [event]})

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        failed, lost = look(asking(client, "http://server/api"), datetime.now(UTC))
    assert failed.kind == "failed"
    assert "process is gone" in failed.text
    assert (lost.key, lost.kind) == ("action|2", "action")
    assert "next sweep" in lost.text


@pytest.mark.parametrize(
    ("other", "is_told"),
    [({"id": "2", "name": "sweep 12:10", "end_time": "2026-11-23T22:50:00Z"}, False),
     ({"end_time": "2026-11-23T23:10:00Z"}, True),  # a day of Paris
     ({"deployment_id": "another"}, True),
     ({"deployment_id": None}, True),
     ({"state": {"message": "an indicator is wrong"}}, True),
     ({"state_type": "FAILED"}, True)],
)  # fmt: skip
def test_a_fault_that_stays_is_told_once_a_day(settings, other, is_told) -> None:
    assert raise_alerts(settings, [failed_run(RUN)]) == 1
    assert raise_alerts(settings, [failed_run({**RUN, **other})]) == is_told


@pytest.fixture
def deliveries(settings, make_place, collect, tmp_path):
    """A place that sent one file that is right and one that has another header."""
    right, wrong = "N°;Arrivée\n1;03/02/2025 12:00\n", "N°;Heure\n2;Jeanne Martin\n"
    place = make_place(tmp_path, {"e-1.csv": right, "e-2.csv": wrong}, path="e-*.csv")
    [report] = collect(place, settings)
    assert (report.loaded, len(report.refused)) == (1, 1)
    return place


def test_a_refused_delivery_is_told_once_whatever_became_of_its_run(
    settings, deliveries, collect
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    [alert] = refused(settings.landing, since)
    assert "le-lieu: e-2.csv, header row 1: the column 'Arrivée'" in alert.text
    assert "Martin" not in str(alert)
    assert raise_alerts(settings, [alert]) == 1
    collect(deliveries, settings)  # the file is still there, and is refused again
    assert raise_alerts(settings, refused(settings.landing, since)) == 0
    assert refused(settings.landing, since + timedelta(hours=1)) == []


def test_a_delivery_that_waits_to_be_read_again_is_not_yet_refused(settings, deliveries) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    [alert] = refused(settings.landing, since)
    inbox.wait_again(settings.landing, alert.key.partition("|")[2])
    assert refused(settings.landing, since) == []


@pytest.fixture
def network(settings, make_place, collect, tmp_path):
    """A place that sent one good row and one that is to be corrected."""
    contact = {"contact": {"role": "accueil", "email": "accueil@le-lieu.example"}}
    opened = {"opened_on": datetime(2025, 1, 1).date(), **contact}
    rows = "N°;Arrivée\n1;03/02/2025 12:00\n2;hier\n"
    place = make_place(tmp_path, {"e.csv": rows}, opened)
    silent = make_place(tmp_path, {"e.csv": rows}, {**opened, "id": "muet", "contact": {}})
    collect(place, settings)
    build_warehouse([place, silent], settings, AS_OF, force=False)
    return [place, silent]


def post(port: int) -> Post:
    given = {"IMPACT_SMTP": f"smtp://127.0.0.1:{port}", "IMPACT_MAIL_FROM": "data@reseau.example"}
    read = read_post(given)
    assert read is not None
    return read


def test_a_place_gets_one_letter_with_what_came_and_its_workbook(settings, network, mail) -> None:
    box, port = mail
    late = [Late("le-lieu", "registre", "attendance", "weekly", datetime(2025, 2, 3).date(), 600)]
    written = letters(network, settings, late, datetime.now(UTC), "data@reseau.example")
    assert send_letters(written, post(port), settings, NOW) == (1, [])
    [(to, received)] = box.letters  # the place without an address hears nothing
    assert to == ["accueil@le-lieu.example"]
    body = received.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "registre: 1 deliveries, 2 rows, 1 counted, 1 refused" in text
    assert "600 days late" in text
    [workbook] = received.iter_attachments()
    assert workbook.get_filename() == "to-correct-le-lieu.xlsx"
    assert workbook.get_content()[:2] == b"PK"
    assert "hier" not in text


def test_a_place_that_no_run_has_seen_keeps_no_other_from_its_letter(
    settings, network, make_place, tmp_path
) -> None:
    contact = {"role": "accueil", "email": "accueil@nouveau.example"}
    opened = {"id": "nouveau", "opened_on": datetime(2025, 1, 1).date(), "contact": contact}
    new = make_place(tmp_path, {}, opened)
    late = [Late("nouveau", "registre", "attendance", "weekly", None, 600)]
    now = datetime.now(UTC)
    written = letters([new, *network], settings, late, now, "data@reseau.example")
    assert written.keys() == {"nouveau", "le-lieu"}
    body = written["nouveau"].get_body(("plain",))
    assert body is not None
    assert "nothing came" in body.get_content()
    assert [written[name].is_multipart() for name in ("nouveau", "le-lieu")] == [False, True]


def test_a_letter_goes_once_a_week_to_a_place_however_often_and_early_a_run_ends(
    settings, mail
) -> None:
    box, port = mail
    written = {}
    for name in ("un", "deux", "trois"):
        written[name] = EmailMessage()
        written[name]["From"], written[name]["To"] = "data@reseau.example", f"{name}@lieu.example"
        written[name]["Subject"] = name
    box.refused = {"deux@lieu.example"}
    count, refused = send_letters(written, post(port), settings, NOW)
    assert (count, refused) == (2, ["deux: SMTPRecipientsRefused"])
    box.refused = set()
    assert send_letters(written, post(port), settings, NOW + timedelta(days=2)) == (1, [])
    assert send_letters(written, post(port), settings, NOW + timedelta(days=6)) == (0, [])
    assert box.taken() == [f"{name}@lieu.example" for name in ("un", "trois", "deux")]
    send_letters(written, post(port), settings, NOW + timedelta(days=7))
    assert len(box.letters) == 6
    [week] = (settings.home / "serving" / "letters").iterdir()  # former weeks are forgotten
    assert (week.name, week.read_text().split()) == ("2026-W49", ["un", "deux", "trois"])


def test_a_run_that_is_killed_between_two_letters_has_noted_the_first(settings, mail) -> None:
    _box, port = mail
    two = {"un": EmailMessage(), "deux": None}  # at the second the run stops, as if killed
    two["un"]["From"], two["un"]["To"] = "data@reseau.example", "un@lieu.example"
    with pytest.raises(AttributeError):
        send_letters(two, post(port), settings, NOW)
    assert send_letters({"un": two["un"]}, post(port), settings, NOW) == (0, [])


def test_a_week_without_anything_to_say_has_no_letter(settings, network) -> None:
    later = datetime.now(UTC) + timedelta(days=30)
    others = [network[1]]
    assert letters(others, settings, [], later, "data@reseau.example") == {}


@pytest.mark.parametrize("half", [{"IMPACT_SMTP": "smtp://mail.example"},
                                  {"IMPACT_SMTP": "mail.example", "IMPACT_MAIL_FROM": "a@b.example"}])  # fmt: skip
def test_half_a_mail_server_is_refused(half) -> None:
    with pytest.raises(ConfigurationError, match="IMPACT_SMTP"):
        read_post(half)
    assert read_post({}) is None
