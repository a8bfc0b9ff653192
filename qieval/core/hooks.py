"""What a lower floor asks of a higher one without knowing it: today, to draw a result.

Whoever holds a result wants ``result.plot()``, but results stand on floor 0 and charts on floor 4.
So a result calls ``hooks.draw``, and the top of the package, which knows every floor, sets it. This
module imports nothing.
"""


def draw(result, ax=None):  # type: ignore[no-untyped-def]  # the types would have to be imported
    """Draw a result on an Axes; ``qieval/__init__.py`` puts the real function in this place."""
    raise RuntimeError("No drawing is connected: `qieval/__init__.py` connects it.")
