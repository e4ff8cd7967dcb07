"""How a plan file is handed in, in Slack: the form, what it would change, what has to be decided, and applying it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.planfile.sections import SECTIONS, Document
from callboard.planning import lookup, service
from callboard.planning.models import Draft
from callboard.plans import service as plans
from callboard.plans.service import Checked, Preview
from callboard.slack.answers import Answer, Errors, Modal, Say
from callboard.slack.grammar import Arguments, Verb
from callboard.slack.requests import File, Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR

if TYPE_CHECKING:
    from callboard.core.db import Tx

HAND_IN, AGREE = "plan.hand_in", "plan.agree"
PASTED = "plan.yml"
KINDS = ("yml", "yaml", "txt", "text")
THEIRS, OURS = "theirs", "ours"
MOST_ERRORS, MOST_CONFLICTS, MOST_PARAGRAPHS = 20, 30, 20


def ask(_tx: Tx, _request: Request, _args: Arguments) -> Answer:
    """Open the form."""
    return Modal(b.modal(
        "Apply a plan",
        [
            b.section("Hand in a plan file. Nothing happens before you have seen what it would change."),
            b.file_input("The file", "file", kinds=KINDS, optional=True),
            b.text_input(
                "Or its text", "text", multiline=True, optional=True, max_length=b.TEXT,
                hint="Slack takes 3000 characters here; upload a longer plan.",
            ),
            b.text_input("Why?", "reason", optional=True, max_length=300, hint="It is kept with the version."),
        ],
        callback_id=HAND_IN, submit="Show what changes",
    ))  # fmt: skip


def handed_in(tx: Tx, request: Request) -> Answer:
    """Read what was handed in, and show what it would change."""
    text, files = request.values.get("text") or "", request.files
    if bool(text) == bool(files):
        return Errors({"text": "One of both is needed: upload a file, or paste its text here."})
    if files and files[0].content is None:
        return Errors({"text": f"{files[0].name}: {files[0].wrong or 'it cannot be read'}. Or paste its text here."})
    source = files[0].content or b"" if files else b.unescape(text).encode()
    reason = b.unescape(request.values.get("reason") or "")
    return _looked_at(tx, request, files[0].name if files else PASTED, source, reason)


def from_message(tx: Tx, request: Request) -> Answer:
    """Show what the plan file would change that hangs on a message."""
    files = [one for one in request.files if one.name.rpartition(".")[2].lower() in KINDS] or list(request.files)
    if not files:
        raise Refused("No file is on that message. Choose this where a plan file is, or type `/plan apply`.")
    return _looked_at(tx, request, files[0].name, _content(files[0]), "")


def agreed(tx: Tx, request: Request) -> Answer:
    """Apply what was shown; where something is different meanwhile, show it again."""
    draft = service.find_draft(tx, int(request.private.get("draft", 0)))
    if draft is None or draft.by != request.user or draft.workspace != request.workspace:
        raise Refused("This draft is not there any more: hand the file in again with `/plan apply`.")
    checked = _checked(tx, draft.source.encode(), draft.file)
    author = _author(tx, request, checked.document)
    asked = plans.preview(tx, checked, request.workspace)
    if _mark(asked) != request.private.get("mark"):
        return _preview(draft, checked, asked, again=True)
    taken = {side: [place for place, block in _questions(asked) if request.values.get(block) == side]
             for side in (THEIRS, OURS)}  # fmt: skip
    choices = plans.answers(taken[THEIRS], taken[OURS])
    done = plans.apply(tx, checked, author=author, reason=draft.reason, workspace=request.workspace, choices=choices)
    service.forget_draft(tx, draft)
    if not done.changes:
        return Say("Nothing changes by this file.")
    return Say(f"Version {done.version} of `{done.key}` runs now. `/plan versions` shows what changed.")


def _looked_at(tx: Tx, request: Request, file: str, source: bytes, reason: str) -> Answer:
    checked = _checked(tx, source, file)
    if checked.errors:
        raise Refused(_wrong(checked))
    _author(tx, request, checked.document)
    found = plans.preview(tx, checked, request.workspace)
    if not found.changes:
        return Say("Nothing changes by this file: it is what runs already.")
    new = Draft(
        workspace=request.workspace,
        by=request.user,
        file=file,
        source=checked.document.source,
        reason=reason,
        at=tx.now,
    )
    return _preview(service.keep_draft(tx, new), checked, found)


def _preview(draft: Draft, checked: Checked, found: Preview, *, again: bool = False) -> Modal:
    """What it would change, with what it means for what runs, and a question for each conflict."""
    lines = [":arrows_counterclockwise: The plan has changed meanwhile. Look again:"] if again else []
    lines += [b.bold("This changes"), *(f"• {b.escape(one)}" for one in found.changes)]
    if found.consequences:
        lines += [b.bold("What that means now"), *(f"• {b.escape(one)}" for one in found.consequences)]
    if found.kept:
        lines.append(f"{found.kept} of the changes that people made since stay as they are.")
    if warnings := checked.report():
        lines += [b.bold("Worth a look"), *(f"• {b.escape(one)}" for one in warnings)]
    inputs = [
        b.select_input(
            b.clip(sentence, 1900), block,
            [("What people did stays", THEIRS), ("What the file says counts", OURS)], initial=THEIRS,
        )
        for sentence, (_, block) in zip(found.conflicts, _questions(found), strict=False)
    ]  # fmt: skip
    if len(inputs) > MOST_CONFLICTS:
        raise Refused(
            f"People changed {len(inputs)} things that this file changes too: more than a form holds. Take theirs into "
            "the file first (`callboard export --plan` writes them), or use `callboard apply --theirs`."
        )
    if inputs:
        inputs.insert(0, b.section(b.bold("People changed what the file changes too: which counts?")))
    blocks = [*lookup.paragraphs(lines, MOST_PARAGRAPHS), *inputs]
    private = {"draft": draft.id, "mark": _mark(found)}
    return Modal(b.modal("Apply this?", blocks, callback_id=AGREE, submit="Apply", private=private))


def _checked(tx: Tx, source: bytes, file: str) -> Checked:
    return plans.check(source, file, tx.of(SECTIONS))


def _wrong(checked: Checked) -> str:
    """The errors of a file, as `line: sentence`."""
    errors = [f"{problem.line}: {b.escape(problem.sentence)}" for problem in checked.errors]
    count = counted(len(errors), "error")
    left = len(errors) - MOST_ERRORS
    more = [f"and {left} more: `callboard check` lists them all"] if left > 0 else []
    head = f"{b.escape(checked.document.file)} has {count}, so nothing changes. Line by line:"
    return b.clip("\n".join([head, *errors[:MOST_ERRORS], *more]), b.TEXT)


def _author(tx: Tx, request: Request, document: Document) -> str:
    """Who applies it: a coordinator of the plan that runs, of a new one whom the file names. Refused for others."""
    key, name = str(document.body["key"]), b.escape(str(document.body.get("name")))
    there = next((one for one in plans.running(tx, request.workspace) if one.key == key), None)
    if request.is_bot:
        raise Refused("A plan is applied by people.")
    if there is None:
        return _named(request, document, name)
    directory = teams.directory(tx, there.id)
    person = directory.by_slack(request.user)
    if person is None or not directory.has_role(person, COORDINATOR):
        who = directory.one_of(directory.coordinators) or "nobody: use `callboard apply`"
        raise Refused(f"{name} is applied by whoever coordinates it: {who}.")
    return person.key


def _named(request: Request, document: Document, name: str) -> str:
    people: dict[str, Any] = dict(document.body.get("people") or {})
    for key, part in people.items():
        if part.get("slack") == request.user and COORDINATOR in (part.get("roles") or ()):
            return key
    raise Refused(
        f"{name} is a new plan. It is begun by somebody whom the file names as coordinator: write "
        f"`slack: {request.user}` and `roles: [coordinator]` for yourself, or use `callboard apply`."
    )


def _questions(found: Preview) -> list[tuple[str, str]]:
    """Path and block id of each conflict."""
    places: Sequence[str] = [one.place for one in found.merged.conflicts] if found.merged else []
    return [(place, f"choice:{hashlib.sha256(place.encode()).hexdigest()[:12]}") for place in places]


def _mark(found: Preview) -> str:
    """What tells whether the same is agreed to that was shown."""
    said = "\n".join([*found.changes, *found.consequences, *found.conflicts])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _content(file: File) -> bytes:
    if file.content is None:
        raise Refused(f"{b.escape(file.name)}: {file.wrong or 'it cannot be read'}.")
    return file.content


verbs = (Verb("apply", ask, "hand in a plan file; shows what it would change first", reads=True),)
interactions = (
    Interaction("modal", HAND_IN, handed_in, files=True),
    Interaction("modal", AGREE, agreed),
    Interaction(
        "shortcut", "plan.from_message", from_message, title="Apply this plan",
        description="Shows what the plan file on this message would change", files=True,
    ),
)  # fmt: skip
