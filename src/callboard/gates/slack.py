"""How people meet gates in Slack: the command `/gate`, its buttons and forms."""

from __future__ import annotations

from callboard.gates import clicking, commands
from callboard.gates.attempts import typed, vote_typed
from callboard.slack.grammar import Command, Number, Text, Verb, Word

GATE, NUMBER = Word("gate"), Number("number")

command = Command(
    word="gate",
    about="what has to hold and be signed before work goes on, go or no-go, and freezes",
    verbs=(
        Verb("show", commands.show, "one gate: every criterion, who has signed, who must still", (GATE,), reads=True),
        Verb(
            "tick", typed("tick", commands.tick), "you have looked at a criterion, and it holds",
            (GATE, Text("criterion")), aliases=("check",),
        ),
        Verb("untick", typed("untick", commands.untick), "it does not hold after all", (GATE, Text("criterion"))),
        Verb(
            "report", typed("report", commands.report), "report a measure: its name, the amount, a link",
            (GATE, Text("rest")), aliases=("measure",),
        ),
        Verb(
            "sign", typed("sign", commands.sign), "sign, or say GO; first you see what holds and what it triggers",
            (GATE, Text("for", optional=True)), aliases=("go", "approve"),
        ),
        Verb(
            "reject", typed("reject", commands.reject), "say no, or NO-GO, and why",
            (GATE, Text("reason", optional=True)), aliases=("no-go", "nogo"),
        ),
        Verb("withdraw", typed("withdraw", commands.withdraw), "take your signature, or your no, back", (GATE,)),
        Verb(
            "waive", typed("waive", commands.waive), "let it go with an exception record; for coordinators",
            (GATE, Text("why", optional=True)),
        ),
        Verb(
            "ack", typed("acknowledge", commands.acknowledge),
            "you have a gate that was missed: nobody else is paged", (GATE,),
        ),
        Verb("history", commands.history, "what happened to a gate, what was refused too", (GATE,), reads=True),
        Verb("list", commands.list_all, "every gate, and what is frozen", reads=True),
        Verb("mine", commands.list_mine, "what waits for you", aliases=("waiting",), reads=True),
        Verb("freezes", commands.list_freezes, "what is frozen, and the exceptions", aliases=("freeze",), reads=True),
        Verb(
            "exception", commands.exception, "ask to let one item through a freeze",
            (Text("item", optional=True),), aliases=("except",),
        ),
        Verb("grant", vote_typed("grant", commands.grant), "sign an exception", (NUMBER,)),
        Verb("deny", vote_typed("deny", commands.deny), "deny an exception, and why", (NUMBER, Text("reason"))),
    ),
    alone=commands.list_all,
    alone_reads=True,
    examples=("show tested", "tick prepared 1", "report tested tests_passed 68", "sign tested", "mine"),
)  # fmt: skip
interactions = clicking.interactions
