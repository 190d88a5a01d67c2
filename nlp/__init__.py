"""Understands: a mention -> a reading (sentiment, intent, urgency, language, names)."""
