"""Floor 1: the embedded example programme, simulated, with its truth known.

``python -m qieval.example`` writes it again, byte for byte as it was.
"""

from qieval.example.writing import write

__all__ = ["write"]
