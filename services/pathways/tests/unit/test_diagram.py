"""A pathway is drawn: readable, escaped, and the same each time."""

from pathlib import Path
from xml.etree import ElementTree

from pathway_made import template

from kit.territories import territory_slugs
from pathways.domain.diagram import draw
from pathways.domain.layout import lay_out
from pathways.store.template_files import load_catalogue

_NAMES = {"svg": "http://www.w3.org/2000/svg"}


def test_every_pathway_is_drawn_with_a_bar_for_each_step_and_an_arrow_for_each_anchor(deploy_dir: Path) -> None:
    folder = deploy_dir / "territories"
    catalogue = load_catalogue(folder, deploy_dir / "reference", territory_slugs(folder))
    for pathway in (it for own in catalogue.values() for it in own.values()):
        root = ElementTree.fromstring(draw(pathway))
        laid_out = lay_out(pathway.steps)
        bars = root.findall("svg:rect[@height='15']", _NAMES)
        assert len(bars) == len(laid_out) + len(pathway.roles)
        arrows = root.findall("svg:path[@marker-end]", _NAMES)
        assert len(arrows) == sum(it.rule.anchor is not None for it in laid_out)
        assert all(float(bar.get("x", "")) >= 0 for bar in bars)
        assert draw(pathway) == draw(pathway)


def test_texts_are_escaped_and_a_condition_is_dashed() -> None:
    step = {"code": "a", "label": "<b>&", "to_days": 1, "when": ["x"]}
    drawn = draw(template(step, facts=[{"code": "x", "label": "x"}]))
    assert "&lt;b&gt;&amp;" in drawn
    assert drawn.count("stroke-dasharray") == 1
