#!/bin/sh
# Madame loses her title, Monsieur keeps his as a first name: "M." is the one that nameparser does not know.
#
# Lists of visitors say Mme and M. before names, or sometimes do. nameparser knows titles, French ones among
# them: Mme, Mlle, Monsieur, Me, Dr. One thinks that it knows M. too. An M with a point is an initial to it:
# M. Paul Martin has the first name "M." and the middle name Paul; M. Martin has a first name, Mme Durand has
# none; and a first name that is a title elsewhere, Prince, is taken away.
#
# It matters to whoever knows people again by first and last name, or counts women and men among them: each
# woman is one with and without her title, each man is two, and all men that bear one last name and are
# written with "M." are one. Take the title off before.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nameparser==2.6.0 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from nameparser import HumanName

print("nameparser", version("nameparser"))


def parts(text):
    name = HumanName(text)
    print(f"{text:20} title {name.title!r}, first {name.first!r}, last {name.last!r}")
    return name.first, name.last


women = {parts(text) for text in ("Marie Durand", "Mme Marie Durand", "Madame Marie Durand")}
one_man = {parts(text) for text in ("Paul Martin", "M. Paul Martin")}
two_men = {parts(text) for text in ("M. Paul Martin", "M. Jean Martin")}
prince = parts("Prince Okafor"), parts("Marie Okafor")
is_so = (
    women == {("Marie", "Durand")}
    and one_man == {("Paul", "Martin"), ("M.", "Martin")}
    and two_men == {("M.", "Martin")}
    and prince == (("Okafor", ""), ("Marie", "Okafor"))
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
