"""Storms: many people post nearly the same text. They are gathered, shown as one, and can be answered together."""
