"""Reports by mail: the weekly one, the daily digest, and a person's own week."""
