import sicgrid.sweeps


def test_names_of_version_0_1_are_answered_and_not_listed():
    assert sicgrid.sweeps.News is sicgrid.sweeps.SweepEvent
    assert "News" not in dir(sicgrid.sweeps)
