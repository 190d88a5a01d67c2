"""Teaches the small model: labelled texts -> nlp/models/small. Needs the extra `[torch]`."""
