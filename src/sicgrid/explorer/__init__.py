"""A network alive in one page: opens from disk, needs no server and no network, runs the real weights."""

from ._page import render_explorer as render_explorer
from ._subject import Subject as Subject
from ._subject import network_subject as network_subject
from ._write import check_page as check_page
from ._write import pretrained_subject as pretrained_subject
from ._write import run_subject as run_subject
from ._write import write_explorer as write_explorer
