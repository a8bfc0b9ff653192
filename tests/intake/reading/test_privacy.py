"""Privacy at the door, through `qi.read`: what becomes of identifiers, and that none gets out."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import DataError, QievalError

NHS_NUMBERS = ["9990000026", "9990000034", "9990000042", "9990000050"]
SECRETS = [*NHS_NUMBERS, "999 000 0026", "Jane", "Doe", "SW1A", "1961", "example.org", "07700"]


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key of the test's own, not the user's."""
    file = tmp_path / "config" / "test.key"
    monkeypatch.setenv("QIEVAL_KEY", str(file))
    return file


def file(folder: Path, text: str, name: str = "table.csv") -> Path:
    made = folder / name
    made.parent.mkdir(exist_ok=True)
    made.write_text("\n".join(line.strip() for line in text.strip().splitlines()), "utf-8")
    return made


STAYS = """NHS Number,Surname,DOB,Postcode,Admitted,Discharged,Ward,Remark
    9990000026,Doe,01/02/1961,SW1A 1AA,01/03/2024,05/03/2024,Elm,Ring Jane on 07700 900118
    9990000034,Roe,03/04/1971,SW1A 2AA,02/03/2024,,Elm,
    9990000042,Poe,05/06/1981,EH99 1SP,03/03/2024,,Oak,j.doe@example.org
    999 000 0026,Doe,01/02/1961,SW1A 1AA,09/03/2024,,Oak,"""
COLUMNS = {"person": "NHS Number", "start": "Admitted", "end": "Discharged", "ward": "Ward"}


def test_stays_come_in_without_identifiers(tmp_path: Path) -> None:
    loaded = qi.read(file(tmp_path, STAYS), "spells", columns=COLUMNS)
    table = loaded.table
    assert list(table.columns) == ["person", "start", "end", "ward", "Remark"]
    assert table["person"].str.fullmatch("[0-9a-f]{16}").all()
    assert table["person"].nunique() == 3  # the spaced number is the same person
    assert table["Remark"].fillna("").tolist() == [
        "Ring Jane on [phone number]",
        "",
        "[e-mail address]",
        "",
    ]
    told = loaded.passport.identifiers.to_dict("records")
    assert [tuple(row.values()) for row in told] == [
        ("NHS Number", "NHS numbers", 4, "replaced by pseudonyms"),
        ("Surname", "names", 4, "left out: not needed"),
        ("DOB", "dates of birth", 4, "left out: not needed"),
        ("Postcode", "postcodes", 4, "left out: not needed"),
        ("Remark", "e-mail addresses", 1, "taken out of the text"),
        ("Remark", "phone numbers", 1, "taken out of the text"),
    ]


def test_the_passport_holds_no_value(tmp_path: Path) -> None:
    passport = qi.read(file(tmp_path, STAYS), "spells", columns=COLUMNS).passport
    shown = str(passport) + passport._repr_mimebundle_()["text/html"] + repr(passport)
    assert "Identifiers (never shown)" in shown
    assert "`Postcode`: postcodes in 4 cells, left out: not needed" in shown
    assert [secret for secret in SECRETS if secret in shown] == []


def test_stays_and_leave_join_by_their_pseudonyms(tmp_path: Path) -> None:
    leave = """person,start,end
        9990000034,2024-03-05,2024-03-06"""
    stays = qi.read(file(tmp_path, STAYS), "spells", columns=COLUMNS).table
    away = qi.read(file(tmp_path, leave, "leave.csv"), "leave").table
    assert away["person"].iloc[0] == stays["person"].iloc[1]


def test_another_key_gives_other_pseudonyms(tmp_path: Path, key: Path) -> None:
    source = file(tmp_path, STAYS)
    before = qi.read(source, "spells", columns=COLUMNS).table["person"]
    key.unlink()
    after = qi.read(source, "spells", columns=COLUMNS).table["person"]
    assert not set(before) & set(after)


def test_codes_that_nothing_is_known_of_become_pseudonyms_too(tmp_path: Path) -> None:
    text = """person,start,end
        a,2024-03-05,2024-03-06"""
    loaded = qi.read(file(tmp_path, text), "spells")
    assert loaded.table["person"].iloc[0] != "a"
    assert loaded.passport.identifiers["done"].tolist() == ["replaced by pseudonyms"]


def test_records_and_respondents_are_people_too(tmp_path: Path) -> None:
    audit = """wave,standard,result,record
        1,a,yes,7001"""
    answers = """respondent,q1,q2
        7001,yes,jane.doe@example.org
        ,no,"""
    assert "7001" not in qi.read(file(tmp_path, audit), "audit").table.to_csv()
    loaded = qi.read(file(tmp_path, answers), "responses")
    assert list(loaded.table.columns) == ["respondent", "q1"]
    assert loaded.table["respondent"].isna().tolist() == [False, True]


def test_chi_numbers_join_whether_excel_kept_their_first_zero_or_not(tmp_path: Path) -> None:
    chi = ["0101010028", "0101010036", "0101010044"]
    rows = [{"person": number, "start": "2024-01-01", "end": None} for number in chi]
    pd.DataFrame(rows).to_csv(tmp_path / "text.csv", index=False)
    numbers = pd.DataFrame([{**row, "person": int(str(row["person"]))} for row in rows])
    numbers.to_excel(tmp_path / "numbers.xlsx", index=False)
    text = qi.read(tmp_path / "text.csv", "spells")
    number = qi.read(tmp_path / "numbers.xlsx", "spells")
    assert text.passport.identifiers["holds"].tolist() == ["CHI numbers"]
    assert text.table["person"].tolist() == number.table["person"].tolist()


def test_simulated_data_need_no_key_and_are_the_same_everywhere(tmp_path: Path, key: Path) -> None:
    (tmp_path / "dataset.yml").write_text("title: made up\nsimulated: true\n", "utf-8")
    text = """person,start,end
        SIM-1,2024-03-05,2024-03-06"""
    loaded = qi.read(file(tmp_path, text), "spells")
    # printf SIM-1 | openssl dgst -sha256 -hmac "qieval: a key for people who do not exist"
    assert loaded.table["person"].tolist() == ["3475ef4b5265fd94"]
    assert not key.exists()


SERIES = """Month,Postcode,Admissions
    2024-01,SW1A 1AA,3
    2024-02,SW1A 2AA,4
    2024-03,EH99 1SP,5"""


def test_a_series_goes_on_without_a_column_of_identifiers_that_it_does_not_need(
    tmp_path: Path,
) -> None:
    loaded = qi.read(file(tmp_path, SERIES), "series", columns={"period": "Month"})
    assert list(loaded.table.columns) == ["period", "Admissions"]
    assert loaded.passport.identifiers["done"].tolist() == ["left out: not needed"]


def test_an_identifier_as_unit_stops_strict_reading_and_is_replaced_otherwise(
    tmp_path: Path,
) -> None:
    source, columns = file(tmp_path, SERIES), {"period": "Month", "unit": "Postcode"}
    with pytest.raises(DataError, match="holds postcodes") as raised:
        qi.read(source, "series", columns=columns)
    assert "SW1A" not in str(raised.value)
    loaded = qi.read(source, "series", columns=columns, strict=False)
    assert loaded.table["unit"].str.fullmatch("[0-9a-f]{16}").all()
    assert any("replaced by a pseudonym" in note for note in loaded.passport.decisions)
    shown = str(loaded.passport)
    assert [secret for secret in SECRETS if secret in shown] == []


def test_ten_digit_counts_stay_numbers(tmp_path: Path) -> None:
    text = """Month,Pounds
        2024-01,4012345678
        2024-02,4023456789
        2024-03,4034567891
        2024-04,4045678912"""
    loaded = qi.read(file(tmp_path, text), "series", columns={"period": "Month"})
    assert loaded.table["Pounds"].tolist() == [4012345678, 4023456789, 4034567891, 4045678912]
    assert loaded.passport.identifiers.empty


def test_sheets_and_tables_are_listed_without_identifiers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, start in (("One", 0), ("Two", 2)):
        sheet = book.create_sheet(title)
        for number in NHS_NUMBERS[start : start + 2]:
            sheet.append([number, "jane.doe@example.org", "SW1A 1AA"])
    book.save(tmp_path / "book.xlsx")
    with pytest.raises(QievalError) as raised:
        qi.read(tmp_path / "book.xlsx", "spells")
    assert "`One`" in str(raised.value)
    assert [one for one in SECRETS if one in str(raised.value)] == []
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("kind", "text", "given"),
    [
        (  # an identifier among numbers
            "series",
            "period,figure\n2024-01,3\n2024-02,j.doe@example.org\n2024-03,9990000026",
            {},
        ),
        (  # in a column that no heading tells about
            "series",
            "period,ref,figure\n" + "\n".join(f"2024-0{k},{n},x" for k, n in enumerate("1234", 1)),
            {"where": {"ref": "SW1A 1AA"}},
        ),
        (  # where a value of `where` does not occur
            "series",
            "period,ref,n\n" + "\n".join(f"2024-0{k},{n},1" for k, n in enumerate(NHS_NUMBERS, 1)),
            {"where": {"ref": "nobody"}},
        ),
        (  # no headings: the first row of data is taken for them
            "spells",
            "9990000026,Elm,01/02/2024\n9990000034,Elm,02/02/2024",
            {},
        ),
        (  # the same, where `where` names a column
            "responses",
            "jane@example.org,yes\n9990000034,no",
            {"where": {"nothing": "yes"}},
        ),
        ("spells", STAYS + "\n9990000050,Doe,1,SW1A 1AA,40/03/2024,,Elm,", {"columns": COLUMNS}),
        ("spells", STAYS, {"columns": {**COLUMNS, "person": "Name"}}),
        ("spells", STAYS, {"columns": {**COLUMNS, "ward": "Postcode"}}),
    ],
)
def test_no_error_holds_an_identifier(
    kind: str, text: str, given: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(QievalError) as raised:
        qi.read(file(tmp_path, text), kind, **given)  # type: ignore[arg-type]
    shown = str(raised.value) + repr(raised.value)
    asked = json.dumps(given)  # what the person wrote may be repeated
    assert [one for one in SECRETS if one in shown and one not in asked] == []
