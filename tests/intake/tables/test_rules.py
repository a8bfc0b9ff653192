"""Each kind read from a file: a good one, and one with every mistake its rules are there for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import DataError


def _file(folder: Path, text: str) -> Path:
    file = folder / "table.csv"
    file.write_text("\n".join(line.strip() for line in text.strip().splitlines()), "utf-8")
    return file


def _faults(folder: Path, kind: str, text: str) -> list[str]:
    with pytest.raises(DataError) as raised:
        qi.read(_file(folder, text), kind)
    lines = str(raised.value).splitlines()
    return [line.strip() for line in lines if line.startswith("  row ")]


GOOD = {
    "spells": """person,start,end,ward,discharged_to
        a,2024-01-01,2024-02-01,Elm,home
        a,2024-03-01,,Elm,""",
    "beds": """period,ward,beds
        2024-01,Elm,12
        2024-01,Oak,0
        2024-02,Elm,11.5""",
    "waits": """referred,started,person,outcome,closed,team,distance_km
        2024-01-05 23:10,2024-01-05,a,,,North,1.5
        2024-01-06 08:00,2024-01-06 09:30,b,here,,North,
        2024-01-07,,c,refused,2024-01-07,North,0
        2024-01-08,,d,,,North,""",
    "cases": """date,event,risk,ward
        2024-01-01,1,0.25,Elm
        2024-01-01,0,0,Elm
        2024-01-02,0,1,Elm""",
    "reasons": """date,reason,ward
        2024-01-01,By the bed,Elm
        2024-01-01,,Elm""",
    "audit": """wave,standard,result,record,team
        2023,1,yes,r1,North
        2023,2,no,r1,North
        2024,1,yes,r1,North
        2023,1,yes,r2,South""",
    "responses": """respondent,wave,ward,q1,q2
        a,before,Elm,agree,5
        a,after,Elm,disagree,4
        ,after,Elm,disagree,4
        ,after,Elm,disagree,4""",
    "pdsa": """cycle,project,follows,started,ended,change,size,whole,reviewer
        1,P,,2024-01-01,2024-01-09,Board round at 9,1,20,A
        1,P,,2024-01-01,2024-01-09,Board round at 9,1,20,B
        2,P,1,2024-02-01,,Board round at 8,5,20,A
        1,Q,,2024-03-01,,,,,A
        2,Q,1,,,,,,A""",
    "events": """date,event,kind,planned
        2024-01-01,Trusts merged,organisation,yes
        2024-01-01,New system,data system,no""",
    "returns": """team,period,due,received
        North,2024-01,2024-02-15,2024-02-01
        North,2024-02,2024-03-15,
        South,2024-01,2024-02-15,2024-02-20""",
    "involvement": """stage,level,date,people,paid
        choosing,none,2024-01-01,0,no
        testing,co-designed,2024-02-01,3,yes
        testing,,,,""",
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_table_passes_whole(kind: str, tmp_path: Path) -> None:
    loaded = qi.read(_file(tmp_path, GOOD[kind]), kind)
    assert len(loaded.table) == len(GOOD[kind].strip().splitlines()) - 1
    assert loaded.table.attrs["kind"] == kind
    assert loaded.passport.rows_kept == loaded.passport.rows_read


def test_counted_audits_pass(tmp_path: Path) -> None:
    text = """wave,standard,met,applicable,team
        2023,1,3,10,North
        2023,1,0,0,South
        2023,2,10,10,North"""
    assert len(qi.read(_file(tmp_path, text), "audit").table) == 3


def test_an_audit_needs_results_or_both_counts(tmp_path: Path) -> None:
    text = """wave,standard,met
        2023,1,3"""
    with pytest.raises(DataError, match="needs `result` or `met` and `applicable`"):
        qi.read(_file(tmp_path, text), "audit")


def test_a_moment_keeps_its_time_of_day_and_a_date_does_not(tmp_path: Path) -> None:
    text = """referred,started,closed
        05/01/2024 11:05 pm,2024-01-06T00:30:15Z,
        5 January 2024 12:00 am,,2024-01-09 17:00"""
    table = qi.read(_file(tmp_path, text), "waits").table
    assert table["referred"].tolist() == [
        pd.Timestamp("2024-01-05 23:05"),
        pd.Timestamp("2024-01-05 00:00"),
    ]
    assert table["started"].iloc[0] == pd.Timestamp("2024-01-06 00:30:15")
    assert table["closed"].iloc[1] == pd.Timestamp("2024-01-09")


@pytest.mark.parametrize("time", ["25:00", "12:61", "13:00 pm", "0:30 am"])
def test_a_time_that_no_clock_shows_is_a_fault(time: str, tmp_path: Path) -> None:
    text = f"""referred,started
        2024-01-05 {time},2024-01-06"""
    assert _faults(tmp_path, "waits", text) == [
        "row 2, column `referred`: there is no such time of day"
    ]


def test_spells(tmp_path: Path) -> None:
    text = """person,start,end,discharged_to
        a,2024-02-01,2024-01-01,home
        b,1899-12-30,2024-01-01,home
        c,2024-02-01,9999-12-31,home
        d,2024-02-01,2024-02-03,home
        d,2024-02-01,2024-02-03,home"""
    assert _faults(tmp_path, "spells", text) == [
        "row 2, column `end`: the end is before the start",
        "row 3, column `start`: the year of the start is outside 1900 to 2299",
        "row 4, column `end`: the year of the end is outside 1900 to 2299; for somebody still in, "
        "leave it blank",
        "row 6, column `person`: repeats row 5 (same person, start, end and ward)",
    ]


def test_beds(tmp_path: Path) -> None:
    text = """period,ward,beds
        2024-01,Elm,-1
        2024-02,Elm,10
        2024-02,Elm,11
        2024-03,Elm,10
        2024-03,Elm,10"""
    assert _faults(tmp_path, "beds", text) == [
        "row 2, column `beds`: is less than 0",
        "row 4, column `period`: the same period (and unit) as row 3, with other figures",
        "row 6, column `period`: repeats row 5, every cell the same",
    ]


def test_waits(tmp_path: Path) -> None:
    text = """referred,started,person,closed,distance_km
        2024-01-05,2024-01-04,a,,
        2024-01-05 10:00,2024-01-05 09:00,b,,
        2024-01-05,,c,2024-01-01,
        2024-01-05,2024-01-09,d,2024-01-08,
        2024-01-05,,e,,-3
        2024-01-06,,f,,1
        2024-01-06,,f,,2
        ,2024-01-06,g,,
        2024-01-06 10:00,1900-01-01,h,,
        1066-01-06,,i,,"""
    assert _faults(tmp_path, "waits", text) == [
        "row 2, column `started`: care started before the referral",
        "row 3, column `started`: care started before the referral",
        "row 4, column `closed`: was closed before the referral",
        "row 5, column `started`: care started after the referral was closed",
        "row 6, column `distance_km`: is less than 0",
        "row 8, column `person`: repeats row 7 (same person, dates and team)",
        "row 9, column `referred`: is blank, and must not be",
        "row 10, column `started`: care started before the referral",
        "row 11, column `referred`: the year of the referral is outside 1900 to 2299",
    ]


def test_cases(tmp_path: Path) -> None:
    text = """date,event,risk
        2024-01-05,1,-0.1
        2024-01-05,0,1.2
        2024-01-06,2,0.5
        ,1,0.5
        1066-01-06,1,1"""
    assert _faults(tmp_path, "cases", text) == [
        "row 2, column `risk`: is no chance from 0 to 1",
        "row 3, column `risk`: is no chance from 0 to 1",
        "row 4, column `event`: is neither 0 nor 1",
        "row 5, column `date`: is blank, and must not be",
        "row 6, column `date`: the year of the date is outside 1900 to 2299",
    ]


def test_audit_counts(tmp_path: Path) -> None:
    text = """wave,standard,met,applicable,team
        2023,1,11,10,North
        2023,2,-1,10,North
        2023,3,1.5,10,North
        2023,4,1,10,North
        2023,4,2,10,North
        ,5,2,10,North"""
    assert _faults(tmp_path, "audit", text) == [
        "row 2, column `met`: more met the standard than it applied to",
        "row 3, column `met`: is less than 0",
        "row 4, column `met`: is not a whole number",
        "row 6, column `standard`: the same wave, standard and record (or team) as row 5, with "
        "other cells",
        "row 7, column `wave`: is blank, and must not be",
    ]


def test_audit_records(tmp_path: Path) -> None:
    text = """wave,standard,result,record
        2023,1,yes,r1
        2023,1,no,r1
        2023,2,yes,r1
        2023,2,yes,r1"""
    assert _faults(tmp_path, "audit", text) == [
        "row 3, column `standard`: the same wave, standard and record (or team) as row 2, with "
        "other cells",
        "row 5, column `standard`: repeats row 4, every cell the same",
    ]


def test_records_without_a_name_may_be_alike(tmp_path: Path) -> None:
    text = """wave,standard,result
        2023,1,yes
        2023,1,yes"""
    assert len(qi.read(_file(tmp_path, text), "audit").table) == 2


def test_responses(tmp_path: Path) -> None:
    text = """respondent,q1
        a,agree
        a,disagree
        b,agree
        b,agree"""
    assert _faults(tmp_path, "responses", text) == [
        "row 3, column `respondent`: the same respondent (and wave) as row 2, with other answers",
        "row 5, column `respondent`: repeats row 4, every cell the same",
    ]


def test_answers_stay_text(tmp_path: Path) -> None:
    table = qi.read(_file(tmp_path, GOOD["responses"]), "responses").table
    assert table["q2"].tolist() == ["5", "4", "4", "4"]


def test_pdsa(tmp_path: Path) -> None:
    text = """cycle,follows,started,ended,change,size,whole,data_points
        1,1,2024-01-01,,a,,,
        2,9,2024-01-01,,a,,,
        3,4,2024-01-01,,a,,,
        4,5,2024-01-01,,a,,,
        5,3,2024-01-01,,a,,,
        6,,2024-01-05,2024-01-01,a,,,
        7,6,2024-01-01,,a,30,20,
        8,,2024-01-01,,a,-1,20,2.5
        8,,2024-01-01,,b,1,20,2
        10,3,2024-01-01,,a,,,"""
    assert _faults(tmp_path, "pdsa", text) == [
        "row 2, column `follows`: the cycle follows itself",
        "row 3, column `follows`: follows a cycle that is not in the log",
        "row 4, column `follows`: the cycles go round in a circle",
        "row 5, column `follows`: the cycles go round in a circle",
        "row 6, column `follows`: the cycles go round in a circle",
        "row 7, column `ended`: the cycle ends before it starts",
        "row 8, column `follows`: starts before the cycle that it follows",
        "row 8, column `size`: the test is larger than the whole",
        "row 9, column `data_points`: is not a whole number",
        "row 9, column `size`: is less than 0",
        "row 10, column `cycle`: the same cycle (and project) as row 9, with other cells",
    ]


def test_a_cycle_is_looked_for_in_its_own_project(tmp_path: Path) -> None:
    text = """cycle,project,follows,started,change
        1,P,,2024-01-01,a
        2,Q,1,2024-01-01,a"""
    assert _faults(tmp_path, "pdsa", text) == [
        "row 3, column `follows`: follows a cycle that is not in the log"
    ]


def test_events(tmp_path: Path) -> None:
    text = """date,event
        2024-01-01,Merger
        2024-01-01,Merger
        ,Strike
        0024-01-01,Move"""
    assert _faults(tmp_path, "events", text) == [
        "row 3, column `event`: repeats row 2, every cell the same",
        "row 4, column `date`: is blank, and must not be",
        "row 5, column `date`: the year of the date is outside 1900 to 2299",
    ]


def test_returns(tmp_path: Path) -> None:
    text = """team,period,due,received
        North,2024-01,2024-02-15,2023-02-14
        North,2024-02,2023-03-15,
        North,2024-03,,2024-04-01
        North,2024-03,,2024-04-02
        South,2024-03,,2024-04-02
        South,2024-03,,2024-04-02"""
    assert _faults(tmp_path, "returns", text) == [
        "row 2, column `received`: was received before its period began",
        "row 3, column `due`: was due before its period began",
        "row 5, column `team`: the same team and period (and measure) as row 4, with other dates",
        "row 7, column `team`: repeats row 6, every cell the same",
    ]


def test_involvement(tmp_path: Path) -> None:
    text = """stage,level,people
        choosing,led,-2
        ,led,2
        testing,led,1.5
        spread,led,1
        spread,led,1"""
    assert _faults(tmp_path, "involvement", text) == [
        "row 2, column `people`: is less than 0",
        "row 3, column `stage`: is blank, and must not be",
        "row 4, column `people`: is not a whole number",
        "row 6, column `stage`: repeats row 5, every cell the same",
    ]


def test_without_strictness_links_and_contradictions_still_stop(tmp_path: Path) -> None:
    links = """cycle,follows,started,change
        1,2,2024-01-01,a
        2,1,2024-01-01,a"""
    with pytest.raises(DataError, match="go round in a circle"):
        qi.read(_file(tmp_path, links), "pdsa", strict=False)
    twice = """team,period,received
        North,2024-01,2024-02-01
        North,2024-01,2024-02-02
        North,2024-02,2024-01-02"""
    with pytest.raises(DataError, match="the same team and period"):
        qi.read(_file(tmp_path, twice), "returns", strict=False)


def test_without_strictness_copies_and_impossible_rows_are_left_out_and_counted(
    tmp_path: Path,
) -> None:
    text = """team,period,received
        North,2024-01,2024-02-01
        North,2024-01,2024-02-01
        North,2024-02,2024-01-02"""
    loaded = qi.read(_file(tmp_path, text), "returns", strict=False)
    assert len(loaded.table) == 1
    assert loaded.passport.dropped["rows"].tolist() == [1, 1]


def test_errors_of_people_tables_hold_no_value(tmp_path: Path) -> None:
    text = """referred,started,person
        2024-01-05,yesterday at Jane's,Jane Doe
        2024-01-05,2024-01-01,Jane Doe"""
    with pytest.raises(DataError) as raised:
        qi.read(_file(tmp_path, text), "waits")
    assert "Jane" not in str(raised.value)
