"""Audits with answers side by side: a column a standard, or a column a team."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import DataError, ParameterError
from qieval.intake.proposals import propose
from qieval.intake.reading.layout.spread import answers_of, likely_spread
from qieval.intake.tables import KINDS
from tests.intake.reading.test_awkward_tables import refused
from tests.intake.reading.test_usual_headings import line_of, written

RECORDS = [
    "Team,Audit date,Patient ref,BMI,BP,Lipids,Smoking",
    "Ash,01/01/2023,P001,Y,N,N/A,Y",
    "Ash,01/01/2023,P002,Y,Y,,Y",
    "Oak,01/02/2023,P003,N,Y,Y,Y",
]
STANDARDS = ["BMI", "BP", "Lipids", "Smoking"]
COLUMNS = {"wave": "Audit date", "record": "Patient ref", "team": "Team"}
MATRIX = [
    "Criterion,Type,Ash,Beech",
    "1.1 Open,1,Met,Not met",
    "1.2 Plan,1,Partly met,",
    "2.1 Late,2,Met,Met",
]


def test_a_row_a_record_becomes_a_row_an_answer(tmp_path: Path) -> None:
    file = written(tmp_path, *RECORDS)
    loaded = qi.read(file, "audit", columns=COLUMNS, standards_in=STANDARDS)
    table = loaded.table
    assert table.index.tolist() == [2] * 4 + [3] * 4 + [4] * 4  # the rows of the file
    assert table["standard"].tolist() == STANDARDS * 3
    assert table.loc[2, "result"].tolist() == ["Y", "N", "N/A", "Y"]
    assert table.loc[3, "result"].isna().tolist() == [False, False, True, False]
    assert (loaded.passport.rows_read, loaded.passport.rows_kept) == (3, 3)
    assert "each of 3 rows became a row a standard, 12 answers in all, 1 of them blank" in str(
        loaded.passport
    )
    assert "P001" not in str(loaded.passport)
    assert not table["record"].isin(["P001", "P002", "P003"]).any()


def test_standards_may_have_names_of_their_own(tmp_path: Path) -> None:
    names = {"BMI": "Weight", "BP": "Blood pressure"}
    loaded = qi.read(written(tmp_path, *RECORDS), "audit", columns=COLUMNS, standards_in=names)
    assert loaded.table["standard"].unique().tolist() == ["Weight", "Blood pressure"]
    assert loaded.table["Smoking"].tolist() == ["Y"] * 6  # stays as it is


def test_the_lines_are_named_and_otherwise_taken(tmp_path: Path) -> None:
    file = written(tmp_path, *RECORDS)
    text = refused(file, "audit")
    assert "`standards_in: [BMI, BP, Lipids, Smoking]`" in text
    assert line_of(text) == COLUMNS
    assert "P001" not in text
    proposed = qi.read(file, "audit", strict=False)
    confirmed = qi.read(file, "audit", columns=COLUMNS, standards_in=STANDARDS)
    assert proposed.table.equals(confirmed.table)
    assert len(proposed.passport.doubtful) == 2
    assert confirmed.passport.doubtful == []


def test_the_audit_itself_takes_it(tmp_path: Path) -> None:
    table = qi.read(written(tmp_path, *RECORDS), "audit", strict=False).table
    waves = ["01/01/2023", "01/02/2023"]
    found = qi.audit(table, result="result", unit="record", waves=waves, missing="leave_out")
    points = found.points.set_index(["wave", "standard"])["share"]
    assert points["01/01/2023", "BP"] == 0.5
    assert points["01/02/2023", "Lipids"] == 1


@pytest.mark.parametrize("names", [["Ash", "Beech"], {"Ash": "Ash team", "Beech": "Beech team"}])
def test_a_row_a_criterion_and_a_column_a_service(names: Any, tmp_path: Path) -> None:
    loaded = qi.read(
        written(tmp_path, *MATRIX),
        "audit",
        columns={"standard": "Criterion"},
        teams_in=names,
        period_of_file="2023",
    )
    table = loaded.table
    assert table["team"].tolist() == list(names.values() if isinstance(names, dict) else names) * 3
    assert table["wave"].tolist() == ["2023"] * 6
    assert table["standard"].tolist()[:2] == ["1.1 Open", "1.1 Open"]
    assert table["result"].fillna("").tolist() == [
        *("Met", "Not met", "Partly met", "", "Met", "Met")
    ]


def test_without_a_round_the_line_for_the_whole_file_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, *MATRIX)
    for strict in (True, False):
        text = refused(file, "audit", strict=strict)
        assert "`teams_in: [Ash, Beech]`" in text
        assert "`period_of_file: 2024`" in text
    services = written(tmp_path, "Service,1.1 Open,1.2 Plan", "Ash,Yes,No", "Oak,Yes,Partly")
    text = refused(services, "audit")
    assert "`standards_in: [1.1 Open, 1.2 Plan]`" in text
    assert line_of(text) == {"team": "Service"}
    loaded = qi.read(services, "audit", strict=False, period_of_file="2024")
    assert loaded.table["team"].tolist() == ["Ash", "Ash", "Oak", "Oak"]
    with pytest.raises(ParameterError, match="rounds of its own"):
        qi.read(written(tmp_path, "wave,standard,result", "1,a,y"), "audit", period_of_file="2024")


def test_one_record_twice_is_named_by_its_rows(tmp_path: Path) -> None:
    file = written(tmp_path, *RECORDS, "Ash,01/01/2023,P001,N,N,N,N")
    text = refused(file, "audit", columns=COLUMNS, standards_in=STANDARDS)
    assert "row 5" in text
    assert "the same record in the same wave as row 2, with other answers" in text
    assert "P001" not in text


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"standards_in": ["BMI", "BPP"]}, "There is no column `BPP`.*Did you mean `BP`"),
        ({"standards_in": ["BMI", "Team"], "columns": COLUMNS}, "`Team` is `team`"),
        ({"standards_in": ["BMI"], "columns": COLUMNS | {"result": "BP"}}, "`BP` is `result`"),
        ({"standards_in": "BMI"}, "is a list of headings"),
        ({"standards_in": []}, "is a list of headings"),
        ({"standards_in": ["BMI"], "teams_in": ["BP"]}, "exclude one another"),
    ],
)
def test_headings_that_cannot_be_are_refused(
    given: dict[str, Any], says: str, tmp_path: Path
) -> None:
    file = written(tmp_path, *RECORDS)
    with pytest.raises((DataError, ParameterError), match=f"(?s){says}"):
        qi.read(file, "audit", **({"columns": {"wave": "Audit date"}} | given))


def test_only_audits_have_answers_side_by_side(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="is for audits"):
        qi.read(written(tmp_path, "period,n", "2024-01,1"), "series", standards_in=["n"])


def test_a_column_that_tells_who_somebody_is_holds_no_answers(tmp_path: Path) -> None:
    rows = ["wave,record,BMI,GP", "1,a,Y,SW1A 1AA", "1,b,N,M1 1AE", "1,c,Y,B33 8TH"]
    file = written(tmp_path, *rows)
    text = refused(file, "audit", standards_in=["BMI", "GP"])
    assert "`GP` holds no answers" in text
    assert "SW1A" not in text
    # By its cells, not by its heading: the standard may be that the postcode was written down.
    rows = ["wave,record,BMI,Postcode", "1,a,Y,Y", "1,b,N,Y"]
    table = qi.read(written(tmp_path, *rows), "audit", standards_in=["BMI", "Postcode"]).table
    assert table["standard"].tolist() == ["BMI", "Postcode"] * 2


def test_what_looks_like_answers(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "Ward,Sex,Age,BMI done,BP done,Comment,Falls",
        "Ash,F,71,Yes,No,seen late in the day by two people,3",
        "Oak,M,63,No,n/a,,4",
        "Ash,F,80,Yes,,,5",
    )
    cells = qi.read(file, "audit", period_of_file="1", strict=False).passport
    assert "Each of `BMI done`, `BP done` was taken as a standard" in str(cells)


def test_a_long_table_has_none() -> None:
    import pandas as pd

    long = pd.DataFrame({"Wave": ["1"], "Criterion": ["a"], "Result": ["Y"], "Checked": ["Y"]})
    assert likely_spread(long, KINDS["audit"], {}) is None
    assert likely_spread(long, KINDS["series"], {}) is None
    assert answers_of(pd.Series(["1", "0", None], dtype=object)) == {"1", "0"}
    assert answers_of(pd.Series([12, 5], dtype=object)) == set()


def test_a_new_project_proposes_it(tmp_path: Path) -> None:
    found = propose(str(written(tmp_path, *RECORDS)))
    assert found.kind is KINDS["audit"]
    assert found.given == {"standards_in": STANDARDS}
    assert found.columns == COLUMNS
    assert found.missing == []
    assert found.loaded is not None
    matrix = propose(str(written(tmp_path, *MATRIX)))
    assert (matrix.kind, matrix.given) == (KINDS["audit"], {"teams_in": ["Ash", "Beech"]})
    assert matrix.missing == ["wave"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.sampled_from(["Y", "N", "n/a", ""]), min_size=3, max_size=3),
        min_size=1,
        max_size=8,
    )
)
def test_no_answer_is_lost_or_changed(rows: list[list[str]], tmp_path: Path) -> None:
    lines = [f"1,{number},{','.join(row)}" for number, row in enumerate(rows)]
    file = written(tmp_path, "wave,record,a,b,c", *lines)
    table = qi.read(file, "audit", standards_in=["a", "b", "c"]).table
    assert table["result"].fillna("").tolist() == [cell for row in rows for cell in row]
    assert table.index.tolist() == [number + 2 for number in range(len(rows)) for _ in range(3)]
