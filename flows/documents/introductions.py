"""How to read the methodology: what an example is, and how to check one by hand."""

from flows.documents.words import Words

TITLE = """# Indicateurs · Indicators

Écrit par `impact docs` à partir de `sql/indicators` : c'est là qu'il faut corriger, pas ici.
Written by `impact docs` from `sql/indicators`: correct it there, not here."""

READING = Words(
    """## Lire une fiche

Chaque indicateur a une **définition** (ce qu'il dit), une **formule** en mots (comment il est
compté), des **limites** (ce qu'il ne faut pas lui faire dire) et des **exemples** : les essais du
programme les rejouent, ils ne peuvent donc pas dire autre chose que le calcul.

Un exemple est un petit monde où tout est connu. Les tables « étant donné » contiennent *tous* les
enregistrements de ce monde ; une table qui n'y est pas est vide. La table « alors » dit les
chiffres qui en sortent, pour quelques lieux et périodes ; les autres ne sont pas montrés. Une case
vide ne contient rien. Les heures sont celles de Paris. Les personnes s'appellent `a`, `b`, `c` ;
une ligne sans personne est un groupe compté par têtes.

**Vérifier à la main**, sans SQL :

1. Lisez la formule.
2. Choisissez une ligne de « alors ». Dans « étant donné », gardez les lignes de son lieu (ou des
   lieux de son territoire) ; la formule dit lesquelles comptent pour sa période.
3. Comptez ce qui est avant le signe ÷ : c'est `numerator`. Ce qui suit est `denominator`.
4. Divisez, s'il y a lieu : c'est `value`.

Par exemple, pour une part de personnes déjà venues : étant donné `a` venu en novembre 2025 puis en
janvier 2026, et `b` venu en janvier seulement. En janvier, deux personnes sont venues
(`denominator` 2), dont une déjà venue (`numerator` 1) : `value` est 1 ÷ 2 = 0,5.""",
    """## How to read an entry

Each indicator has a **definition** (what it says), a **formula** in words (how it is counted),
**caveats** (what it must not be made to say) and **examples**: the tests of the program play them
again, so they cannot say something else than the computation.

An example is a small world in which everything is known. The tables under "given" hold *all* the
records of that world; a table that is not there is empty. The table under "then" says which figures
come out, for a few places and periods; the others are not shown. An empty cell holds nothing. Times
are those of Paris. People are called `a`, `b`, `c`; a row without a person is a group counted by
heads.

**Check one by hand**, without SQL:

1. Read the formula.
2. Choose a row of "then". In "given", keep the rows of its place (or of the places of its scope);
   the formula says which of them count for its period.
3. Count what stands before the sign ÷: that is `numerator`. What follows it is `denominator`.
4. Divide, where there is something to divide: that is `value`.

For instance, for a share of people who had come before: given `a` who came in November 2025 and
again in January 2026, and `b` who came in January alone. In January two people came (`denominator`
2), one of whom had come before (`numerator` 1): `value` is 1 ÷ 2 = 0.5.""",
)

WORLD = """## Le monde des exemples · The world of the examples

Les lieux de chaque exemple sont ceux-ci. Les données de chaque flux de chaque lieu ouvert sont
arrivées pour tous les jours du {first_day} au {last_day}, sauf si l'exemple dit ce qui est arrivé.

These are the places of every example. The data of each feed of each open place arrived for every
day from {first_day} to {last_day}, unless the example says what arrived."""

GIVEN = """## Les colonnes de « étant donné » · The columns of "given"

Une colonne que l'exemple n'écrit pas a la valeur de la dernière colonne de cette table, ou est
vide. Les codes sont expliqués dans [le dictionnaire](dictionary.md#codes).

A column that the example leaves out has the value in the last column of this table, or is empty.
The codes are explained in [the dictionary](dictionary.md#codes)."""

THEN = """## Les colonnes de « alors » · The columns of "then"
"""

STATUS = """## Statuts · Statuses
"""
