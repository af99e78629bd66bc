"""What leaves: aggregates only, in one versioned file that any funder can open."""
