"""The whole of what can be set: one frozen dataclass, usable with no configuration library."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.levers import (
    Adaptation,
    Bargaining,
    Incentives,
    Partnership,
    Platform,
    Product,
    Service,
    Supervision,
)
from scenarios.market import Horizon, Market, Population
from scenarios.quantity import quantity, section


@dataclass(frozen=True)
class Scenario:
    """A market, its people and the position of every lever.

    ``Scenario()`` is the default market; ``dataclasses.replace`` makes others.
    """

    name: str = quantity("default", "word", "assumption")
    story: str = quantity("", "words", "assumption", note="two lines: what happens here")
    watch: str = quantity("", "words", "assumption", note="what to look at")
    market: Market = section(Market)
    population: Population = section(Population)
    horizon: Horizon = section(Horizon)
    product: Product = section(Product)
    partnership: Partnership = section(Partnership)
    bargaining: Bargaining = section(Bargaining)
    incentives: Incentives = section(Incentives)
    platform: Platform = section(Platform)
    service: Service = section(Service)
    supervision: Supervision = section(Supervision)
    adaptation: Adaptation = section(Adaptation)
    calendar: tuple[str, ...] = quantity(
        (), "YYYY-MM: key=value", "assumption", note="dated changes to any setting below a lever"
    )
