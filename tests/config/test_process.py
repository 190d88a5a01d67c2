import gc
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.process import GC_THRESHOLDS, set_up_process


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    mask, thresholds = os.umask(0o022), gc.get_threshold()
    yield
    os.umask(mask)
    gc.set_threshold(*thresholds)


def test_our_files_are_ours_alone(tmp_path: Path) -> None:
    set_up_process()
    (tmp_path / "hearken.db").write_text("")
    assert stat.S_IMODE((tmp_path / "hearken.db").stat().st_mode) == 0o600


def test_garbage_is_looked_for_less_often() -> None:
    set_up_process()
    assert gc.get_threshold() == GC_THRESHOLDS
