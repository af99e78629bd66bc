"""What keeps an installation well: doctor, backup, alerts, letters, lateness, corrections."""
