"""IFBench's instructions that are whole tasks, such as a CSV table with given columns."""

import csv
import io
import re
from datetime import date
from itertools import pairwise

from rewards.instructions.instruction import instruction
from rewards.instructions.text import MARKS, bare_words, lines, lower_words, plain, sentences, word_set

_CAPITALS = """
    Reykjavik Helsinki Oslo Tallinn Stockholm Riga Moscow Copenhagen Vilnius Minsk Dublin Berlin Amsterdam Warsaw
    London Brussels Kyiv Prague Luxembourg Paris Vienna Bratislava Budapest Vaduz Chisinau Bern Ljubljana Zagreb
""".split()  # noqa: SIM905
_AFRICA = word_set(
    """
    Algeria Angola Benin Botswana Burundi Cameroon Chad Comoros Djibouti Egypt Eritrea Ethiopia Gabon Ghana
    Guinea Kenya Lesotho Liberia Libya Madagascar Malawi Mali Mauritania Mauritius Morocco Mozambique Namibia
    Niger Nigeria Rwanda Senegal Seychelles Somalia Sudan Tanzania Togo Tunisia Uganda Zambia Zimbabwe
    """
)
"""The countries with one name that is one word."""

_QUESTION = re.compile(r"^Question\b[^\S\n]*\d*[.):;]?", re.MULTILINE)
_OPTION = re.compile(r"[A-Ea-e][.)]\s*\w")
_PERIOD = (date(1769, 8, 15), date(1821, 5, 5))
"""Napoleon's life."""


@instruction("custom:multiples")
def multiples_of_seven(response: str) -> bool:
    return re.findall(r"\d+", response) == [str(multiple) for multiple in range(14, 51, 7)]


@instruction("custom:mcq_count_length")
def four_questions(response: str) -> bool:
    """Four questions of five options, each longer than the one before, and nothing ahead of them."""
    starts = [match.end() for match in _QUESTION.finditer(response)]
    if not response.startswith("Question") or len(starts) != 4:
        return False
    lengths = []
    for start, end in pairwise([*starts, len(response)]):
        rows = [row.strip() for row in response[start:end].split("\n")]
        options = [at for at, row in enumerate(rows) if _OPTION.match(row)]
        if len(options) != 5:
            return False
        lengths.append(len(" ".join(rows[: options[0]]).strip()))
    return all(first < second for first, second in pairwise([0, *lengths]))


@instruction("custom:reverse_newline")
def african_countries(response: str) -> bool:
    """From Zimbabwe on, 52 different lines or more in reverse order, the countries of Africa among them."""
    rows = [plain(line).strip(MARKS + " ") for line in lines(response)]
    start = next((at for at, row in enumerate(rows) if "Zimbabwe" in row), len(rows))
    listed = rows[start:]
    return (
        len(listed) >= 52
        and all(first > second for first, second in pairwise(listed))
        and len(_AFRICA.intersection(listed)) >= len(_AFRICA) - 2
    )


@instruction("custom:word_reverse")
def reversed_words(response: str) -> bool:
    said = lower_words(response)
    return len(said) >= 3 and ("eagle", "bald") in pairwise(said) and len(sentences(response)) <= 2


@instruction("custom:character_reverse")
def reversed_characters(response: str) -> bool:
    return "elgae dlab" in response.lower()


@instruction("custom:sentence_alphabet")
def alphabet_story(response: str) -> bool:
    initials = [(bare_words(sentence) or [""])[0][:1] for sentence in sentences(response)]
    return "".join(initials) == "abcdefghijklmnopqrstuvwxyz"


@instruction("custom:european_capitals_sort")
def northern_capitals(response: str) -> bool:
    """IFBench's list leaves Kyiv out, which lies north of 45 degrees too; with it the list is right as well."""
    listed = [capital.strip().replace("Kiev", "Kyiv") for capital in plain(response).split(",")]
    return listed in (_CAPITALS, [capital for capital in _CAPITALS if capital != "Kyiv"])


@instruction("custom:csv_city")
def city_table(response: str) -> bool:
    rows = _table(response, ",")
    return len(rows) == 8 and rows[0] == ["ID", "Country", "City", "Year", "Count"] and _is_wide(rows, 5)


@instruction("custom:csv_special_character")
def product_table(response: str) -> bool:
    """One field or more in double quotes has a special character."""
    rows = _table(response, ",")
    return (
        len(rows) == 15
        and rows[0] == ["ProductID", "Category", "Brand", "Price", "Stock"]
        and _is_wide(rows, 5)
        and any(re.search(r"[^\w\s]", field) for field in re.findall(r'"([^"\n]*)"', response))
    )


@instruction("custom:csv_quotes")
def student_table(response: str) -> bool:
    """Every field stands in double quotes."""
    rows = [[field.strip() for field in line.split("\t")] for line in lines(response)]
    return (
        len(rows) == 4
        and [field.strip('"') for field in rows[0]] == ["StudentID", "Subject", "Grade", "Semester", "Score"]
        and _is_wide(rows, 5)
        and all(re.fullmatch(r'"[^"]+"', field) for row in rows for field in row)
    )


def _table(response: str, delimiter: str) -> list[list[str]]:
    """Rows and their fields; none where it is no table."""
    try:
        rows = list(csv.reader(io.StringIO(response), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []
    return [[field.strip() for field in row] for row in rows]


def _is_wide(rows: list[list[str]], fields: int) -> bool:
    return all(len(row) == fields for row in rows)


@instruction("custom:date_format_list")
def battle_dates(response: str) -> bool:
    """Days of Napoleon's life as YYYY-MM-DD between commas."""
    written = [day.strip() for day in response.split(",")]
    if not all(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day) for day in written):
        return False
    try:
        days = [date.fromisoformat(day) for day in written]
    except ValueError:
        return False
    return all(_PERIOD[0] <= day <= _PERIOD[1] for day in days)
