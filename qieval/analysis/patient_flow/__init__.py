"""Patient flow: beds occupied and available, admissions and discharges of a ward over time."""

from qieval.analysis.patient_flow.analysis import patient_flow
from qieval.analysis.patient_flow.words import PatientFlowResult

__all__ = ["PatientFlowResult", "patient_flow"]
