"""Fast twins of inner loops of the analysis, of numpy arrays: no torch is loaded. Import them where they are called."""

from ._bin_sums import bin_sums as bin_sums
from ._edge_collapse import collapse_edges as collapse_edges
from ._farthest import farthest as farthest
from ._field_shuffle import new_places as new_places
from ._field_shuffle import set_down as set_down
from ._half import half_correlations as half_correlations
from ._half import sums_up_to as sums_up_to
from ._half import wave_power as wave_power
from ._lowest import nearly_lowest as nearly_lowest
from ._rings import ring_correlations as ring_correlations
from ._spikes import count_spikes as count_spikes
from ._spikes import in_time as in_time
from ._spikes import samples_at as samples_at
from ._spikes import spike_sums as spike_sums
from ._wave_sums import grid_sums as grid_sums
from ._wave_sums import weighted_sums as weighted_sums
