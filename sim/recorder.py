"""The panel: what each month leaves behind, and the tables made of it."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from scenarios.levers import PRODUCT_CLASSES
from sim.month_tables import Flow, Total
from sim.outcomes import long_run_outcomes
from sim.products import REGULAR
from sim.state import Array, Market

_MODES = ("single", "regular")


def record_month(market: Market) -> None:
    """Note the month's state and sums."""
    flows, totals = market.sums
    agreements, rates = market.agreements, market.rates
    market.note("channel_flows", flows.sum(axis=2))
    market.note("class_flows", np.stack((flows[:-1].sum(axis=(0, 1)), flows[-1].sum(axis=0))))
    market.note("totals", totals)
    market.note("in_force_pair", flows[:-1, ..., Flow.IN_FORCE].sum(axis=2))
    market.note("active", agreements.active.astype(np.float64))
    market.note("fee", agreements.fee.copy())
    market.note("side_rate", agreements.side.copy())
    market.note("capital", agreements.capital.copy())
    market.note("turnover", np.array([agreements.started, agreements.ended], np.float64))
    market.note("rates", np.array([rates.risk_free, rates.deposit, rates.portfolio_yield]))
    clerk = market.clerks.clerk
    efforts = [clerk[name].mean() if len(clerk) else 0.0 for name in ("selling", "advice")]
    market.note("effort", np.array(efforts))
    insurers = market.insurers
    market.note("assets", np.array([insurer.assets for insurer in insurers]))
    market.note("reserves", np.array([insurer.reserves for insurer in insurers]))
    market.note("required", np.array([insurer.required_capital for insurer in insurers]))
    market.note("reputation", np.array([insurer.reputation for insurer in insurers]))


def _ratio(part: Array, whole: Array) -> Array:
    """Part over whole, NaN where there is no whole, or less than none after refunds."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0.0, part / whole, np.nan)


class Results:
    """Monthly panels (pandas) and long-run outcomes of one run.

    Attributes:
        outcomes: Long-run outcomes by name; units in ``sim.outcomes.OUTCOMES``.
    """

    def __init__(self, market: Market) -> None:
        """Summarise the record of a finished run."""
        self._record = {name: np.array(values) for name, values in market.record.items()}
        self._start = pd.Period(market.scenario.market.start, freq="M")
        self._customers = np.array([bank.customers for bank in market.banks])
        self.outcomes: dict[str, float] = long_run_outcomes(self._record, market.scenario)

    def _index(self, *sizes: int) -> list[Array]:
        months = self._record["rates"].shape[0]
        return list(np.indices((months, *sizes)).reshape(len(sizes) + 1, -1))

    def _frame(self, axes: dict[str, Array], columns: dict[str, Array]) -> pd.DataFrame:
        months = axes["month"].astype(int)
        dates = pd.period_range(self._start, periods=int(months.max()) + 1, freq="M").astype(str)
        frame = pd.DataFrame({"month": months, "date": np.asarray(dates)[months]})
        for name, values in {**axes, **columns}.items():
            if name != "month":
                frame[name] = np.asarray(values).reshape(-1)
        return frame

    @cached_property
    def market(self) -> pd.DataFrame:
        """One row a month."""
        record = self._record
        channel, totals = record["channel_flows"], record["totals"].sum(axis=1)
        customers = totals[:, Total.CUSTOMERS]
        bank, agents = channel[:, :-1].sum(axis=(1, 2)), channel[:, -1].sum(axis=1)

        def premium(flows: Array) -> Array:
            paid = flows[:, Flow.FIRST_PREMIUM] + flows[:, Flow.RENEWAL_PREMIUM]
            return np.asarray(paid - flows[:, Flow.REFUNDS])

        sold, fees = record["sold_mode"], record["fee_weighted"]
        paid = record["fees"] + record["access"] + record["side"]
        first = sold.sum(axis=(1, 2, 3))
        columns = {
            "bank_premium": premium(bank) / customers,
            "agent_premium": premium(agents) / customers,
            "bank_share": _ratio(premium(bank), premium(bank) + premium(agents)),
            "fee_single": _ratio(fees[..., 0].sum(axis=(1, 2)), sold[..., 0].sum(axis=(1, 2))),
            "fee_regular": _ratio(fees[..., 1].sum(axis=(1, 2)), sold[..., 1].sum(axis=(1, 2))),
            "fee_access": _ratio(record["access"].sum(axis=(1, 2)), first),
            "fee_off_book": _ratio(record["side"].sum(axis=(1, 2)), first),
            "fee_total": _ratio(paid.sum(axis=(1, 2)), first),
            "bank_value": record["bank_value"].sum(axis=1) / customers,
            "insurer_value": record["insurer_value"].sum(axis=1) / customers,
            "welfare": (
                totals[:, Total.WELFARE]
                - totals[:, Total.BREACH_LOSS]
                - (bank + agents)[:, Flow.UNDONE_SURPLUS]
            )
            / customers,
            "misselling_rate": _ratio(bank[:, Flow.MIS_SALES], bank[:, Flow.SALES]),
            "misselling_loss": bank[:, Flow.MIS_SELLING_LOSS] / customers,
            "complaints": bank[:, Flow.COMPLAINTS],
            "sales": bank[:, Flow.SALES],
            "in_force": bank[:, Flow.IN_FORCE],
            "trust": totals[:, Total.TRUST] / customers,
            "days_to_issue": _ratio(bank[:, Flow.WAIT_DAYS], bank[:, Flow.APPLICATIONS]),
            "selling_effort": record["effort"][:, 0],
            "advice_effort": record["effort"][:, 1],
            "partners_per_bank": record["active"].sum(axis=2).mean(axis=1),
            "relationship_capital": _ratio(
                record["capital"].sum(axis=(1, 2)), record["active"].sum(axis=(1, 2))
            ),
            "risk_free_rate": record["rates"][:, 0],
            "deposit_rate": record["rates"][:, 1],
            "solvency_ratio": _ratio(
                (record["assets"] - record["reserves"]).sum(axis=1), record["required"].sum(axis=1)
            ),
            "failures": record["failures"],
            "fines": record["fines"],
            "ledger_residual": record["ledger_residual"],
        }
        return self._frame({"month": np.arange(len(first), dtype=np.float64)}, columns)

    @cached_property
    def banks(self) -> pd.DataFrame:
        """One row a month and bank."""
        month, bank = self._index(len(self._customers))
        flows = self._record["channel_flows"][:, :-1].sum(axis=2)
        totals = self._record["totals"]
        columns = {name.name.lower(): totals[..., name] for name in Total}
        columns |= {name.name.lower(): flows[..., name] for name in Flow}
        columns["fees"] = self._record["fees"].sum(axis=2)
        columns["access_fees"] = self._record["access"].sum(axis=2)
        columns["off_book"] = self._record["side"].sum(axis=2)
        columns["bank_value"] = self._record["bank_value"]
        columns["partners"] = self._record["active"].sum(axis=2)
        return self._frame({"month": month, "bank": bank}, columns)

    @cached_property
    def insurers(self) -> pd.DataFrame:
        """One row a month and insurer, both channels together."""
        record = self._record
        month, insurer = self._index(record["assets"].shape[1])
        flows = record["channel_flows"].sum(axis=1)
        columns = {name.name.lower(): flows[..., name] for name in Flow}
        columns["bank_first_premium"] = record["channel_flows"][:, :-1].sum(axis=1)[
            ..., Flow.FIRST_PREMIUM
        ]
        columns["insurer_value"] = record["insurer_value"]
        columns["assets"] = record["assets"]
        columns["required_capital"] = record["required"]
        columns["reputation"] = record["reputation"]
        columns["partners"] = record["active"].sum(axis=1)
        return self._frame({"month": month, "insurer": insurer}, columns)

    @cached_property
    def agreements(self) -> pd.DataFrame:
        """One row a month and agreement in force."""
        record = self._record
        month, bank, insurer = self._index(*record["active"].shape[1:])
        flows = record["channel_flows"][:, :-1]
        columns = {
            "relationship_capital": record["capital"],
            "first_premium": flows[..., Flow.FIRST_PREMIUM],
            "in_force": flows[..., Flow.IN_FORCE],
            "fees": record["fees"],
            "access_fees": record["access"],
            "off_book": record["side"],
        }
        for k, mode in enumerate(_MODES):
            columns[f"fee_{mode}"] = record["fee"][..., k]
            columns[f"off_book_{mode}"] = record["side_rate"][..., k]
        frame = self._frame({"month": month, "bank": bank, "insurer": insurer}, columns)
        return frame[record["active"].reshape(-1) > 0.0].reset_index(drop=True)

    @cached_property
    def classes(self) -> pd.DataFrame:
        """One row a month, channel and product class."""
        month, channel, k = self._index(2, len(PRODUCT_CLASSES))
        flows = self._record["class_flows"]
        axes = {
            "month": month,
            "channel": np.array(["bank", "agents"])[channel],
            "product_class": np.array(PRODUCT_CLASSES)[k],
            "premium_mode": np.array(_MODES)[REGULAR[k].astype(int)],
        }
        return self._frame(axes, {name.name.lower(): flows[..., name] for name in Flow})
