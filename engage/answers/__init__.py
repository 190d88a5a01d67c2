"""Words at hand: what is checked before a reply goes out, answers kept for reuse, macros, earlier answers."""
