"""A workspace of one's own: made in an empty folder, with the example to look at and to change."""

from __future__ import annotations

import shutil
from pathlib import Path

from qieval.core.config import SETTINGS_FILE
from qieval.core.errors import WorkspaceError, listed
from qieval.core.workspace import shipped

EXAMPLE = "closing-the-gap"
COPIED = (f"params/{EXAMPLE}", "params/open-data", f"data/{EXAMPLE}")
"""What qieval carries and a new workspace gets."""

README = "README.txt"

README_TEXT = f"""\
This is a qieval workspace: data and parameter files in, evaluation pages out.

params/   what to evaluate: <programme>/<project>/<notebook>[.<label>].yml
data/     the data that the parameter files name; paths there start from this folder
outputs/  what `qieval run` writes: open outputs/index.html

`params/{EXAMPLE}` and `data/{EXAMPLE}` are a made-up programme, to try things with.

    qieval check      looks at every parameter file and its data, runs nothing
    qieval run        evaluates the example; `qieval run params/<programme>` another programme
    qieval lab        opens working copies of the notebooks in lab/, to work through one
                      step by step; `qieval lab <project>` fills in its parameters

Take care what you share: qieval keeps your data on this computer, and so should you.
"""

SETTINGS_TEXT = """\
# Settings of this workspace. Take the # away to change one; folders are written with / not \\.

# Where runs are written.
# outputs = "outputs"

# How many notebooks run at the same time (default: one for each processor).
# workers = 2

# What runs them: "warm" (Linux only), "ahead" (kernels that are started before they are needed), or
# "papermill" (a new kernel each time: the reference, and slow).
# engine = "papermill"

# Megabytes that one notebook may use (Linux only; default: as many as there are).
# memory_limit = 8000

# Seconds that one step of a notebook may take.
# cell_timeout = 600

# A folder that holds open data sets; it is looked at before the network.
# open_data_mirror = "../open-data"

# The file with the key that turns people's codes into pseudonyms; never in the outputs folder.
# Default: one in your own configuration folder, made when it is first needed.
# key = "../pseudonyms.key"
"""


def make_workspace(folder: Path) -> list[str]:
    """Make a workspace in a folder, which is made if need be.

    Raises WorkspaceError if something that would be written is there already; nothing is written
    then.

    Returns
    -------
    list of str
        What was put there, relative to the folder.
    """
    wanted = ("params", f"data/{EXAMPLE}", SETTINGS_FILE, README)
    there = [name for name in wanted if (folder / name).exists()]
    if there:
        raise WorkspaceError(
            "A new workspace cannot be made here: some of it is there already.",
            found=listed(there),
            remedy="Use an empty folder: `qieval init <folder>`.",
        )
    for name in COPIED:
        if not shipped(name).is_dir():
            raise WorkspaceError(
                f"This installation of qieval lacks its own `{name}`.",
                remedy="Install qieval again.",
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in COPIED:
            shutil.copytree(
                shipped(name), folder / name, ignore=shutil.ignore_patterns(".*", "__pycache__")
            )
        (folder / SETTINGS_FILE).write_text(SETTINGS_TEXT, encoding="utf-8")
        (folder / README).write_text(README_TEXT, encoding="utf-8")
    except OSError as error:
        raise WorkspaceError(
            "The workspace cannot be made here.",
            found=error.strerror,
            remedy="Use a folder in which you may write.",
            where=folder.name or None,
        ) from error
    return [*COPIED, SETTINGS_FILE, README]
