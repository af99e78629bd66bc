"""A network made, and its TOML files read."""
