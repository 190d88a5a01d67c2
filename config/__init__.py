"""What everything stands on: settings, database, errors, logs, clock, secrets. Imports nothing of ours."""
