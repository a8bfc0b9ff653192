"""A change brought into several units at different times: did it make a difference?

Formulas, calibration and sources: docs/methods/roll_out.md.
"""

from qieval.analysis.roll_out.analysis import roll_out
from qieval.analysis.roll_out.methods.power import RollOutPowerResult, roll_out_power
from qieval.analysis.roll_out.words import RollOutResult

__all__ = ["RollOutPowerResult", "RollOutResult", "roll_out", "roll_out_power"]
