"""Many runs carried out: planned, spread over processes or machines, stored, taken up again."""
