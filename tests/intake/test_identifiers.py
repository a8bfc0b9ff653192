"""Identifiers found by heading and by content; no value ever in what is told.

All numbers are made up: NHS numbers from the range 999, which is never issued, postcodes of
public buildings, phone numbers from Ofcom's drama range.
"""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nhs_number import REGION_SCOTLAND, generate, is_valid

from qieval.core.errors import ParameterError
from qieval.core.yaml_files import Places
from qieval.intake.identifiers import Found, find, mask, named, refuse_in
from qieval.params.files import read_evaluation

NHS_NUMBERS = ["9990000026", "9990000034", "9990000042", "9990000050", "9990000069"]


def table(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object)


def found(cells: list[object], heading: str = "ref", *, people: bool = False) -> list[Found]:
    return find(table(**{heading: cells}), people=people)


def test_the_numbers_of_these_tests_are_valid_ones() -> None:
    assert all(map(is_valid, NHS_NUMBERS))


@pytest.mark.parametrize(
    "numbers",
    [
        NHS_NUMBERS,
        [int(number) for number in NHS_NUMBERS],
        [float(number) for number in NHS_NUMBERS],
        [f"{n[:3]} {n[3:6]} {n[6:]}" for n in NHS_NUMBERS],
        [f"{n[:3]}-{n[3:6]}-{n[6:]}" for n in NHS_NUMBERS],
        [*NHS_NUMBERS, "9990000051", None],  # one mistyped
    ],
    ids=["text", "whole", "float", "spaced", "dashed", "one mistyped"],
)
def test_nhs_numbers_are_found_whatever_the_heading(numbers: list[object]) -> None:
    cells = sum(cell is not None for cell in numbers)
    assert found(numbers) == [Found("ref", "NHS numbers", cells, whole=True)]


def test_chi_numbers_are_told_apart_by_their_dates() -> None:
    random.seed(7)
    numbers = generate(for_region=REGION_SCOTLAND, quantity=50)
    assert found(numbers) == [Found("ref", "CHI numbers", 50, whole=True)]
    without_zero = [int(number) for number in numbers]  # as Excel stores them
    assert found(without_zero) == [Found("ref", "CHI numbers", 50, whole=True)]


def test_ten_digit_numbers_that_fail_the_check_are_no_nhs_numbers() -> None:
    random.seed(7)
    assert found(generate(valid=False, quantity=200)) == []


@pytest.mark.parametrize("seed", range(5))
def test_random_ten_digit_numbers_pass_one_in_eleven_and_are_let_go(seed: int) -> None:
    drawn = np.random.default_rng(seed).integers(10**9, 10**10, 2000).tolist()
    assert 0.06 < np.mean([is_valid(str(number)) for number in drawn]) < 0.12
    assert found(drawn) == []
    assert found([str(number) for number in drawn]) == []


def test_one_or_two_numbers_may_pass_by_chance_unless_the_heading_or_spacing_says_more() -> None:
    two = NHS_NUMBERS[:2]
    assert found(two * 5) == []
    assert found(two * 5, "NHS No") == [Found("NHS No", "NHS numbers", 10, whole=True)]
    assert found(["999 000 0026"]) == [Found("ref", "NHS numbers", 1, whole=True)]


def test_ten_equal_digits_are_no_number_of_anybody() -> None:
    assert is_valid("1111111111")
    assert found(["1111111111", "2222222222", "3333333333", "6666666666"]) == []


def test_a_column_of_local_and_nhs_numbers_is_found_in_part() -> None:
    local = [f"RX{number}" for number in range(20)]
    assert found([*NHS_NUMBERS, *local]) == [Found("ref", "NHS numbers", 5, whole=False)]


def test_identifiers_among_other_cells_of_a_column_are_all_told() -> None:
    phones, other = ["020 7946 0018", "07700 900118", "07700 900119"], ["none"] * 20
    assert found([*NHS_NUMBERS, *phones, *other, "see a@example.org"]) == [
        Found("ref", "NHS numbers", 5, whole=False),
        Found("ref", "phone numbers", 3, whole=False),
        Found("ref", "e-mail addresses", 1, whole=False),
    ]


def test_postcodes() -> None:
    postcodes = ["EH99 1SP", "SW1A 1AA", "ec1a1bb", None]
    assert found(postcodes) == [Found("ref", "postcodes", 3, whole=True)]
    assert found(["SW1A 1AA", None], "Post code") == [Found("Post code", "postcodes", 1, True)]


@pytest.mark.parametrize(
    "codes",
    [
        ["SW1A", "EC1", "M1", "LS9"],  # districts
        ["ZZ99 3VZ", "ZZ99 3CZ", "ZZ99 3MZ"],  # the NHS's codes for "no fixed abode" and the like
        ["RX1", "RXA01", "R1K04", "A81001"],  # trusts, sites, practices
        ["S12000033", "E09000001", "E01004736"],  # areas
        ["Ward 5a", "Ward 7b", "Ward 12"],
    ],
)
def test_codes_of_places_and_trusts_are_no_postcodes(codes: list[object]) -> None:
    assert found(codes) == []


def test_email_addresses_and_phone_numbers() -> None:
    assert found(["a.b@example.org", None, "c@example.co.uk"]) == [
        Found("ref", "e-mail addresses", 2, whole=True)
    ]
    phones = ["020 7946 0018", "07700 900118", "+44 7700 900 982", "(0161) 496 0011"]
    assert found(phones) == [Found("ref", "phone numbers", 4, whole=True)]
    assert found([7700900118.0], "Mobile") == [Found("Mobile", "phone numbers", 1, whole=True)]


def test_identifiers_within_free_text() -> None:
    notes: list[object] = [
        "Rang 07700 900118, no answer",
        "Lives at EH99 1SP with Mrs Smith",
        "NHS no 999 000 0026",
        "letter to j.doe@example.org about 9990000034",
        "DOB 01/02/1961",
        "Order 1234567890 came; 12 beds open",
        None,
    ]
    told = {one.what: (one.cells, one.whole) for one in found(notes, "note")}
    assert told == {
        "phone numbers": (1, False),
        "postcodes": (1, False),
        "names with a title": (1, False),
        "NHS numbers": (2, False),
        "e-mail addresses": (1, False),
        "dates of birth": (1, False),
    }


def test_what_is_masked_and_what_stays() -> None:
    text = "Mrs Smith of EH99 1SP, 07700 900118, a.b@example.org, 999 000 0026, DOB 1/2/1961"
    assert mask(text) == (
        "[name] of [postcode], [phone number], [e-mail address], [NHS number], [date of birth]"
    )
    kept = "Order 1234567890 of 12 March 2024, ward 5b, 100,000 GBP, 12:30, page 3"
    assert mask(kept) == kept


@pytest.mark.parametrize(
    ("heading", "what"),
    [
        ("NHSNumber", "NHS numbers"),
        ("nhs_no", "NHS numbers"),
        ("CHI", "CHI numbers"),
        ("DateOfBirth", "dates of birth"),
        ("D.O.B.", "dates of birth"),
        ("Patient Name", "names"),
        ("SURNAME", "names"),
        ("HomePostcode", "postcodes"),
        ("E-Mail", "e-mail addresses"),
        ("Telephone", "phone numbers"),
        ("MRN", "hospital numbers"),
        ("Home address", "addresses"),
        ("NHS Board", None),
        ("Ward name", None),
        ("Births", None),
        ("patients", None),
        ("Did staff ask for your first name?", None),  # a question; its cells are answers
    ],
)
def test_what_headings_say(heading: str, what: str | None) -> None:
    assert named(heading) == what


def test_headings_count_more_where_rows_are_people() -> None:
    cells: list[object] = ["P001", "P002"]
    assert found(cells, "Patient ID", people=True) == [
        Found("Patient ID", "hospital numbers", 2, whole=True)
    ]
    assert found([1204, 1311], "Patient numbers") == []  # a count
    assert found([120, 98], "Phone calls") == []
    assert found(["yes", "no"], "Mobile phone", people=True) == []
    assert found(["Ann", "Bob"], "First name") == [Found("First name", "names", 2, whole=True)]


def test_dates_of_birth_by_heading() -> None:
    days = [pd.Timestamp("1961-02-01").to_pydatetime(), None]
    assert found(list(days), "DOB") == [Found("DOB", "dates of birth", 1, whole=True)]
    assert found(["01/02/1961"], "Date of birth") == [
        Found("Date of birth", "dates of birth", 1, whole=True)
    ]
    assert found(list(days), "Admitted") == []


@pytest.mark.parametrize(
    "moment", ["01-02-2024 12:30", "2024-01-05 10:30", "01/02/2024 12:30", "05 06 2024 11:30"]
)
def test_moments_are_no_phone_numbers(moment: str) -> None:
    assert found([moment, moment.replace("2024", "2023"), moment.replace("2024", "2022")]) == []
    assert mask(f"Seen on {moment}, well") == f"Seen on {moment}, well"


def test_blank_columns_hold_nothing() -> None:
    assert found([None, None], "NHS number", people=True) == []


@given(st.lists(st.none() | st.text(max_size=30) | st.integers() | st.floats() | st.dates()))
def test_any_cells_are_looked_at_without_a_fault(cells: list[object]) -> None:
    for one in found(cells, "note"):
        assert 0 < one.cells <= len(cells)


@given(st.text(max_size=200))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("where: {NHS Number: 9434765919}", "NHS numbers"),
        ("where: {id: 943 476 5919}", "NHS numbers"),
        ("where: {Postcode: ZE1 4QX}", "postcodes"),
        ("where: {place: ZE1 4QX}", "postcodes"),
        ("where: {Surname: Featherby}", "names"),
        ("where: {contact: a.elk@ward.example}", "e-mail addresses"),
        ("title: Falls of 943 476 5919", "NHS numbers"),
        ("limits: [the one born 3/5/1961]", "dates of birth"),
        ("data: {source: a.csv, kind: series, where: {who: Mrs Featherby}}", "names with a title"),
    ],
)
def test_an_identifier_among_parameters_is_refused_and_not_repeated(tmp_path, line, what):
    file = tmp_path / "ash" / "run_chart.yml"
    file.parent.mkdir()
    file.write_text(f"value: falls\n{line}\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=what) as error:
        read_evaluation(file, tmp_path)
    assert "line 2" in str(error.value)
    for part in ("9434765919", "943 476", "4QX", "Featherby", "elk@", "1961"):
        assert part not in str(error.value)


def test_what_is_no_identifier_may_be_a_parameter():
    values = {"where": {"ward": "Ash", "period": "2019-20", "code": 1234567890}, "title": "ZE1 4QX"}
    refuse_in(values, Places("file.yml"))
