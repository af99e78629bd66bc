"""Documents that are generated, so that they cannot say something else than the program.

What contracts, indicators and published tables say, for readers; `impact docs` writes them.
"""
