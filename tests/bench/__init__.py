"""`make bench`: tables of speed and memory, each with a baseline measured in the same run. No timing is asserted."""
