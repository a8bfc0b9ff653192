"""What a lower floor asks of a higher one without knowing it: to draw or show a result or a block.

Whoever holds a result wants ``result.plot()``, but results stand on floor 0 and charts on floor 4;
a passport shows itself, but what a block looks like is known on floor 5. So they call these hooks,
and the top of the package, which knows every floor, sets them. This module imports nothing.
"""


def draw(result, ax=None):  # type: ignore[no-untyped-def]  # the types would have to be imported
    """Draw a result on an Axes; ``qieval/__init__.py`` puts the real function in this place."""
    raise RuntimeError("No drawing is connected: `qieval/__init__.py` connects it.")


def release(result, profile):  # type: ignore[no-untyped-def]
    """A result as it may be passed on; ``qieval/__init__.py`` sets it too."""
    raise RuntimeError("No release is connected: `qieval/__init__.py` connects it.")


def show_result(result):  # type: ignore[no-untyped-def]
    """A result's output where it ends a cell, and its metadata; set there too."""
    raise RuntimeError("No report is connected: `qieval/__init__.py` connects it.")


def show(block):  # type: ignore[no-untyped-def]
    """A block's output for a notebook, by MIME type; ``qieval/__init__.py`` sets it too."""
    raise RuntimeError("No report is connected: `qieval/__init__.py` connects it.")
