"""Counting evaluations: one function, so that no two places can contradict one another."""

from __future__ import annotations

from dataclasses import replace

import qieval as qi
from qieval.batch.manifest import Manifest
from qieval.batch.records import Record
from qieval.core.evaluated import Evaluated, counts_of
from qieval.core.result import rebuilt, to_plain
from qieval.core.verdict import Verdict
from qieval.share.index import home_page, programme_page
from tests.analysis.programme.made import refused, series

RESULTS = [series("alder", -2.0), series("birch", 0.0), series("cedar", 3.0), refused("fir")]


def bare(project: str) -> Evaluated:
    """A project for which nothing was set up."""
    return replace(refused(project), name=f"{project}/", title="", notebook="")


def record_of(item: Evaluated) -> Record:
    return Record(
        programme="made",
        evaluation=item.name,
        title=item.title,
        project=item.project_name,
        status=item.status,  # type: ignore[arg-type]
        finished="2026-03-05T09:00:00+00:00",
        seconds=1.0,
        verdict=rebuilt(Verdict, to_plain(item.verdict)) if item.verdict else None,
    )


def test_by_status_and_by_verdict():
    verdicts = [Verdict("worse"), Verdict("improved"), Verdict("improved", alone=False)]
    done = [
        replace(record_of(item), verdict=verdict)
        for item, verdict in zip(RESULTS, verdicts, strict=False)
    ]
    counts = counts_of([*done, record_of(RESULTS[3]), bare("gorse")], not_run=2)
    assert counts.statuses == {"done": 3, "not evaluated": 1, "not run": 2}
    assert list(counts.states.items()) == [
        ("improved", 1),
        ("worse", 1),
        ("changed, not alone", 1),
    ]
    assert (counts.total, counts.done) == (6, 3)
    assert counts_of([]).in_words() == "0 evaluations"


def test_index_home_roll_up_and_what_was_read_count_the_same():
    counts = counts_of(RESULTS)
    records = {item.name: record_of(item) for item in RESULTS}
    roll_up = replace(records["alder/interrupted_time_series"], evaluation="all/programme")
    records["all/programme"] = replace(roll_up, roll_up=True)
    manifest = Manifest("made", "Made", records=records)
    words = counts.in_words()
    assert words == "4 evaluations: 3 evaluated and 1 not evaluated"
    assert words in programme_page(manifest)
    assert words in home_page([manifest])
    for state, count in counts.states.items():
        assert f"{count} {state}</span>" in programme_page(manifest)
    read = qi.report.results_read([*RESULTS, bare("gorse")])
    assert read.source == f"{counts.in_words('made')}."
    row = qi.programme([*RESULTS, bare("gorse")]).estimates.loc["evaluations"]
    assert (row["estimate"], row["n"]) == (counts.done, counts.total)
