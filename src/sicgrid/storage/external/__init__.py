"""External recordings: positions with activities or spike times, from files that others wrote."""

from ._arrays import ExternalPath as ExternalPath
from ._arrays import ExternalRecording as ExternalRecording
from ._arrays import StoredRecording as StoredRecording
from ._formats import Format as Format
from ._formats import formats as formats
from ._read import external_arrays as external_arrays
from ._read import read_external_path as read_external_path
from ._read import read_external_recording as read_external_recording
from ._read import read_foreign_path as read_foreign_path
from ._read import read_foreign_recording as read_foreign_recording
from ._source import WRITTEN_HERE as WRITTEN_HERE
from ._source import activity_kind as activity_kind
from ._source import external_source as external_source
from ._source import identity as identity
from ._time_units import DOUBT as DOUBT
from ._time_units import Scales as Scales
from ._time_units import check_time_units as check_time_units
