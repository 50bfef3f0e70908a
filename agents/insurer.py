"""An insurer: assets against reserves, reputation, and whether it is still in business."""

from __future__ import annotations

import mesa


class Insurer(mesa.Agent):
    """A life insurer.

    Attributes:
        index: Position on the insurer axis of all arrays.
        agent_force: Its share of the market's own agents.
        assets: Yuan at market value.
        reserves: Sum of the policies' reserves, yuan.
        required_capital: Yuan.
        opening_capital: Capital at the start, yuan; never paid out.
        reputation: Premium-weighted trust of its customers with memory, in [0, 1].
        failed: Whether it has been run off.
    """

    def __init__(
        self, model: mesa.Model, index: int, agent_force: float, capital: float, reputation: float
    ) -> None:
        """Found the insurer with its opening capital as only asset."""
        super().__init__(model)
        self.index = index
        self.agent_force = agent_force
        self.assets = capital
        self.opening_capital = capital
        self.reserves = 0.0
        self.required_capital = 0.0
        self.reputation = reputation
        self.failed = False

    @property
    def capital(self) -> float:
        """Assets less reserves, yuan."""
        return self.assets - self.reserves

    @property
    def solvency_ratio(self) -> float:
        """Capital over required capital; infinite before the first policy."""
        if self.required_capital <= 0.0:
            return float("inf")
        return self.capital / self.required_capital

    def underwrite(self, premiums: float, benefits: float) -> None:
        """Take the month's premiums and pay its benefits and refunds, yuan."""
        self.assets += premiums - benefits

    def distribute(self, fees: float, commissions: float, expenses: float) -> None:
        """Pay banks, own agents, and everyone else who keeps the business running, yuan."""
        self.assets -= fees + commissions + expenses

    def pay_fine(self, amount: float) -> None:
        """Pay a supervisor's fine, yuan."""
        self.assets -= amount

    def share_profit(self, amount: float) -> None:
        """Pass part of the profit from a partner on to its owner, yuan."""
        self.assets -= amount

    def invest(self, monthly_return: float) -> float:
        """Earn (or lose) on the assets; returns the amount, yuan."""
        gain = self.assets * monthly_return
        self.assets += gain
        return gain

    def value_policies(self, reserves: float, required_capital: float) -> None:
        """Write the month's valuation into the books, yuan."""
        self.reserves = reserves
        self.required_capital = required_capital

    def pay_dividend(self, ratio: float) -> float:
        """Pay out capital above ``ratio`` times the requirement; returns the amount, yuan."""
        floor = max(ratio * self.required_capital, self.opening_capital)
        dividend = max(0.0, self.capital - floor)
        self.assets -= dividend
        return dividend

    def hand_over(self) -> float:
        """Be run off: give all assets (or the hole in them) away; returns the amount, yuan."""
        assets, self.assets, self.failed = self.assets, 0.0, True
        return assets
