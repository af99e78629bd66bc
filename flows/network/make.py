"""A network apart from the code: its folders, their marker, and what its owner does next."""

from dataclasses import dataclass
from pathlib import Path

from flows.errors import ConfigurationError, reason
from flows.language import N_, _
from flows.network.texts import write_declarations
from flows.settings import MARKER

SHOWN_NAMES = 5
MARKER_TEXT = N_("""\
# This folder is a network of impact-tiers-lieux: every `impact` command started here, or below,
# works on it. places/ and home/ lie beside this file; the keys lie apart from both.
keys = {keys}
""")
READ_ME = N_("""\
# {name}

This folder is a network of tiers-lieux. Every `impact` command started here works on it.

| Folder | What is in it |
|---|---|
| `places/` | One TOML file a place |
| `exports/` | The exports of the tools, as they are: you alone can read it |
| `portfolios.toml` | Places that are looked at together: optional |
| `grants.toml`, `targets.toml` | Who pays what, and what is to be reached: optional |
| `reference/` | Reference data of your own: optional |
| `home/` | Received files, warehouse, releases: you alone can read it |
| `{keys}` | The keys of the pseudonyms, apart: you alone can read it |

## The first three steps

{steps}

## Back up the keys

Copy `{keys}` to something that you keep **elsewhere than this folder** (a password safe, an
encrypted USB stick), after the first collection and again for each new place. Without the keys
nobody is recognised from one export to the next, and the program refuses to go on. With the keys
and `home/` together, somebody could look for a person: never keep them in one place.
""")
STEPS = N_("""\
1. Put an export into `exports/`, then describe the place:
   `impact new-place --from exports/registre.xlsx --feed attendance`. The file written into
   `places/` says what is left « To decide ».
2. See what the export would bring, without writing anything: `impact check-source PLACE SOURCE`.
3. Collect and compute: `impact run`.""")


@dataclass(frozen=True)
class Network:
    """The folders of a new network."""

    folder: Path
    keys: Path


def make_network(folder: Path) -> Network:
    """Make places, exports, declarations, home, keys, marker and read-me.

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
        write_declarations(folder)
        beside = f"../{keys.name}"
        read_me = _(READ_ME).format(name=folder.name, keys=beside, steps=_(STEPS))
        (folder / "README.md").write_text(read_me, encoding="utf-8")
        # the marker comes last and makes the network complete
        marker = _(MARKER_TEXT).format(keys=quoted(beside))
        (folder / MARKER).write_text(marker, encoding="utf-8")
    except OSError as fault:
        raise ConfigurationError(
            _("the network cannot be made ({reason})").format(reason=reason(fault)),
            where=str(folder),
            remedy=_("choose a folder in which this user may write"),
        ) from fault
    return Network(folder, keys)


def refuse_filled(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(
            _("this is a file"), where=str(folder), remedy=_("name a folder that is not there yet")
        )
    found = sorted(file.name for file in folder.iterdir()) if folder.exists() else []
    if found:
        more = ""
        if len(found) > SHOWN_NAMES:
            more = _(" and {count} more").format(count=len(found) - SHOWN_NAMES)
        raise ConfigurationError(
            _("the folder is not empty: {found}{more}").format(
                found=", ".join(found[:SHOWN_NAMES]), more=more
            ),
            where=str(folder),
            remedy=_("name a folder that is empty or not there yet"),
        )


def quoted(text: str) -> str:
    """A text as TOML writes it between quotation marks; what cannot stand there is a space."""
    plain = "".join(" " if ord(sign) < 32 or ord(sign) == 127 else sign for sign in text)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
