"""One number a unit, with its nulls: grid scores, spatial information, place fields."""

from ._field_shuffle import shuffle_fields as shuffle_fields
from ._grid_score import SCORERS as SCORERS
from ._grid_score import GridScore as GridScore
from ._grid_score import GridScores as GridScores
from ._grid_score import check_visited as check_visited
from ._grid_score import grid_score as grid_score
from ._grid_score import grid_scores as grid_scores
from ._grid_score import scorer_parameters as scorer_parameters
from ._information import spatial_information as spatial_information
from ._nulls import Progress as Progress
from ._nulls import circular_shift_null as circular_shift_null
from ._nulls import field_shuffle_null as field_shuffle_null
from ._place_fields import PlaceFields as PlaceFields
from ._place_fields import place_fields as place_fields
