"""Parameters, all of them from signatures and project files.

The functions that a notebook calls say what it can be told (:mod:`qieval.params.known`); what an
evaluation does not say itself comes from its project (:mod:`qieval.params.settled`). Files
(:mod:`qieval.params.files`) and notebooks (:mod:`qieval.params.notebook`) are read the same way;
:mod:`qieval.params.written` writes cells and documentation.
"""

from qieval.catalogue import evaluation
from qieval.params.files import EvaluationFile, read_evaluation
from qieval.params.known import parameters_of
from qieval.params.notebook import Parameters, parameters
from qieval.params.saved import save_parameters
from qieval.params.written import cell, document

__all__ = [
    "EvaluationFile",
    "Parameters",
    "cell",
    "document",
    "evaluation",
    "parameters",
    "parameters_of",
    "read_evaluation",
    "save_parameters",
]
