"""The decorators of compiled rules, so that all of them share the same arithmetic and cache.

Strict IEEE arithmetic: fast-math would let results differ between machines and from the uncompiled
rule. Division follows NumPy (inf, not an exception), which also compiles tighter.

State is stored in single precision and computed with in double: ``np.float64(x)`` widens it, while
Numba's ``float(x)`` would leave a single-precision number as it is.
"""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from numba import config, njit

from sim.version import sources_hash

#: Versions of the code whose compiled form is kept.
_KEPT = 20


def _choose_cache() -> str:
    """Folder for compiled code, one per version of the sources.

    Numba looks only at the file of the function it caches; a change in a file that function calls
    into would go unnoticed and stale code would run.
    """
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    base = Path(os.environ.get("NUMBA_CACHE_DIR") or str(Path(home) / "bancassim"))
    folder = base / sources_hash()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        ours = [path for path in base.iterdir() if re.fullmatch("[0-9a-f]{16}", path.name)]
        versions = sorted(ours, key=lambda path: path.stat().st_mtime, reverse=True)
        for old in versions[_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
    return str(folder)


config.CACHE_DIR = _choose_cache()  # type: ignore[attr-defined]

#: A small rule on numbers.
rule = njit(cache=True, error_model="numpy")

#: A step of the customer month. It is inlined into its caller: a call would count references to
#: every array it is handed, which costs more than most steps themselves.
step = njit(cache=True, error_model="numpy", forceinline=True)
