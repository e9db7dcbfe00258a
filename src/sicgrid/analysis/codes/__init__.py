"""How good a code of place is: ideal codes to compare with, unique range, error correction."""

from ._error_correction import DecodingCurve as DecodingCurve
from ._error_correction import ErrorCorrectionConfig as ErrorCorrectionConfig
from ._error_correction import decoding_curve as decoding_curve
from ._error_correction import decoding_curves as decoding_curves
from ._ideal_codes import CodeSize as CodeSize
from ._ideal_codes import IdealCode as IdealCode
from ._ideal_codes import ReferenceCodes as ReferenceCodes
from ._ideal_codes import code_size as code_size
from ._ideal_codes import modular_code as modular_code
from ._ideal_codes import place_code as place_code
from ._ideal_codes import reference_codes as reference_codes
from ._unique_range import UniqueRange as UniqueRange
from ._unique_range import UniqueRangeComparison as UniqueRangeComparison
from ._unique_range import UniqueRangeConfig as UniqueRangeConfig
from ._unique_range import compare_unique_range as compare_unique_range
from ._unique_range import unique_range as unique_range
