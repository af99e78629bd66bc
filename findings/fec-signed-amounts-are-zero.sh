#!/bin/sh
# A ledger that gives an amount and its sign is read as a ledger of zeros: fec-parser.
#
# The FEC, the file of entries that French accounts hand over (LPF, A47 A-1), has Debit and Credit, or in
# their place Montant and Sens; Sens is D or C, or +1 or -1. One thinks that a reader of FEC knows both forms
# or refuses the one that it does not. fec-parser reads D and C, and takes +1 and -1 for neither: debit 0
# and credit 0 on each line. The file has no error, its entries are balanced, and the result of the year is 0.
# Nor does it read ValidDate: a draft of the year looks as final as the books.
#
# It matters to whoever computes the share of own income from the books of places: a place with this
# form of export has neither income nor grants.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fec-parser==1.0.1 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version
from io import BytesIO

from fec_parser.analyzer import FECAnalyzer

COLUMNS = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef "
    "PieceDate EcritureLib {} EcritureLet DateLet ValidDate Montantdevise Idevise"
)
ENTRIES = [("411000", "Clients", "1200,00", True), ("706000", "Prestations", "1200,00", False)]


def result(amounts, form):
    """The income of the year (accounts 6 and 7) that the parser finds."""
    lines = [COLUMNS.format(amounts).split()]
    for account, label, amount, is_debit in ENTRIES:
        lines.append([
            "VE", "Ventes", "1", "20250310", account, label, "", "", "F-1", "20250310", "Salle",
            *form(amount, is_debit), "", "", "", "", "",
        ])
    text = "\n".join("\t".join(line) for line in lines) + "\n"
    analyzer = FECAnalyzer()
    analyzer.parse(BytesIO(text.encode()))
    found = analyzer.indicateurs.compute_resultat_net()
    print(f"{amounts:13} {form(*ENTRIES[1][2:])!s:22} errors: {analyzer.parser.errors}  result: {found}")
    return found


print("fec-parser", version("fec-parser"))
seen = [
    result("Debit Credit", lambda amount, is_debit: (amount, "0,00") if is_debit else ("0,00", amount)),
    result("Montant Sens", lambda amount, is_debit: (amount, "D" if is_debit else "C")),
    result("Montant Sens", lambda amount, is_debit: (amount, "+1" if is_debit else "-1")),
]
is_so = seen == [1200, 1200, 0]
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
