"""Working together: who is here, who takes what, what colleagues should know. Imports nothing else of the inbox."""
