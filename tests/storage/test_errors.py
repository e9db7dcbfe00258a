"""What a person at the shell is told about a disk's errors."""

import errno

import pytest

from sicgrid.storage import UserError, describe_os_error


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_called_so_and_the_file_is_named(number):
    line = describe_os_error(OSError(number, "whatever", "runs/quick/metrics.jsonl"))
    assert "disk is full" in line
    assert "runs/quick/metrics.jsonl" in line
    assert "\n" not in line


def test_other_errors_keep_their_reason_and_file():
    line = describe_os_error(PermissionError(errno.EACCES, "Permission denied", "/root/x"))
    assert line == "Permission denied (/root/x)"
    assert describe_os_error(OSError("odd")) == "odd"


def test_user_errors_end_with_code_2():
    assert UserError("no").exit_code == 2
