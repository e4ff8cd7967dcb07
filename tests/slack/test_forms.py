"""Forms: filled in, submitted, refused, closed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def form(bot):
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))
    return bot


async def test_a_slack_request_holds_the_values_of_a_form_by_block_id(form):
    await form.sandbox.submit(
        "olga", {"What": "a < b", "Severity": "High", "Who": "pa", "Done": ["Told"], "Until": 1763028000}
    )
    values = form.asked[-1][0].values
    assert values["what"] == "a &lt; b"
    assert (values["severity"], values["who"], values["done"]) == ("high", "UPA", ["0"])
    assert values["until"] == datetime(2025, 11, 13, 10, tzinfo=UTC)
    assert form.asked[-1][0].private == {"number": 12}


async def test_a_slack_request_keeps_references_in_the_text_of_a_form_but_rings_nobody(form):
    await form.sandbox.submit("olga", {"What": "<@U1> saw <https://x.example?a=1&b=2|it> in <#C1>, <!here>"})
    expected = "<@U1> saw <https://x.example?a=1&amp;b=2|it> in <#C1>, &lt;!here&gt;"
    assert form.asked[-1][0].values["what"] == expected


async def test_a_slack_request_holds_none_for_a_form_field_left_empty(form):
    await form.sandbox.submit("olga", {"What": "mongo"})
    values = form.asked[-1][0].values
    assert (values["who"], values["until"], values["done"], values["severity"]) == (None, None, [], "low")


async def test_the_answer_to_a_submitted_form_that_says_nothing_closes_it(form):
    assert (await form.sandbox.submit("olga", {"What": "mongo"})).ok
    assert form.sandbox.views("olga") == []
    assert await form.done() == ["mongo"]


async def test_the_answer_to_a_submitted_form_may_be_words_in_its_place(form):
    outcome = await form.sandbox.submit("olga", {"What": "say"})
    assert "It is on the board." in str(outcome.view.body)
    assert len(form.sandbox.views("olga")) == 1


async def test_the_answer_to_a_submitted_form_may_be_another_form(form):
    await form.sandbox.submit("olga", {"What": "more"})
    assert len(form.sandbox.views("olga")) == 1
    assert (await form.sandbox.submit("olga", {"What": "mongo"})).ok


async def test_an_answer_with_errors_shows_them_at_the_form_field_and_nothing_is_kept(form):
    outcome = await form.sandbox.submit("olga", {"What": "wrong"})
    assert outcome.errors == {"what": "Say it in other words."}
    assert await form.done() == []
    assert (await form.sandbox.submit("olga", {"What": "right"})).ok
    assert await form.done() == ["right"]


@pytest.mark.parametrize(
    ("what", "said"), [("refuse", "Not while the curtain is up."), ("break", "Something went wrong")]
)
async def test_an_answer_that_refuses_a_form_is_shown_over_it_and_the_form_stays_open(form, what, said):
    await form.sandbox.submit("olga", {"What": what})
    views = form.sandbox.views("olga")
    assert len(views) == 2
    assert said in str(views[-1].body)
    assert await form.done() == []
    await form.sandbox.close_view("olga")
    assert (await form.sandbox.submit("olga", {"What": "mongo"})).ok
    assert await form.done() == ["mongo"]


async def test_an_answer_that_refuses_the_third_form_on_top_is_shown_at_its_first_field(form):
    for forms in (2, 3):
        await form.sandbox.click_in_view("olga", "Another")
        await form.sandbox.until(lambda forms=forms: len(form.sandbox.views("olga")) == forms)
    outcome = await form.sandbox.submit("olga", {"What": "refuse"})
    assert outcome.errors == {"what": "Not while the curtain is up."}


async def test_the_closing_of_a_form_is_dispatched_once(form):
    await form.sandbox.close_view("olga")
    await form.sandbox.until(lambda: len(form.sandbox.record.of("ack")) == 2)
    assert await form.done() == ["closed"]
