"""The embedded example programme, simulated, with its truth known; outside the package.

``python -m simulation`` writes it again, byte for byte as it was.
"""

from simulation.writing import write

__all__ = ["write"]
