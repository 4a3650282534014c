"""What a release must keep: the margins of each metric, and the error rates of the gate."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, FiniteFloat, ValidationError, model_validator

from ragstone.errors import UsageError
from ragstone.types import Record


class MetricRule(Record):
    """How far one metric may fall.

    ``margin``: the largest loss against the baseline that still passes, in the metric's own unit; for a metric whose
    goal is "zero", the largest mean on either side that still counts as none. ``minimum``: the worst mean of the
    candidate that is accepted (a ceiling where lower is better). ``slices``: see `slices.members`.
    ``slice_margin``: the margin within them, which hold fewer cases and prove less; ``margin`` if not given.
    """

    margin: FiniteFloat | None = Field(default=None, gt=0)
    slice_margin: FiniteFloat | None = Field(default=None, gt=0)
    minimum: FiniteFloat | None = None
    slices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.margin is None and self.minimum is None:
            raise ValueError("give a margin, a minimum, or both")
        if self.slice_margin is not None and (self.margin is None or not self.slices):
            raise ValueError("a slice_margin goes with a margin and slices")
        return self


class GateRules(Record):
    """``alpha``: how often an unchanged system may FAIL, over all rows together, and a row that lost its margin PASS.

    ``power``: the chance to detect that ``mde`` and ``needed`` of a row are computed for.
    """

    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    power: float = Field(default=0.8, ge=0.5, lt=1)
    metrics: Mapping[str, MetricRule] = Field(min_length=1)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], source: str = "the gate") -> Self:
        """Rules out of a table of a suites file; ``source`` names it in errors.

        Raises:
            UsageError: a key is unknown or missing, or a value is out of range. All of them are named.
        """
        try:
            return cls.model_validate(mapping)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            raise UsageError(f"The rules of {source} do not hold together: {faults}. Mend them.") from error
