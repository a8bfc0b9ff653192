"""Joint display: what the figures say beside what people said, by theme. Nothing is coded here."""

from qieval.analysis.joint_display.analysis import joint_display
from qieval.analysis.joint_display.words import JointDisplayResult

__all__ = ["JointDisplayResult", "joint_display"]
