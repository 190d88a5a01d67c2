"""Acts: a reading -> contact, conversation, route, reply."""
