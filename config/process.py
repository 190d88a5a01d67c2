"""What holds for every process of ours, whatever it does. Called once, at its start."""

import gc
import os

GC_THRESHOLDS = (50_000, 20, 100)


def set_up_process() -> None:
    """Keep our files to ourselves, and look for garbage less often.

    The flow makes rows by the thousand and drops them all at once; with Python's own thresholds a seventh of its time
    goes into looking for reference cycles among them.
    """
    os.umask(0o077)  # what customers write and who they are is for nobody else on this machine
    gc.set_threshold(*GC_THRESHOLDS)
