#!/bin/sh
# A mobile number of La Réunion, written as the French write it, is not French and is not valid.
#
# From anywhere in France 0692 12 34 56 reaches somebody on La Réunion, 0690 Guadeloupe, 0696 Martinique,
# 0694 Guyane: one plan of numbers, and so they stand in the lists of places. One thinks that phonenumbers
# with the region FR makes the international form of them. It makes +33 692 12 34 56 and says that this
# is valid nowhere; the right form is +262. With the region RE the mainland's 06 12 34 56 78 becomes
# +262 612 34 56 78, not valid either. 0269 (Mayotte) is +33 269 and valid: nothing is said at all.
#
# It matters to whoever knows visitors again by their number: the same person, once with the prefix and
# once without, is two; and a check "valid numbers only" loses the overseas places. Neither region fits a
# network that has places on both sides.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check phonenumbers==9.0.43 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import phonenumbers
from phonenumbers import PhoneNumberFormat

print("phonenumbers", version("phonenumbers"))


def form(text, region):
    number = phonenumbers.parse(text, region)
    given = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    valid = phonenumbers.is_valid_number(number)
    print(f"{text:14} {region}  {given:14} valid: {valid}")
    return given, valid


seen = [
    form(*asked)
    for asked in (
        ("0692 12 34 56", "FR"), ("0690 12 34 56", "FR"), ("0696 12 34 56", "FR"), ("0694 12 34 56", "FR"),
        ("0692 12 34 56", "RE"), ("06 12 34 56 78", "RE"), ("0269 12 34 56", "FR"),
    )
]
is_so = seen == [
    ("+33692123456", False), ("+33690123456", False), ("+33696123456", False), ("+33694123456", False),
    ("+262692123456", True), ("+262612345678", False), ("+33269123456", True),
]
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
