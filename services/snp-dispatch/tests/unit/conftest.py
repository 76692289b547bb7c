"""The real policy and codes: the rules that run are the rules that are tested."""

from pathlib import Path

import pytest

from kit.territories import load_yaml
from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.policy import Policy


@pytest.fixture(scope="session")
def catalogue(deploy_dir: Path) -> Catalogue:
    return load_yaml(deploy_dir / "reference" / "snp-codes.yaml", Catalogue)


@pytest.fixture(scope="session")
def policy(deploy_dir: Path) -> Policy:
    return load_yaml(deploy_dir / "territories" / "pays-de-redon" / "snp-policy.yaml", Policy)
