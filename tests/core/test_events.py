"""Events as parameters and tables give them."""

import pandas as pd
import pytest

from qieval.core.errors import ParameterError
from qieval.core.events import tidy_events


def test_events_keep_what_else_they_say():
    given = [{"date": "2020-03-01", "event": "Ward moved", "kind": "reorganisation"}]
    (found,) = tidy_events(given)
    assert found == {
        "date": pd.Timestamp("2020-03-01"),
        "event": "Ward moved",
        "kind": "reorganisation",
    }
    assert tidy_events(pd.DataFrame(given)) == [found]
    assert tidy_events(None) == []


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"date": "2020-03-01"}, "Event number 1 needs a `date` and an `event`"),
        ({"event": "Ward moved"}, "Event number 1 needs"),
        ("Ward moved", "Event number 1 needs"),
        ({"date": "03/04/2020", "event": "Ward moved"}, "year-month-day"),
        ({"date": None, "event": "Ward moved"}, "needs a date"),
    ],
)
def test_an_event_without_a_date_or_words_is_refused(event, says):
    with pytest.raises(ParameterError) as caught:
        tidy_events([event])
    assert says in str(caught.value)
