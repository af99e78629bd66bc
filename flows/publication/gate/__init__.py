"""The gate: what can somebody work out from a release, and which of its tables say too much?

    cells         what is published and what is hidden beside it, as unknowns with bounds
    known         what is known of each indicator by its definition: one table
    relations     the unknowns tied to each other, as rows of a linear system
    propagation   bounds drawn tighter until nothing moves: no world that is possible is lost
    verdict       outsider and insiders; the tables that are left out
    report        counts and names of tables, for who runs the network
    edge          what is read of a release in the making, and taken out of it

All but the edge is pure. Values are not named, neither here nor in what is said to the operator.
"""
