"""How figures are looked at, and the thresholds below which they are hidden."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Query

from indicators.domain.small_cells import SmallCells
from indicators.usecases.load_small_cells import SMALL_CELLS
from indicators.usecases.show_figures import View
from kit.http import RuntimeDep


async def _small_cells(runtime: RuntimeDep) -> Mapping[str, SmallCells]:
    found: Mapping[str, SmallCells] = runtime.extras[SMALL_CELLS]
    return found


async def _view(
    live: Annotated[bool, Query(description="As the figures are now, whatever was approved")] = False,
    published: Annotated[bool, Query(description="As they may be published: small counts of patients hidden")] = False,
) -> View:
    return View(live=live, published=published)


SmallCellsDep = Annotated[Mapping[str, SmallCells], Depends(_small_cells)]
ViewDep = Annotated[View, Depends(_view)]
