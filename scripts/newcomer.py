"""Play a newcomer: clone, `make run`, `new` from published workbooks, `check`, `run`, `share`.

    python -m scripts.newcomer ../shared/data

The folder holds the published data sets (`qieval data list`), as the setting `open_data_mirror`
names it. The newcomer knows what the figures are and nothing of qieval: a line is written into a
file only when a message has named what it is about, else the script stops. What was typed, said and
counted is written to docs/newcomer.md.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.docs_site import environment, trimmed

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "newcomer.md"
PROGRAMME = "params/my-programme"
MOST_ANSWERS = 8


@dataclass
class Counted:
    """What a task took."""

    name: str
    keystrokes: int = 0
    seconds: float = 0.0
    questions: int = 0


@dataclass
class Newcomer:
    """Somebody at a terminal with a text editor."""

    folder: Path
    told: list[str] = field(default_factory=list)
    tasks: list[Counted] = field(default_factory=list)

    def begin(self, task: str) -> None:
        """What is done from now on is counted for this task."""
        self.tasks.append(Counted(task))
        self.told.append(f"## {task}")

    def types(self, command: str, *, fine: Sequence[int] = (0,)) -> tuple[int, str]:
        """A command, what it says, and how it ends."""
        qieval = self.folder / ".venv" / "bin" / "qieval"
        words = shlex.split(command)
        began = time.monotonic()
        done = subprocess.run(
            [str(qieval) if words[0] == "qieval" else words[0], *words[1:]],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        now = self.tasks[-1]
        now.seconds += time.monotonic() - began
        now.keystrokes += len(command) + 1
        # What pip says of the mirrors of this computer is no part of the story.
        told = re.sub(r"(?m)^WARNING: Location .*\n", "", done.stdout)
        said = trimmed(told).replace(f"{self.folder}/", "").replace(str(self.folder), ".")
        self.told.append(f"```text\n$ {command}\n{said}\n```")
        if done.returncode not in fine:
            raise SystemExit(f"Stuck: `{command}` ended with {done.returncode}.\n{said}")
        return done.returncode, said

    def fills_in(self, file: str, line: str, below: int | None = None) -> None:
        """A line of a file: in the place of the first that begins alike, or below another."""
        at, key = self.folder / file, line.partition(":")[0]
        now = self.tasks[-1]
        now.keystrokes += len(line) + 1
        now.questions += 1
        text = at.read_text(encoding="utf-8")
        deeper = r"(?:\n\1 +[^\s#].*)*"  # the lines of a mapping go with it
        place = rf"^( *)(?:# )?{re.escape(key)}:.*$" + deeper
        text, count = re.subn(
            place, lambda found: found[1] + line, text, count=1, flags=re.MULTILINE
        )
        if not count:
            lines = text.splitlines()
            beside = lines[below - 1] if below else ""
            blanks = " " * (len(beside) - len(beside.lstrip()))
            lines.insert(below or len(lines), blanks + line)
            text = "\n".join(lines) + "\n"
        at.write_text(text, encoding="utf-8")
        self.told.append(f"In `{file}`, as the message says:\n\n```yaml\n{line}\n```")

    def checks(self, project: str, answers: Sequence[str]) -> None:
        """Follow the messages until the check is passed; each may ask for what is not yet known."""
        left = list(answers)
        for _ in range(MOST_ANSWERS):
            code, said = self.types(f"qieval check {PROGRAMME}/{project}", fine=(0, 1))
            if code == 0:
                return
            named = [one for one in left if f"{one.partition(':')[0]}:" in said]
            if not named:
                raise SystemExit(
                    f"Stuck: nothing in this message is known to the newcomer.\n{said}"
                )
            files = re.findall(rf"(?:✗|Where:) ({PROGRAMME}/\S+\.yml)(?:, line (\d+))?", said)
            if not files:
                raise SystemExit(f"Stuck: this message does not say where to write.\n{said}")
            file, number = files[0]
            self.fills_in(file, named[0], int(number) if number else None)
            left.remove(named[0])
        raise SystemExit(f"Stuck: {MOST_ANSWERS} answers and no end.")


R_ON_PAPER = {
    "Run chart of a workbook": """\
library(readxl); library(dplyr); library(NHSRplotthedots)
d <- read_excel("MHSDS-England-admissions-discharges.xlsx")
names(d)[1] <- "month"
p <- ptd_spc(d, value_field = "Monthly admissions", date_field = "month",
  improvement_direction = "decrease")
ggplot2::ggsave("chart.png", ptd_create_ggplot(p))
""",
    "Interrupted time series": """\
library(nlme)
d$t <- seq_len(nrow(d)); d$after <- as.integer(d$month >= as.Date("2020-03-01"))
d$since <- cumsum(d$after)
m <- gls(`Monthly admissions` ~ t + after + since, d, correlation = corAR1(form = ~ t))
summary(m); confint(m)
""",
    "One question of a national workbook": """\
s <- read_excel("Physical-Health-Checks-SMI Raw Data.xlsx") |>
  filter(Question == "SMIRegister", `CCG Code` == "02Y") |>
  mutate(month = quarter_end(Period))  # a function to be written: SMI-Q4-2023-2024
ptd_create_ggplot(ptd_spc(s, value_field = "Answer", date_field = "month"))
""",
    "The same again with new data": """\
source("all-of-the-above.R")
""",
    "A site to pass on": """\
d <- mutate(d, across(where(is.numeric), \\(n) if_else(n < 5, NA, round(n / 5) * 5)))
quarto::quarto_render("report.qmd")
""",
}
"""The five tasks in R; nobody has run this: its letters are counted."""


CHECKS = (
    "where: {Question: SMIRegister, CCG Code: 02Y}",
    "columns: {period: Period, unit: CCG Code}",
    "value: Answer",
)
"""What somebody who knows the workbook of physical health checks can say of it."""


OTHERS = {
    "england-eip-waits": (
        "value: Gt_0_1_Weeks",
        "columns: {unit: Provider_Org_code, period: Date, group: Org_Code}",
        "where: {unit: RT1, group: 06H}",
    ),
    "mimic3-demo-spells": (),
    "nhs-ae-attendances": (
        "value: attendances",
        "columns: {period: period, unit: org_code, group: type}",
        "where: {unit: RF4, group: 1}",
    ),
    "scot-delayed-discharges": (
        "value: NumberOfDelayedBedDays",
        "where: {HBT: S92000003, AgeGroup: 18plus, ReasonForDelay: All Delay Reasons}",
    ),
    "scot-mh-beds": (
        "value: AllStaffedBeddays",
        "where: {Location: S92000003, SpecialtyName: Mental Health Grouping}",
        "quarters: calendar",
    ),
}
"""The other published tables, and what somebody who knows them can say of each.

The survey of analysts is one wave of answers, and the list of organisations holds no figures.
"""


def main() -> None:
    """All of it, and the page."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        raise SystemExit(__doc__)
    mirror = Path(sys.argv[1]).resolve()
    folder = Path(tempfile.mkdtemp(prefix="qieval-newcomer-")) / "qieval"
    try:
        played = play(folder, mirror)
        PAGE.write_text(page(played).replace(str(mirror), "../shared/data"), encoding="utf-8")
    finally:
        shutil.rmtree(folder.parent)


def play(folder: Path, mirror: Path) -> Newcomer:
    """The first hour."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    one = Newcomer(folder)
    one.begin("A fresh clone")
    one.types("make run")
    settings = folder / "qieval.toml"
    text = settings.read_text(encoding="utf-8")
    line = f'open_data_mirror = "{mirror.as_posix()}"'
    settings.write_text(re.sub(r"(?m)^open_data_mirror = .*$", line, text), encoding="utf-8")
    one.told.append("`open_data_mirror` in `qieval.toml` names the folder of published data.")

    one.begin("Run chart of a workbook")
    one.types("qieval new admissions --from open-data:england-mh-admissions")
    one.checks("admissions", ["value: Monthly admissions"])
    one.types(f"qieval run {PROGRAMME}/admissions")

    one.begin("Interrupted time series")
    one.types(
        "qieval new admissions --from open-data:england-mh-admissions "
        "--notebook interrupted_time_series"
    )
    one.checks("admissions", ["intervention: 2020-03-01"])
    one.types(f"qieval run {PROGRAMME}/admissions", fine=(0, 1))

    one.begin("One question of a national workbook")
    one.types("qieval new checks --from open-data:england-smi-physical-health")
    one.checks("checks", CHECKS)
    one.types(f"qieval run {PROGRAMME}/checks")

    one.begin("Every other published table")
    for name, known in OTHERS.items():
        one.types(f"qieval new {name} --from open-data:{name} --no-ask")
        one.checks(name, known)

    one.begin("The same again with new data")
    one.types(f"qieval run {PROGRAMME}")

    one.begin("A site to pass on")
    one.types("qieval share outputs/my-programme")
    return one


def page(played: Newcomer) -> str:
    """The transcript, and what was counted."""
    lines = [
        "# A newcomer's first hour",
        "Written by `scripts/newcomer.py`, which plays somebody who knows the data and not qieval: "
        "a line is written into a file only when a message has named it. The workbooks are "
        "published data ([`qieval data list`](data_formats.md#where-data-come-from)).",
        "## What was counted",
        "Keystrokes are the letters typed, commands and lines of files; seconds are those of the "
        "commands, on two processors; questions are the lines that qieval asked for. The "
        "last column is on paper: the letters of an R script for the same task, which nobody has "
        "run. It needs no question, because whoever writes it knows every answer before; it has "
        "no page with its checks, provenance and withheld counts.",
        "| task | keystrokes | seconds | questions | keystrokes in R, on paper |\n"
        "|---|---|---|---|---|\n"
        + "\n".join(
            f"| {task.name} | {task.keystrokes} | {task.seconds:.0f} | {task.questions} | "
            f"{len(R_ON_PAPER[task.name])} |"
            for task in played.tasks
            if task.name in R_ON_PAPER
        ),
        *played.told,
        "## The same tasks in R, on paper",
        "With readxl, dplyr, NHSRplotthedots, nlme and Quarto.",
        "```r\n" + "\n".join(R_ON_PAPER.values()) + "```",
    ]
    return "\n\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
