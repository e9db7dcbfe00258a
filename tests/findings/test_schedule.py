"""Which part is computed next, by whom."""

from threading import Thread

import pytest

from sicgrid.findings._part import Part
from sicgrid.findings._schedule import Job, Schedule


def part(name, *reads, usual_s=1.0):
    return Part(name, 1, compute=None, settings=None, reads=reads, usual_s=usual_s)


def schedule_of(*parts, **settings):
    return Schedule({one.name: one for one in parts}, lambda one: Job(one, {}, ""), **settings)


def taken(schedule, **who):
    job = schedule.next(**who)
    return job and job.part.name


DIAMOND = part("units"), part("short", "units"), part("long", "units", usual_s=9.0), part("last", "short", "long")
LATE = part("units"), part("modules", "units"), part("waves", "modules"), part("boxes", "units")


@pytest.mark.parametrize("parts", [DIAMOND, LATE])
def test_one_process_takes_the_parts_as_they_stand(parts):
    """Also those that were ready before others that stand before them."""
    schedule, order = schedule_of(*parts), []
    while (job := schedule.next()) is not None:
        order.append(job.part.name)
        schedule.settled(job.part)
    assert order == [part.name for part in parts]


def test_of_several_each_takes_what_the_rest_waits_for_most():
    schedule = schedule_of(*DIAMOND, several=True)
    assert taken(schedule) == "units"
    schedule.settled(DIAMOND[0])
    assert [taken(schedule), taken(schedule)] == ["long", "short"]


def test_a_part_waits_for_all_that_it_reads():
    schedule, seen = schedule_of(*DIAMOND[:1], part("next", "units"), several=True), []
    assert taken(schedule) == "units"
    other = Thread(target=lambda: seen.append(taken(schedule, worker=True)))
    other.start()
    other.join(0.2)
    assert (seen, other.is_alive()) == ([], True)
    schedule.settled(DIAMOND[0])
    other.join(10)
    assert seen == ["next"]


def test_what_is_not_to_be_computed_settles_at_once():
    parts = {one.name: one for one in DIAMOND}
    schedule = Schedule(parts, lambda one: Job(one, {}, "") if one.name == "last" else None)
    assert taken(schedule) == "last"


def test_another_process_is_not_started_for_little_and_has_nothing_that_must_stay():
    small, large, kept = part("small"), part("large", usual_s=5.0), part("kept", usual_s=9.0)
    schedule = schedule_of(small, large, kept, several=True, main_only=["kept"])
    assert taken(schedule, worker=True, started=False) == "large"
    assert taken(schedule, worker=True) == "small"
    assert taken(schedule) == "kept"
    assert schedule.next(worker=True) is None


def test_what_was_given_back_is_taken_again():
    schedule = schedule_of(part("large", usual_s=5.0), several=True)
    job = schedule.next(worker=True)
    schedule.put_back(job)
    assert schedule.next() == job


def test_stopped_it_hands_out_nothing_more():
    schedule = schedule_of(*DIAMOND, several=True)
    schedule.stop()
    assert schedule.next() is None
    assert schedule.next(worker=True) is None
