"""What the example says of itself: ``README.md`` and ``dataset.yml``."""

from __future__ import annotations

import yaml

from qieval.core.config import SEED
from simulation.programme import CHALLENGES, EXTRACT_DATE, NETWORKS, PROJECTS
from simulation.wards import WARDS

LABEL = "SIMULATED. Not patients."
TITLE = "SIMULATED records of the invented programme Closing the gap"
NOTES = (
    "Simulated by qieval (python -m simulation). No patient, ward or programme is real.",
    "The truth behind every project is in TRUTH.yml.",
)


def dataset_text() -> str:
    """``dataset.yml``: where the data come from, as every page shows it."""
    said = {
        "title": TITLE,
        "publisher": "qieval (its own simulator)",
        "licence": "MIT",
        "attribution": "Simulated data, made by qieval. No patient, ward or programme is real.",
        "simulated": True,
        "notes": list(NOTES),
    }
    return f"# {LABEL}\n" + yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=96)


def readme() -> str:
    """``README.md``."""
    wards = [
        f"| {w.ward} | {w.network} | {w.change} | {w.intervention:%B %Y} | {w.built_in} |"
        for w in WARDS
    ]
    others = [f"| `{p.folder}` | {p.network} | {p.team} | {p.built_in} |" for p in PROJECTS]
    networks = [f"| {name} | {whom} |" for name, whom in NETWORKS.items()]
    challenges = [
        f"| {challenge} | {', '.join(f'`{folder}`' for folder in folders)} |"
        for challenge, folders in CHALLENGES.items()
    ]
    return README.format(
        label=LABEL,
        seed=SEED,
        extract=f"{EXTRACT_DATE.day} {EXTRACT_DATE:%B %Y}",
        projects=len(WARDS) + len(PROJECTS),
        wards="\n".join(wards),
        others="\n".join(others),
        networks="\n".join(networks),
        challenges="\n".join(challenges),
    )


README = """# Closing the gap (simulated)

**{label}** Everything here is invented: the people, the wards, the networks, the
programme and its results. The records were drawn by `python -m simulation` with the seed
{seed}; the same command writes the same bytes again. No result of any real programme is used
or implied.

The programme brings {projects} projects of twelve networks together. Many hope to move care from
mental health wards into the community; others work on physical health checks, access in a crisis,
services for people with a borderline diagnosis, activities, and prescribing.

| file | one row is |
|---|---|
| `spells.csv` | a stay; no end date: still in on {extract} |
| `leave.csv` | a leave of somebody who is in; some entries overlap |
| `beds.csv` | a ward and month: staffed beds |
| `returns.csv` | a month, for the ward that sends sums only |
| `cases.csv` | an admission and the chance of a fall expected of it; or a fall and its place |
| `checks.csv` | a ward and year: patients, and those with all six health checks |
| `audit.csv` | a record and a check: met, not met, not applicable, refused, or blank |
| `provision.csv` | a service and a standard: met, partly met, not met, not applicable, or blank |
| `survey.csv` | a respondent; `comment` is there to see that nothing ever shows it |
| `waits.csv` | a request for a bed, or a referral for an assessment |
| `roll_out.csv` | a ward and month: when the ward began, restraints, occupied bed days |
| `follow_up.csv` | a discharge: the deprivation fifth, and whether seen within 72 hours |
| `doses.csv` | a team: sessions or meetings held; of one project also its effect |
| `measures.csv` | a month of one measure: outcome, process or balancing |
| `pdsa.csv` | a plan-do-study-act cycle and a reviewer who scored it |
| `events.csv` | something that happened, to one project or (blank) to all |
| `staffing.csv` | a team and month: empty posts, agency shifts, staff who left, in percent |
| `returns_log.csv` | a return that was due, and when it came (blank: never) |
| `involvement.csv` | an occasion on which people who use the service took part, or did not |
| `quotes.csv` | something that somebody said, its theme, and who has checked it |
| `dataset.yml` | (where the data come from, as every page shows it) |
| `TRUTH.yml` | (what is built into all of this) |

Records cover January 2015 to December 2019 at most. The years end before 2020 so that no pandemic
has to be simulated. Stays that were under way when the records begin keep their earlier start date,
so count bed days from the first month only. People are numbered `SIM-000001` and so on; there are
no names, birth dates or NHS numbers.

## Networks

| network | whom it brings together |
|---|---|
{networks}

## What is built in: bed days

| ward | network | change | began | truth |
|---|---|---|---|---|
{wards}

## What is built in: everything else

| project | network | team | truth |
|---|---|---|---|
{others}

## What made the work hard

| challenge | built into |
|---|---|
{challenges}

## How it was made

For each ward a monthly mean of occupied beds is drawn: a level, a small season (high in January),
the effect, and noise in which neighbouring months are alike. It is rounded to whole bed days and
laid over the month's nights. Then people are admitted and discharged so that exactly that many
sleep on the ward each night, or are on leave from it. About a quarter of the stays are of someone
who was there before. Nobody moves between wards. The first 5,269 stays are those of the first three
networks; wards that were added follow them.

`checks.csv` holds thirty wards, some of the projects' among them. Each has a true share of patients
with all six physical health checks; how many had them in a year is drawn from it. The shares
scatter a little; those of Sorrel ward and Thistle ward are far off. The patients in it are not
those of `spells.csv`.

In `audit.csv` whether a check was done depends on the wave, the check, the team and the person. In
`survey.csv` the odds of a better answer are multiplied by the same factor at every cut. In
`waits.csv` the logarithm of the wait is normal, and who is refused or gives up does so whatever the
wait would have been. Restraints of `roll_out.csv` are drawn from a rate of the ward's own, which a
network's wards share a part of in each month and in which neighbouring months are alike; who began
when was drawn by lot. Figures of `measures.csv` are drawn from the true share or rate of the month.
Events, cycles, involvement, quotes and the
meetings of `doses.csv` were written by hand.
"""
