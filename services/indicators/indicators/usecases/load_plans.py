"""Read the action plans and the contracts of the territories at start: a bad file stops the process with its field."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from indicators.domain.aci_agreement import Agreement
from indicators.domain.aci_contract import Contract, OwnContract, Profile
from indicators.domain.action_plan import ActionPlan
from indicators.domain.catalogue import Catalogue
from indicators.usecases.load_catalogue import CATALOGUE
from kit.runtime import Runtime
from kit.territories import BadFileError, load_yaml

ACTION_PLANS = "action_plans"
ACI_CONTRACTS = "aci_contracts"


def load_agreement(reference_dir: Path) -> Agreement:
    """What all contracts have in common. Raises BadFileError."""
    return load_yaml(reference_dir / "aci.yaml", Agreement)


def load_action_plans(
    folder: Path, territories: Iterable[str], catalogue: Catalogue, agreement: Agreement
) -> Mapping[str, ActionPlan]:
    """`action-plan.yaml` of the territories that have one. Raises BadFileError."""
    known = {indicator.id for indicator in catalogue.indicators}
    plans = {}
    for slug, path in _existing(folder, territories, "action-plan.yaml"):
        plans[slug] = plan = load_yaml(path, ActionPlan)
        _refuse(path, plan.strangers(known, set(agreement.missions)))
    return plans


def load_contracts(
    folder: Path, territories: Iterable[str], catalogue: Catalogue, agreement: Agreement
) -> Mapping[str, Contract]:
    """The contract of every territory: the agreement, its profile, its `aci-contract.yaml`. Raises BadFileError."""
    indicators = {indicator.id for indicator in catalogue.indicators}
    contracts = {}
    for slug, path in _existing(folder, territories, "territory.yaml"):
        profile, own_path = load_yaml(path, Profile), folder / slug / "aci-contract.yaml"
        strange = (it for it in profile.missions if it not in agreement.missions)
        _refuse(path, (("missions", f"the agreement has no mission {it!r}") for it in strange))
        own = load_yaml(own_path, OwnContract) if own_path.exists() else OwnContract()
        _refuse(own_path, own.strangers(set(profile.missions), indicators))
        contracts[slug] = Contract(agreement, profile, own)
    return contracts


def put_plans_into(runtime: Runtime) -> None:
    """Both into the runtime, which has the catalogue. Raises BadFileError."""
    agreement = load_agreement(runtime.settings.reference_dir)
    given = (runtime.settings.territories_dir, runtime.territories, runtime.extras[CATALOGUE], agreement)
    runtime.extras[ACTION_PLANS] = load_action_plans(*given)
    runtime.extras[ACI_CONTRACTS] = load_contracts(*given)


def _existing(folder: Path, territories: Iterable[str], name: str) -> Iterator[tuple[str, Path]]:
    paths = ((slug, folder / slug / name) for slug in sorted(territories))
    return ((slug, path) for slug, path in paths if path.exists())


def _refuse(path: Path, wrong: Iterable[tuple[str, str]]) -> None:
    if found := "; ".join(f"{field}: {what}" for field, what in wrong):
        raise BadFileError(f"{path}: {found}")
