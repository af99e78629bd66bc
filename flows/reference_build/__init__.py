"""The reference data, made anew from what INSEE and the ANCT publish."""
