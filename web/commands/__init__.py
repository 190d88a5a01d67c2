"""The commands, one file a subject; web/cli.py puts them together."""
