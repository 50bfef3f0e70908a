"""Trust in bank-sold insurance: disposition, experience, neighbours (DeGroot 1974), scandals."""

from __future__ import annotations

from sim.compiled import rule


@rule
def next_trust(
    trust: float,
    experience: float,
    neighbours: float,
    disposition: float,
    scandal: float,
    neighbour_weight: float,
    recovery: float,
) -> float:
    """Trust at the end of the month, in [0, 1].

    Args:
        trust: At the start of the month.
        experience: Sum of this month's own gains and losses.
        neighbours: Mean trust of the neighbours at the start of the month.
        disposition: Own level towards which trust recovers.
        scandal: Loss through this month's publicity.
        neighbour_weight: Pull of the neighbours, 1/month.
        recovery: Pull of the disposition, 1/month.
    """
    moved = (
        trust
        + experience
        - scandal
        + neighbour_weight * (neighbours - trust)
        + recovery * (disposition - trust)
    )
    return min(1.0, max(0.0, moved))


@rule
def gap_loss(gap: float, per_gap: float, resolved: bool, resolved_share: float) -> float:
    """Trust lost when a holder discovers an expectation gap; part of it is won back on redress."""
    loss = per_gap * gap
    return loss * (1.0 - resolved_share) if resolved else loss
