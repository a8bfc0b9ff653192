"""Reading: from a workbook or file to a checked table and its data passport."""

from qieval.intake.reading.passport import Loaded, Passport
from qieval.intake.reading.read import read
from qieval.intake.reading.values.suppression import SUPPRESSED

__all__ = ["SUPPRESSED", "Loaded", "Passport", "read"]
