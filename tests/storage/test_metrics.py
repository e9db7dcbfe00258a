"""metrics.jsonl: appended in whole lines, cut to a step, read as columns."""

import math
import resource

import numpy as np
import pytest

from sicgrid.storage import MetricsLog, UserError, cut_metrics, read_metrics


def write(path, steps):
    with MetricsLog(path) as log:
        for step in steps:
            log.append({"step": step, "total": 0.1 * step})


def test_columns_come_back_exactly(tmp_path):
    path = tmp_path / "metrics.jsonl"
    write(path, [1, 2])
    write(path, [3])
    columns = read_metrics(path)
    assert columns["step"].dtype == np.int64
    assert columns["step"].tolist() == [1, 2, 3]
    assert columns["total"].tolist() == [0.1, 0.2, 0.1 * 3]


def test_an_empty_log_has_no_records(tmp_path):
    path = tmp_path / "metrics.jsonl"
    write(path, [])
    assert read_metrics(path)["step"].tolist() == []


def test_what_is_not_finite_is_null_and_read_as_nan(tmp_path):
    path = tmp_path / "metrics.jsonl"
    with MetricsLog(path) as log:
        log.append({"step": 1, "gradient_norm": math.inf})
    assert path.read_text() == '{"step": 1, "gradient_norm": null}\n'
    assert math.isnan(read_metrics(path)["gradient_norm"][0])


def test_cutting_drops_later_steps_and_an_unfinished_line(tmp_path):
    path, short = tmp_path / "metrics.jsonl", tmp_path / "short.jsonl"
    write(path, range(1, 11))
    write(short, range(1, 5))
    with path.open("a") as file:
        file.write('{"step": 1')
    cut_metrics(path, 4)
    assert path.read_bytes() == short.read_bytes()
    cut_metrics(path, 4)
    assert path.read_bytes() == short.read_bytes()


def test_cutting_nothing_is_fine(tmp_path):
    cut_metrics(tmp_path / "none.jsonl", 4)
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_last_line_is_not_read(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1, "total": 2.0}\n{"step": 2, "to')
    assert read_metrics(path)["step"].tolist() == [1]


def test_a_damaged_line_is_an_error_that_names_the_file(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\nrubbish\n{"step": 3}\n')
    with pytest.raises(UserError, match=r"metrics\.jsonl is damaged"):
        read_metrics(path)


def test_a_line_that_does_not_fit_on_the_disk_is_taken_back(tmp_path):
    path = tmp_path / "metrics.jsonl"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with MetricsLog(path) as log:
        log.append({"step": 1, "total": 1.0})
        whole = path.read_bytes()
        # Room for half a line: the kernel writes that much and refuses the rest, as a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + len(whole) // 2, hard))
        try:
            with pytest.raises(OSError, match="too large") as caught:
                log.append({"step": 2, "total": 2.0})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.filename == str(path)
    assert path.read_bytes() == whole
