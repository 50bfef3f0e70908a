"""The decorators of compiled rules, so that all of them share the same arithmetic.

Strict IEEE arithmetic: fast-math would let results differ between machines and from the uncompiled
rule. Division follows NumPy (inf, not an exception), which also compiles tighter.
"""

from numba import njit

#: A small rule on numbers.
rule = njit(cache=True, error_model="numpy")

#: A step of the customer month. It is inlined into its caller: a call would count references to
#: every array it is handed, which costs more than most steps themselves.
step = njit(cache=True, error_model="numpy", forceinline=True)
