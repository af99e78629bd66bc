"""From a place and its export to a source that loads: guess it, check it, write it; the kit."""
