"""From bytes to facts: landing → pseudonymise and map → validate → load."""
