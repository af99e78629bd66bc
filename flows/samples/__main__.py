"""`python -m flows.samples [FOLDER] [--network N] [--seed S]`: write the synthetic exports."""

import argparse
import sys
from pathlib import Path

from flows.samples import sample_exports, write_exports
from flows.samples.network import network_exports
from flows.settings import PROJECT


def main(arguments: list[str] | None = None) -> int:
    """Write the files and print one line for each: name, rows, size."""
    parser = argparse.ArgumentParser(prog="python -m flows.samples", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=PROJECT / "data" / "samples")
    parser.add_argument("--network", type=int, metavar="N", help="an invented network of N places")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(arguments)
    if options.network:
        exports = network_exports(options.network, options.seed)
    else:
        exports = sample_exports(options.seed)
    write_exports(options.folder, exports)
    for export in exports:
        size = f"{len(export.content) / 1024:.0f}"
        sys.stdout.write(f"{export.path:<62} {export.rows:>7} rows {size:>7} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
