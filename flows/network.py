"""A network apart from the code: its folders, their marker, and what its owner does next."""

from dataclasses import dataclass
from pathlib import Path

from flows.errors import ConfigurationError
from flows.settings import MARKER

SHOWN_NAMES = 5
MARKER_TEXT = """\
# This folder is a network of impact-tiers-lieux: every `impact` command started here, or below,
# works on it. places/ and home/ lie beside this file; the keys lie apart from both.
keys = {keys}
"""
READ_ME = """\
# {name}

Ce dossier est un réseau de tiers-lieux. Toute commande `impact` lancée ici travaille sur lui.

| Dossier | Contenu |
|---|---|
| `places/` | Un fichier TOML par lieu |
| `exports/` | Les exports des outils, tels quels : lisible par vous seul |
| `home/` | Fichiers reçus, entrepôt, publications : lisible par vous seul |
| `{keys}` | Les clés des pseudonymes, à l'écart : lisible par vous seul |

## Les trois premières étapes

{steps}

## Sauvegarder les clés

Copiez `{keys}` sur un support que vous gardez **ailleurs que ce dossier** (coffre de mots de passe,
clé USB chiffrée), après la première collecte puis à chaque nouveau lieu. Sans les clés, plus
personne n'est reconnu d'un export à l'autre, et le programme refuse de continuer. Avec les clés et
`home/` réunis, on pourrait rechercher une personne : ne les rangez jamais ensemble.
"""
STEPS = """\
1. Posez un export dans `exports/`, puis décrivez le lieu :
   `impact new-place --from exports/registre.xlsx --feed attendance`. Le fichier écrit dans
   `places/` dit ce qui reste « À décider ».
2. Voyez ce que l'export apporterait, sans rien écrire : `impact check-source LIEU SOURCE`.
3. Collectez et calculez : `impact run`."""


@dataclass(frozen=True)
class Network:
    """The folders of a new network."""

    folder: Path
    keys: Path


def make_network(folder: Path) -> Network:
    """Make places, exports, home, keys, marker and read-me.

    Raises ConfigurationError when the folder, or that of the keys, has something in it.
    """
    folder = folder.absolute()
    keys = folder.with_name(f"{folder.name}.keys")
    for wanted in (folder, keys):
        refuse_filled(wanted)
    try:
        (folder / "places").mkdir(parents=True, exist_ok=True)
        (folder / "exports").mkdir(exist_ok=True, mode=0o700)  # what is put there has names in it
        for private in (folder / "home", keys):
            private.mkdir(exist_ok=True)
            private.chmod(0o700)
        beside = f"../{keys.name}"
        read_me = READ_ME.format(name=folder.name, keys=beside, steps=STEPS)
        (folder / "README.md").write_text(read_me, encoding="utf-8")
        # the marker comes last and makes the network complete
        marker = MARKER_TEXT.format(keys=quoted(beside))
        (folder / MARKER).write_text(marker, encoding="utf-8")
    except OSError as fault:
        raise ConfigurationError(
            f"the network cannot be made ({fault.strerror})",
            where=str(folder),
            remedy="choose a folder in which this user may write",
        ) from fault
    return Network(folder, keys)


def refuse_filled(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(
            "this is a file", where=str(folder), remedy="name a folder that is not there yet"
        )
    found = sorted(file.name for file in folder.iterdir()) if folder.exists() else []
    if found:
        more = f" and {len(found) - SHOWN_NAMES} more" if len(found) > SHOWN_NAMES else ""
        raise ConfigurationError(
            f"the folder is not empty: {', '.join(found[:SHOWN_NAMES])}{more}",
            where=str(folder),
            remedy="name a folder that is empty or not there yet",
        )


def quoted(text: str) -> str:
    """A text as TOML writes it between quotation marks; what cannot stand there is a space."""
    plain = "".join(" " if ord(sign) < 32 or ord(sign) == 127 else sign for sign in text)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
