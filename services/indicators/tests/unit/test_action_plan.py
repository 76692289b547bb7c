"""The action plan as data: what a file may say, and what the one of Pays de Redon says."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from indicators.domain.aci_agreement import Agreement
from indicators.domain.action_plan import ActionPlan
from indicators.domain.catalogue import Catalogue
from indicators.usecases.load_plans import load_action_plans, load_agreement
from kit.territories import BadFileError

PLAN: dict[str, Any] = {
    "version": "1",
    "title": "Plan",
    "source": "Projet de santé",
    "adopted_on": "2026-01-01",
    "axes": [
        {
            "number": 1,
            "label": "Accès",
            "objective": "Améliorer l'accès aux soins",
            "sheets": [
                {
                    "number": "1.1",
                    "title": "Médecin traitant",
                    "objective": "Moins de patients sans médecin traitant",
                    "population": "Patients sans médecin traitant",
                    "actors": ["Généralistes"],
                    "maturity": 3,
                    "indicators": ["I-01", "I-05"],
                    "steps": [
                        {
                            "number": "1.1.1",
                            "label": "Solliciter les généralistes",
                            "calendar": {"written": "06/2026", "begins_on": "2026-06-01", "ends_on": "2026-06-30"},
                            "indicators": ["I-05"],
                        },
                        {"number": "1.1.2", "label": "Diffuser la liste"},
                    ],
                }
            ],
        }
    ],
}


@pytest.fixture
def agreement(deploy_dir: Path) -> Agreement:
    return load_agreement(deploy_dir / "reference")


def loaded(folder: Path, plan: dict[str, Any], catalogue: Catalogue, agreement: Agreement) -> ActionPlan:
    """The plan as a start reads it from a territory's folder."""
    (folder / "here").mkdir(exist_ok=True)
    (folder / "here" / "action-plan.yaml").write_text(yaml.safe_dump(plan))
    return load_action_plans(folder, ["here", "elsewhere"], catalogue, agreement)["here"]


def changed(path: str, value: Any) -> dict[str, Any]:
    """The plan with another value at a path such as `axes.0.number`."""
    plan = copy.deepcopy(PLAN)
    *way, last = path.split(".")
    place: Any = plan
    for name in way:
        place = place[int(name)] if isinstance(place, list) else place[name]
    place[int(last) if isinstance(place, list) else last] = value
    return plan


def test_a_territory_without_a_plan_has_none(tmp_path: Path, catalogue: Catalogue, agreement: Agreement) -> None:
    assert loaded(tmp_path, PLAN, catalogue, agreement).version == "1"
    assert list(load_action_plans(tmp_path, ["here", "elsewhere"], catalogue, agreement)) == ["here"]


TWICE = [PLAN["axes"][0], PLAN["axes"][0]]
SHEET = PLAN["axes"][0]["sheets"][0]
STEPS = SHEET["steps"]
REFUSED = [
    ("an axis stands twice", "axes", TWICE, "axes: .*named twice: 1"),
    ("a sheet stands twice", "axes.0.sheets", [SHEET, SHEET], "axes.0: .*named twice: 1.1"),
    ("a step stands twice", "axes.0.sheets.0.steps", [STEPS[0], STEPS[0]], "axes.0.sheets.0: .*named twice: 1.1.1"),
    (
        "an indicator stands twice",
        "axes.0.sheets.0.indicators",
        ["I-05", "I-05"],
        "axes.0.sheets.0.indicators: .*named twice: I-05",
    ),
    (
        "a mission that the agreement does not have",
        "axes.0.mission",
        "shopping",
        "axes.0.mission: the agreement has no",
    ),
    ("a sheet of another axis", "axes.0.number", 2, "axes.0: .*1.1 is no number of axis 2"),
    ("a step of another sheet", "axes.0.sheets.0.number", "1.2", "axes.0.sheets.0: .*1.1.1 is no number of sheet 1.2"),
    (
        "an indicator that the catalogue does not have",
        "axes.0.sheets.0.indicators",
        ["I-99", "I-05"],
        "axes.0.sheets.0.indicators.0: unknown indicator 'I-99'",
    ),
    (
        "an indicator of a step that its sheet does not have",
        "axes.0.sheets.0.steps.0.indicators",
        ["I-02"],
        "axes.0.sheets.0: .*1.1.1: indicator I-02 is not among those of the sheet",
    ),
    (
        "days out of order",
        "axes.0.sheets.0.steps.0.calendar.ends_on",
        "2026-05-31",
        "axes.0.sheets.0.steps.0.calendar: .*ends_on 2026-05-31 is before begins_on 2026-06-01",
    ),
    (
        "a day that is none",
        "axes.0.sheets.0.steps.0.calendar.ends_on",
        "2026-06-31",
        "axes.0.sheets.0.steps.0.calendar.ends_on",
    ),
    ("a level beyond the scale", "axes.0.sheets.0.maturity", 6, "axes.0.sheets.0.maturity: .*less than or equal to 5"),
    ("a sheet without a step", "axes.0.sheets.0.steps", [], "axes.0.sheets.0.steps: .*at least 1 item"),
    ("a word that is not known", "axes.0.sheets.0.colour", "red", "axes.0.sheets.0.colour: Extra inputs"),
]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row[0])
def test_a_bad_plan_is_refused_with_file_and_field(
    tmp_path: Path, catalogue: Catalogue, agreement: Agreement, row: tuple[str, str, Any, str]
) -> None:
    _, path, value, message = row
    with pytest.raises(BadFileError, match=f"here/action-plan.yaml: (.*; )?{message}"):
        loaded(tmp_path, changed(path, value), catalogue, agreement)


@pytest.fixture
def redon(deploy_dir: Path, catalogue: Catalogue, agreement: Agreement) -> ActionPlan:
    return load_action_plans(deploy_dir / "territories", ["pays-de-redon"], catalogue, agreement)["pays-de-redon"]


SHEETS_OF_REDON = [
    # sheet, maturity stated by chapter 2, first and last indicator, how many steps annexe 3 has
    ("1.1", 3, "I-01", "I-05", 2),
    ("1.2", 3, "I-06", "I-10", 2),
    ("2.1", 2, "I-11", "I-19", 4),
    ("2.2", 2, "I-20", "I-26", 4),
    ("3.1", 3, "I-27", "I-34", 4),
    ("3.2", 2, "I-35", "I-39", 3),
    ("4.1", 3, "I-40", "I-44", 2),
    ("4.2", 3, "I-45", "I-49", 2),
    ("5.1", 1, "I-50", "I-55", 3),
    ("5.2", 1, "I-56", "I-57", 2),
    ("6.1", 3, "I-58", "I-60", 1),
    ("6.2", 3, "I-61", "I-64", 2),
]
MISSIONS = ["access", "pathways", "prevention", "quality", "support", "crisis"]
CHAPTER_2_ALONE = {"I-02", "I-03", "I-04", "I-06", "I-24", "I-31", "I-35", "I-40", "I-41", "I-42"}
"""Indicators that the action sheets name and the table of annexe 3 does not."""


def test_the_plan_of_redon_has_the_six_axes_and_twelve_sheets(redon: ActionPlan) -> None:
    assert [axis.mission for axis in redon.axes] == MISSIONS
    found = [(it.number, it.maturity, it.indicators[0], it.indicators[-1], len(it.steps)) for _, it in redon.sheets]
    assert found == SHEETS_OF_REDON


def test_each_of_the_64_indicators_of_the_document_is_on_one_sheet(redon: ActionPlan) -> None:
    document = [f"I-{number:02}" for number in range(1, 65)]
    assert sorted(name for _, sheet in redon.sheets for name in sheet.indicators) == document
    in_annexe_3 = sorted(name for _, sheet in redon.sheets for step in sheet.steps for name in step.indicators)
    assert in_annexe_3 == [name for name in document if name not in CHAPTER_2_ALONE]


CALENDAR = [
    # step, what annexe 3 writes, its last day
    ("1.1.1", "06/2021", "2021-06-30"),
    ("1.1.2", "07/2021", "2021-07-31"),
    ("1.2.2", "09/2021", "2021-09-30"),
    ("2.1.2", "2021/2022", "2022-12-31"),
    ("2.1.4", "11/2021", "2021-11-30"),
    ("4.2.1", "09/2023", "2023-09-30"),
    ("4.2.2", "01/2024", "2024-01-31"),
    ("5.2.1", "11/2022", "2022-11-30"),
    ("6.1.1", "01/2021", "2021-01-31"),
    ("6.2.1", "04/2022", "2022-04-30"),
]


@pytest.mark.parametrize(("number", "written", "last_day"), CALENDAR)
def test_a_month_of_annexe_3_ends_on_its_last_day(redon: ActionPlan, number: str, written: str, last_day: str) -> None:
    found = redon.find(number.rpartition(".")[0])
    assert found is not None
    step = found[1].step(number)
    assert step is not None
    assert step.calendar is not None
    assert (step.calendar.written, step.calendar.ends_on.isoformat()) == (written, last_day)


def test_steps_that_annexe_3_gives_no_date_have_none(redon: ActionPlan) -> None:
    undated = [step.number for _, sheet in redon.sheets for step in sheet.steps if step.calendar is None]
    assert undated == ["2.2.2", "2.2.3", "2.2.4", "3.2.3", "4.1.2", "5.2.2", "6.2.2"]
