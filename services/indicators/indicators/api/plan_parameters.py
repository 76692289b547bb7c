"""What the routes of the action plan and of the contract (ACI) take."""

from typing import Annotated

from fastapi import Depends, Path

from indicators.domain.aci_contract import Contract
from indicators.domain.action_plan import SHEET_PATTERN, ActionPlan, Sheet
from indicators.usecases.load_plans import ACI_CONTRACTS, ACTION_PLANS
from kit.auth import Caller
from kit.http import RuntimeDep, WorkDep, require
from kit.problems import Problem, or_404

PlanWriter = Annotated[Caller, require("action-plan:write")]
AciReader = Annotated[Caller, require("aci:read")]
AciWriter = Annotated[Caller, require("aci:write")]


async def _plan(runtime: RuntimeDep, work: WorkDep) -> ActionPlan:
    plan: ActionPlan | None = runtime.extras[ACTION_PLANS].get(work.territory)
    return or_404(plan, "action_plan_unknown", "No action plan was loaded for this territory")


PlanDep = Annotated[ActionPlan, Depends(_plan)]


async def _sheet(
    plan: PlanDep,
    number: Annotated[str, Path(pattern=SHEET_PATTERN, description="Number of the action sheet", examples=["1.1"])],
) -> Sheet:
    found = plan.find(number)
    if found is None:
        raise Problem(404, "sheet_unknown", f"The plan has no sheet {number}")
    return found[1]


SheetDep = Annotated[Sheet, Depends(_sheet)]


async def _contract(runtime: RuntimeDep, work: WorkDep) -> Contract:
    contract: Contract = runtime.extras[ACI_CONTRACTS][work.territory]
    return contract


ContractDep = Annotated[Contract, Depends(_contract)]
