"""Bundled trained networks, each with a card: load one, make a run of it, add another."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._baselines import FittedBaseline as FittedBaseline
    from ._baselines import baseline_card as baseline_card
    from ._baselines import bundled_baselines as bundled_baselines
    from ._baselines import export_baseline as export_baseline
    from ._baselines import fit_baseline as fit_baseline
    from ._baselines import fitted_baseline as fitted_baseline
    from ._baselines import keep_baseline as keep_baseline
    from ._card import Card as Card
    from ._card import card_text as card_text
    from ._catalog import load_pretrained as load_pretrained
    from ._catalog import pretrained_names as pretrained_names
    from ._catalog import read_card as read_card
    from ._export import export_pretrained as export_pretrained
    from ._run import pretrained_run as pretrained_run
else:
    __getattr__, __dir__ = lazy_names(__name__)
