"""What is told while parts are computed, one after the other or several at once."""

from sicgrid.findings._news import News, PartNews
from sicgrid.findings._part import Part


def parts(**usual):
    return [Part(name, 1, compute=None, settings=None, usual_s=seconds) for name, seconds in usual.items()]


def test_numbers_count_what_has_ended():
    heard, work = [], []
    one, two, three = wanted = parts(one=4.0, two=1.0, three=3.0)
    news = News(wanted, heard.append, lambda done, total: work.append((done, total)))
    news.tell(one, "computing", "why")
    news.tell(two, "up to date")
    news.tell(three, "computing")
    news.tell(three, "plan", "how")
    news.tell(three, "done", "3.0 s")
    news.tell(one, "done", "4.0 s")
    assert heard == [
        PartNews("one", "computing", "why", 0, 3),
        PartNews("two", "up to date", "", 1, 3),
        PartNews("three", "computing", "", 1, 3),
        PartNews("three", "plan", "how", 1, 3),
        PartNews("three", "done", "3.0 s", 2, 3),
        PartNews("one", "done", "4.0 s", 3, 3),
    ]
    assert work == [(0, 8000), (0, 7000), (3000, 7000), (7000, 7000)]


def test_progress_is_that_of_all_parts_together():
    work = []
    one, two = wanted = parts(one=4.0, two=1.0)
    news = News(wanted, lambda news: None, lambda done, total: work.append((done, total)))
    news.tell(one, "computing")
    news.tell(two, "computing")
    news.progress(one)(1, 2)
    news.progress(two)(1, 4)
    assert work[-2:] == [(2000, 5000), (2250, 5000)]


def test_what_was_not_asked_for_counts_for_nothing():
    heard, work = [], []
    (one,), (other,) = parts(one=4.0), parts(other=9.0)
    news = News([one], heard.append, lambda *done: work.append(done))
    news.tell(other, "removed", "out of date")
    news.tell(other, "up to date")
    news.tell(one, "computing")
    assert heard[0] == PartNews("other", "removed", "out of date", 0, 1)
    assert heard[2].number == 0
    assert work == [(0, 4000)]
