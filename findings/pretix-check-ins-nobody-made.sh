#!/bin/sh
# pretix tells entries and exits that nobody scanned among those at a door.
#
# One ticket and a shirt in one order, one scan at 9:05 in the morning, one at the counter where
# shirts are handed out. The API's `checkins` of the order then hold, with the same keys:
#   - an exit at 4:00 of the next morning, since the check-in list closes its day then (`exit_all_at`):
#     arrival and departure look like a stay of 19 hours;
#   - the shirt's scan as an entry of its own position: two people, where one came;
#   - and the order's address is that of two positions: whoever counts one person a position knows
#     nobody any more.
# What tells them apart stands elsewhere: `auto_checked_in` in the check-in, and `admission` of the
# product, which the order does not show. A product that is made without saying so admits nobody.
#
# It matters to whoever counts visits and measures stays: a place that closes its day so has stays of
# a night for everybody who left without being scanned.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pretix==2026.8.0

cd "$work"
unset PYTHONPATH
export DATA_DIR="$work" DJANGO_SETTINGS_MODULE=pretix.settings PRETIX_PRETIX_URL=http://localhost
"$work/venv/bin/python" -m pretix migrate >"$work/migrate.log" 2>&1 || { tail "$work/migrate.log"; exit 1; }
"$work/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import django

django.setup()
from django.test import Client
from django_scopes import scopes_disabled
from pretix import __version__
from pretix.base.models import Checkin, Event, Item, Order, OrderPosition, Organizer, Team
from pretix.base.services.checkin import process_exit_all

paris = ZoneInfo("Europe/Paris")
morning = datetime(2026, 3, 10, 9, 5, tzinfo=paris)
with scopes_disabled():
    place = Organizer.objects.create(name="Le Lieu", slug="le-lieu")
    event = Event.objects.create(
        organizer=place, name="Portes ouvertes", slug="portes", date_from=morning, currency="EUR",
        live=True, plugins="",
    )
    event.settings.timezone = "Europe/Paris"
    ticket = Item.objects.create(
        event=event, name="Une place", default_price=Decimal(0), admission=True
    )
    shirt = Item.objects.create(event=event, name="Un maillot", default_price=Decimal(0))
    order = Order.objects.create(
        event=event, code="A1B2C", email="personne@exemple.test", locale="fr",
        status=Order.STATUS_PAID, datetime=morning - timedelta(days=9), expires=morning,
        total=Decimal(0), sales_channel=place.sales_channels.get(identifier="web"),
    )
    bought = [
        OrderPosition.objects.create(order=order, item=item, price=Decimal(0), positionid=number)
        for number, item in enumerate((ticket, shirt), start=1)
    ]
    order.create_transactions(is_new=True)
    doors = [
        event.checkin_lists.create(
            name="L'entrée", all_products=True,
            exit_all_at=(morning + timedelta(days=1)).replace(hour=4, minute=0),
        ),
        event.checkin_lists.create(name="Les maillots", all_products=True),
    ]
    for position, door in zip(bought, doors):
        Checkin.objects.create(position=position, list=door, datetime=morning, type="entry")
    team = Team.objects.create(
        organizer=place, name="lecture", all_events=True,
        limit_event_permissions={"event.orders:read": True},
    )
    key = {"Authorization": f"Token {team.tokens.create(name='lecture').token}"}
process_exit_all(sender=None)  # what its own timer does every few minutes

base = "/api/v1/organizers/le-lieu"
asked = "include=positions.item&include=positions.checkins&include=email"
[told] = Client().get(f"{base}/orders/?{asked}", headers=key).json()["results"]
products = Client().get(f"{base}/events/portes/items/", headers=key).json()["results"]
print("pretix", __version__)
for position in told["positions"]:
    for checkin in sorted(position["checkins"], key=lambda one: one["datetime"]):
        at = datetime.fromisoformat(checkin["datetime"]).astimezone(paris)
        print(f"product {position['item']}: {checkin['type']:5} {at:%d/%m %H:%M}",
              f"auto_checked_in={checkin['auto_checked_in']}")
admission = {product["id"]: product["admission"] for product in products}
print("admission of the products:", admission)

[exit_] = [c for c in told["positions"][0]["checkins"] if c["type"] == "exit"]
at = datetime.fromisoformat(exit_["datetime"])
assert (at - morning, exit_["auto_checked_in"]) == (timedelta(hours=18, minutes=55), True)
assert [len(p["checkins"]) for p in told["positions"]] == [2, 1]
assert admission == {ticket.pk: True, shirt.pk: False}
PYTHON
