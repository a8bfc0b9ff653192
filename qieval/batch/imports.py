"""What notebooks need, imported before it is known which notebook will.

To import this module is to import it. The shell must be there before: pandas and matplotlib look
for one when they are imported. The prepared process forks with it
(:mod:`qieval.batch.prepared`); a kernel that is started ahead (:mod:`qieval.batch.ahead`) loads it
as an extension of IPython.
"""

from __future__ import annotations

# ruff: noqa: F401 - all of this is otherwise imported when it is first used, by every notebook
import encodings.utf_8_sig
import os
from collections.abc import Iterable, Mapping

import duckdb
import ibis.backends.duckdb
import ibis.backends.duckdb.converter
import ibis.expr.types.groupby
import ibis.formats.numpy
import ibis.formats.pyarrow
import IPython.core.logger
import matplotlib.backends.backend_agg
import matplotlib.backends.backend_svg
import matplotlib.pyplot
import pyarrow.acero
import pyarrow.dataset
import statsmodels.stats.proportion

import qieval.charts
import qieval.charts.svg
import qieval.flow.units
import qieval.intake.theories
import qieval.params
import qieval.report
from qieval.catalogue import EVALUATIONS, load
from qieval.core.reads import note_reads

for row in EVALUATIONS.values():
    for address in (row.analysis, *row.before, *row.after):
        load(address)
matplotlib.pyplot.close(matplotlib.pyplot.figure())  # imports what shows figures in a notebook


def load_ipython_extension(shell: object) -> None:
    """Everything is imported by now."""


def begin(gone: Iterable[str], given: Mapping[str, str], folder: str) -> None:
    """Take the place of a kernel that was started for one notebook.

    Parameters
    ----------
    gone : iterable of str
        Names in the environment that are no longer there.
    given : mapping
        What stands in the environment now.
    folder : str
        Where the notebook runs.
    """
    for name in gone:
        os.environ.pop(name, None)
    os.environ.update(given)
    os.chdir(folder)
    note_reads()
