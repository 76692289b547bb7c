"""Every format is opened again and says what the report says: what is masked or has no source is never a number."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from arro3.io import read_parquet
from fhir.resources.R4B.bundle import Bundle
from lxml import etree
from openpyxl import load_workbook
from pypdf import PdfReader
from reports import report

from indicators.domain.catalogue import Catalogue
from indicators.domain.exports import FormatName
from indicators.domain.report import Report, Row
from indicators.formats import FORMATS, UnwritableError, file_name, write

ADX = "{urn:ihe:qrph:adx:2015}"
XSD = Path(__file__).parent.parent / "adx.xsd"


@pytest.fixture
def year(deploy_dir: Path, catalogue: Catalogue) -> Report:
    return report(deploy_dir, catalogue)


@pytest.fixture
def campaign(deploy_dir: Path, catalogue: Catalogue) -> Report:
    return report(deploy_dir, catalogue, "campaign_report", "2026-vaccination")


def test_reports_tell_the_indicators_of_their_period(deploy_dir: Path, catalogue: Catalogue, year: Report) -> None:
    quarter = report(deploy_dir, catalogue, "quarterly_dashboard", "2026-Q4")
    assert (len(year.rows), len(quarter.rows)) == (68, 19)
    assert all("quarterly" in row.indicator.periods for row in quarter.rows)
    assert [part.axis.code for part in year.parts] == ["1", "2", "3", "4", "5", "6", "N"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_has_a_name_without_surprises(year: Report, name: FormatName) -> None:
    assert re.fullmatch(r"pays-de-redon_annual_report_2026\.[a-z0-9.]+", file_name(name, year))


def test_csv(year: Report) -> None:
    text = write("csv", year).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    whole = {row["id"]: row for row in rows if not row["dimension"]}
    assert len(whole) == 68
    assert (whole["I-01"]["value"], whole["I-01"]["origin"], whole["I-01"]["value_before"]) == (
        "11,1",
        "imported",
        "11,4",
    )
    assert whole["I-01"]["elsewhere"] == "bretagne=9.8 pays-de-la-loire=9.4 france=10.4"
    assert (whole["I-02"]["value"], whole["I-02"]["masked"], whole["I-02"]["status"]) == ("", "true", "masked")
    assert (whole["I-03"]["value"], whole["I-03"]["status"]) == ("", "no_source")
    assert (whole["I-46"]["value"], whole["I-46"]["origin"]) == ("4", "manual")
    assert (whole["I-07"]["value"], whole["I-07"]["evidence"]) == ("259", "287")
    assert {row["code"] for row in rows if row["dimension"] == "apart"} == {"'=1+1"}, "a code is never a formula"


def test_json(year: Report) -> None:
    told = json.loads(write("json", year))
    found = {it["id"]: it for axis in told["axes"] for it in axis["figures"]}
    assert (told["period"]["id"], told["period_before"]["id"], len(found)) == ("2026", "2025", 68)
    assert (found["I-02"]["value"], found["I-02"]["masked"]) == (None, True)
    assert (found["I-03"]["value"], found["I-03"]["status"]) == (None, "no_source")
    assert found["I-04"]["interval"] == {"low": 41.75, "high": 50.75}


def test_xlsx_has_a_sheet_an_axis_with_native_charts(year: Report) -> None:
    book = load_workbook(io.BytesIO(write("xlsx", year)))
    axes = [it for it in book.sheetnames if it.startswith("Axe ")]
    assert axes == [
        *("Axe 1 Accès aux soins", "Axe 2 Parcours pluriprofessionn", "Axe 3 Prévention"),
        *("Axe 4 Qualité et pertinence", "Axe 5 Accompagnement des profes", "Axe 6 Crises sanitaires"),
        "Axe N Indicateurs nationaux de p",
    ] or axes[-1].startswith("Axe N")
    first = book["Axe 1 Accès aux soins"]
    cells = {row[0]: row for row in first.iter_rows(min_row=2, max_row=11, values_only=True)}
    assert [cells[it][3] for it in ("I-01", "I-02", "I-03", "I-07", "I-10")] == [
        *(11.1, "masqué", "pas de source", 259, "sans objet"),
    ]
    assert (cells["I-01"][8], cells["I-01"][12]) == (
        "Bretagne\u00a0: 9,8\u00a0%\nPays de la Loire\u00a0: 9,4\u00a0%\nFrance\u00a0: 10,4\u00a0%",
        "importé",
    )
    assert [len(book[it]._charts) for it in axes] == [2] * 7
    formulas = [cell for row in book["Ventilation"].iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []


def test_a_chart_shows_what_the_sheet_says(year: Report) -> None:
    book = load_workbook(io.BytesIO(write("xlsx", year)))
    chart = book["Axe 1 Accès aux soins"]._charts[1]
    data = book["Données des graphiques"]
    reference = chart.series[0].val.numRef.f.rpartition("!")[2].replace("$", "")
    assert [cell.value for (cell,) in data[reference]] == [222, 259, 296, 333]


def test_pdf_is_numbered_french_and_says_everything(year: Report) -> None:
    reader = PdfReader(io.BytesIO(write("pdf", year)))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    text = " ".join(pages)
    assert len(pages) > 4
    assert all(f"page {number}" in page for number, page in enumerate(pages, 1))
    for said in (
        *(
            "Rapport annuel 2026",
            "CPTS Pays de Redon",
            "Destinataire : ARS Bretagne",
            "année du 01/01/2026 au 31/12/2026",
        ),
        *("masqué", "pas de source", "sans objet", "importé", "saisi à la main", "Bretagne : 9,8 %", "Prévention"),
        *("Preuves", "Référence (Bretagne)", "Indicateurs nationaux de profil"),
    ):
        assert said in text, said
    assert {row.indicator.id for row in year.rows} == set(re.findall(r"[IN]-[0-9]{2}", text))
    assert "■" not in text, "every letter has its glyph"


def test_parquet_is_typed_and_null_where_nothing_is_known(year: Report) -> None:
    table = read_parquet(io.BytesIO(write("parquet", year))).read_all()
    assert str(table.schema.field("value").type).lower().count("float64") == 1
    columns = {name: table[name].to_pylist() for name in ("id", "dimension", "value", "masked", "evidence")}
    rows = dict(zip(columns["id"], zip(*list(columns.values())[1:], strict=True), strict=True))
    whole = [it for it in zip(*columns.values(), strict=True) if it[1] is None]
    assert (len(rows), len(whole)) == (68, 68)
    found = {it[0]: it[2:] for it in whole}
    assert found["I-02"] == (None, True, None)
    assert found["I-07"] == (259.0, False, 287)


def test_dhis2_follows_its_documented_shape(year: Report) -> None:
    told = json.loads(write("dhis2", year))
    assert {key: told[key] for key in ("dataSet", "completeDate", "period", "orgUnit")} == {
        "dataSet": "CPTS-ANNUEL",
        "completeDate": "2027-01-10",
        "period": "2026",
        "orgUnit": "CPTS-PAYS-DE-REDON",
    }
    found = {it["dataElement"]: it for it in told["dataValues"]}
    assert len(found) == 68
    same = {"period": "2026", "orgUnit": "CPTS-PAYS-DE-REDON"}
    assert found["I-02"] == {"dataElement": "I-02", "comment": "masked", **same}
    assert found["I-03"] == {"dataElement": "I-03", "comment": "no_source", **same}
    assert found["I-01"] == {"dataElement": "I-01", "value": "11.1", "comment": "imported", **same}
    assert all(isinstance(it.get("value", ""), str) for it in told["dataValues"])


@pytest.mark.parametrize(("period", "theirs"), [("2026-Q4", "2026Q4"), ("2026-H2", "2026S2")])
def test_dhis2_has_its_own_names_of_periods(deploy_dir: Path, catalogue: Catalogue, period: str, theirs: str) -> None:
    what: Any = "quarterly_dashboard" if "Q" in period else "half_yearly_report"
    assert json.loads(write("dhis2", report(deploy_dir, catalogue, what, period)))["period"] == theirs


def test_dhis2_has_no_period_for_a_campaign(campaign: Report) -> None:
    with pytest.raises(UnwritableError, match="period_unknown_to_dhis2"):
        write("dhis2", campaign)


@pytest.mark.parametrize(
    ("what", "period", "theirs"),
    [
        ("quarterly_dashboard", "2026-Q4", "2026-10-01/P3M"),
        ("half_yearly_report", "2026-H1", "2026-01-01/P6M"),
        ("annual_report", "2026", "2026-01-01/P1Y"),
        ("campaign_report", "2026-vaccination", "2026-10-15/P137D"),
    ],
)
def test_adx_is_valid(deploy_dir: Path, catalogue: Catalogue, what: Any, period: str, theirs: str) -> None:
    root = etree.fromstring(write("adx", report(deploy_dir, catalogue, what, period)))
    etree.XMLSchema(etree.parse(XSD)).assertValid(root)
    assert root.find(f"{ADX}group").get("period") == theirs


def test_adx_leaves_out_what_has_no_number_and_says_so(year: Report) -> None:
    root = etree.fromstring(write("adx", year))
    values = {it.get("dataElement"): it for it in root.iter(f"{ADX}dataValue")}
    assert {row.indicator.id for row in year.rows} - set(values) == {"I-02", "I-03", "I-10"}
    note = values["I-01"].findtext(f"{ADX}annotation")
    assert note == "imported; without value: I-02 masked, I-03 no_source, I-10 undefined"


def test_the_schema_refuses_what_adx_refuses(year: Report) -> None:
    schema = etree.XMLSchema(etree.parse(XSD))
    for old, new in (
        (b'value="', b'value="x'),
        (b"exported", b"written"),
        (b"/P1Y", b""),
        (b"dataElement", b"element"),
    ):
        assert not schema.validate(etree.fromstring(write("adx", year).replace(old, new)))


def test_fhir_measure_reports_are_valid_r4(year: Report) -> None:
    content = write("fhir", year)
    Bundle.model_validate_json(content)
    found = {it["resource"]["measure"].rpartition("/")[2]: it["resource"] for it in json.loads(content)["entry"]}
    assert len(found) == 68

    def reason(indicator: str) -> str:
        score = found[indicator]["group"][0]["measureScore"]
        assert "value" not in score
        code: str = score["extension"][0]["valueCode"]
        return code

    def of(name: str) -> str:
        return next(it for it in found if it.startswith(name))

    assert [reason(of(it)) for it in ("I-02", "I-03", "I-10")] == ["masked", "unknown", "not-applicable"]
    assert "population" not in found[of("I-02")]["group"][0]
    counted = found[of("I-04")]["group"][0]
    assert [it["count"] for it in counted["population"]] == [148, 320]
    assert counted["measureScore"]["value"] == 46.25
    assert found[of("I-01")]["group"][0]["measureScore"]["extension"][0]["valueCode"] == "imported"


def test_a_figure_of_which_a_part_is_hidden_keeps_its_value(year: Report) -> None:
    """One commune is left out, as it is masked; the whole is not."""

    def hiding(row: Row) -> Row:
        parts = {"commune": {"35236": 60}, "department": {"44": 34}}
        return replace(row, masked=True, breakdown=parts) if row.indicator.id == "I-01" else row

    parts = tuple(replace(part, rows=tuple(hiding(row) for row in part.rows)) for part in year.parts)
    report = replace(year, parts=parts)
    values = {it["dataElement"]: it for it in json.loads(write("dhis2", report))["dataValues"]}
    assert values["I-01"]["value"] == "11.1"
    adx = etree.fromstring(write("adx", report)).iter(f"{ADX}dataValue")
    assert {it.get("dataElement"): it.get("value") for it in adx}["I-01"] == "11.1"
    bundle = [it["resource"] for it in json.loads(write("fhir", report))["entry"]]
    (measured,) = [it for it in bundle if "I-01" in it["measure"]]
    assert measured["group"][0]["measureScore"]["value"] == 11.1
    sheet = load_workbook(io.BytesIO(write("xlsx", report)))["Axe 1 Accès aux soins"]
    assert next(row[3] for row in sheet.iter_rows(values_only=True) if row[0] == "I-01") == 11.1
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(write("pdf", report))).pages)
    assert told.count("masqué") == "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(write("pdf", year))).pages
    ).count("masqué")


def test_nothing_is_before_a_first_campaign(campaign: Report) -> None:
    first = replace(campaign, before=None)
    assert json.loads(write("json", first))["period_before"] is None
    pages = PdfReader(io.BytesIO(write("pdf", first))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Période précédente : aucune." in text
    assert "2026-vaccination (Campagne de vaccination du 15/10/2026 au 28/02/2027)" in text
    for name in ("csv", "xlsx", "parquet", "adx", "fhir"):
        assert write(name, first)


@pytest.fixture
def provisional(deploy_dir: Path, catalogue: Catalogue) -> Report:
    return report(deploy_dir, catalogue, provisional=True)


def test_every_page_of_a_provisional_pdf_says_so(provisional: Report, year: Report) -> None:
    def pages(one: Report) -> list[str]:
        return [page.extract_text() for page in PdfReader(io.BytesIO(write("pdf", one))).pages]

    assert all("PROVISOIRE, chiffres non approuvés" in page for page in pages(provisional))
    assert not any("PROVISOIRE" in page for page in pages(year))


def test_every_sheet_of_a_provisional_workbook_says_so(provisional: Report, year: Report) -> None:
    book = load_workbook(io.BytesIO(write("xlsx", provisional)))
    assert all("PROVISOIRE" in str(sheet.oddHeader.center.text) for sheet in book.worksheets)
    for sheet in book.worksheets:
        if sheet.title.startswith("Axe "):
            last = [row[-1] for row in sheet.iter_rows(max_row=sheet.max_row, values_only=True)]
            assert last == ["PROVISOIRE, chiffres non approuvés", *["provisoire"] * (len(last) - 1)]
    assert "PROVISOIRE" in book["Synthèse"]["A1"].value
    whole = load_workbook(io.BytesIO(write("xlsx", year)))
    said = [cell for sheet in whole.worksheets for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not any("provisoire" in str(cell).lower() for cell in said)


def test_every_line_of_a_provisional_table_says_so(provisional: Report, year: Report) -> None:
    for one, word in ((provisional, "true"), (year, "false")):
        text = write("csv", one).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
        assert {row["provisional"] for row in rows} == {word}
        table = read_parquet(io.BytesIO(write("parquet", one))).read_all()
        assert set(table["provisional"].to_pylist()) == {word == "true"}
        assert json.loads(write("json", one))["provisional"] is (word == "true")


def test_a_provisional_report_is_not_complete_for_machines(provisional: Report) -> None:
    told = json.loads(write("dhis2", provisional))
    assert "completeDate" not in told
    assert all("provisional" in it["comment"].split(", ") for it in told["dataValues"])
    content = write("fhir", provisional)
    Bundle.model_validate_json(content)
    assert {it["resource"]["status"] for it in json.loads(content)["entry"]} == {"pending"}
    root = etree.fromstring(write("adx", provisional))
    etree.XMLSchema(etree.parse(XSD)).assertValid(root)
    assert root.find(f"{ADX}group").get("completeDate") is None
    assert all("provisional" in it.findtext(f"{ADX}annotation") for it in root.iter(f"{ADX}dataValue"))
