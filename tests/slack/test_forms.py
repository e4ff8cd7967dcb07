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


async def test_values_of_a_form_arrive_by_block_id(form):
    await form.sandbox.submit(
        "olga", {"What": "a < b", "Severity": "High", "Who": "pa", "Done": ["Told"], "Until": 1763028000}
    )
    values = form.asked[-1][0].values
    assert values["what"] == "a &lt; b"
    assert (values["severity"], values["who"], values["done"]) == ("high", "UPA", ["0"])
    assert values["until"] == datetime(2025, 11, 13, 10, tzinfo=UTC)
    assert form.asked[-1][0].private == {"number": 12}


async def test_who_and_what_a_text_refers_to_stays_a_reference_but_nobody_is_rung(form):
    await form.sandbox.submit("olga", {"What": "<@U1> saw <https://x.example?a=1&b=2|it> in <#C1>, <!here>"})
    expected = "<@U1> saw <https://x.example?a=1&amp;b=2|it> in <#C1>, &lt;!here&gt;"
    assert form.asked[-1][0].values["what"] == expected


async def test_a_field_left_empty_is_none(form):
    await form.sandbox.submit("olga", {"What": "mongo"})
    values = form.asked[-1][0].values
    assert (values["who"], values["until"], values["done"], values["severity"]) == (None, None, [], "low")


async def test_a_form_that_is_done_closes(form):
    assert (await form.sandbox.submit("olga", {"What": "mongo"})).ok
    assert form.sandbox.views("olga") == []
    assert await form.done() == ["mongo"]


async def test_a_form_may_give_way_to_words(form):
    outcome = await form.sandbox.submit("olga", {"What": "say"})
    assert "It is on the board." in str(outcome.view.body)
    assert len(form.sandbox.views("olga")) == 1


async def test_a_form_may_give_way_to_another(form):
    await form.sandbox.submit("olga", {"What": "more"})
    assert len(form.sandbox.views("olga")) == 1
    assert (await form.sandbox.submit("olga", {"What": "mongo"})).ok


async def test_an_error_in_a_form_is_shown_at_its_field_and_nothing_is_kept(form):
    outcome = await form.sandbox.submit("olga", {"What": "wrong"})
    assert outcome.errors == {"what": "Say it in other words."}
    assert await form.done() == []
    assert (await form.sandbox.submit("olga", {"What": "right"})).ok
    assert await form.done() == ["right"]


@pytest.mark.parametrize(
    ("what", "said"), [("refuse", "Not while the curtain is up."), ("break", "Something went wrong")]
)
async def test_a_refused_form_stays_open_under_the_refusal(form, what, said):
    await form.sandbox.submit("olga", {"What": what})
    views = form.sandbox.views("olga")
    assert len(views) == 2
    assert said in str(views[-1].body)
    assert await form.done() == []
    await form.sandbox.close_view("olga")
    assert (await form.sandbox.submit("olga", {"What": "mongo"})).ok
    assert await form.done() == ["mongo"]


async def test_a_refusal_over_three_forms_is_shown_at_the_first_field(form):
    for forms in (2, 3):
        await form.sandbox.click_in_view("olga", "Another")
        await form.sandbox.until(lambda forms=forms: len(form.sandbox.views("olga")) == forms)
    outcome = await form.sandbox.submit("olga", {"What": "refuse"})
    assert outcome.errors == {"what": "Not while the curtain is up."}


async def test_a_form_that_is_closed_is_noted_once(form):
    await form.sandbox.close_view("olga")
    await form.sandbox.until(lambda: len(form.sandbox.record.of("ack")) == 2)
    assert await form.done() == ["closed"]
