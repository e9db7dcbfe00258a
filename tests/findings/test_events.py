"""What is told while parts are computed, one after the other or several at once."""

from sicgrid.findings._events import Events, PartEvent
from sicgrid.findings._part import Part


def parts(**usual):
    return [Part(name, 1, compute=None, settings=None, usual_s=seconds) for name, seconds in usual.items()]


def test_numbers_count_what_has_ended():
    heard, work = [], []
    one, two, three = wanted = parts(one=4.0, two=1.0, three=3.0)
    events = Events(wanted, heard.append, lambda done, total: work.append((done, total)))
    events.tell(one, "computing", "why")
    events.tell(two, "up to date")
    events.tell(three, "computing")
    events.tell(three, "plan", "how")
    events.tell(three, "done", "3.0 s")
    events.tell(one, "done", "4.0 s")
    assert heard == [
        PartEvent("one", "computing", "why", 0, 3),
        PartEvent("two", "up to date", "", 1, 3),
        PartEvent("three", "computing", "", 1, 3),
        PartEvent("three", "plan", "how", 1, 3),
        PartEvent("three", "done", "3.0 s", 2, 3),
        PartEvent("one", "done", "4.0 s", 3, 3),
    ]
    assert work == [(0, 8000), (0, 7000), (3000, 7000), (7000, 7000)]


def test_progress_is_that_of_all_parts_together():
    work = []
    one, two = wanted = parts(one=4.0, two=1.0)
    events = Events(wanted, lambda event: None, lambda done, total: work.append((done, total)))
    events.tell(one, "computing")
    events.tell(two, "computing")
    events.progress(one)(1, 2)
    events.progress(two)(1, 4)
    assert work[-2:] == [(2000, 5000), (2250, 5000)]


def test_what_was_not_asked_for_counts_for_nothing():
    heard, work = [], []
    (one,), (other,) = parts(one=4.0), parts(other=9.0)
    events = Events([one], heard.append, lambda *done: work.append(done))
    events.tell(other, "removed", "out of date")
    events.tell(other, "up to date")
    events.tell(one, "computing")
    assert heard[0] == PartEvent("other", "removed", "out of date", 0, 1)
    assert heard[2].number == 0
    assert work == [(0, 4000)]
