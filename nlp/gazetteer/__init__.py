"""The list of places, and what makes it; see README.md."""
