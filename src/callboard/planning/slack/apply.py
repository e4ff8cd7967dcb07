"""`/plan apply`: a plan file is handed in, what it would change is shown and decided, then it is applied."""

from __future__ import annotations

import hashlib

from callboard import blocks as b
from callboard.blocks import fit, forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.planfile.sections import SECTIONS
from callboard.planning import rights, service, store
from callboard.planning.models import Draft
from callboard.plans import service as plans
from callboard.plans.service import Checked, Preview
from callboard.slack.answers import Answer, Errors, Modal, Say
from callboard.slack.grammar import Arguments, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction

HAND_IN, AGREE = "plan.hand_in", "plan.agree"
PASTED = "plan.yml"
KINDS = ("yml", "yaml", "txt", "text")
THEIRS, OURS = "theirs", "ours"
MOST_CONFLICTS, MOST_PARAGRAPHS = 30, 20


def ask(_tx: Tx, _request: Request, _args: Arguments) -> Answer:
    hint = f"Slack takes {m.TEXT} characters here. Upload a longer plan."
    return Modal(forms.modal("Apply a plan", [
        b.section("Upload a plan file or paste its text: one of both. I show you first what it would change."),
        forms.file_input("Plan file", "file", kinds=KINDS, optional=True),
        forms.text_input("Or its text", "text", multiline=True, optional=True, max_length=m.TEXT, hint=hint),
        forms.text_input(
            "Why?", "reason", optional=True, max_length=300, hint="Everybody sees it with the new version.",
        ),
    ], callback_id=HAND_IN, submit="Show changes"))  # fmt: skip


def handed_in(tx: Tx, request: Request) -> Answer:
    """Read what was handed in, and show what it would change."""
    text, files = request.values.get("text") or "", request.files
    if bool(text) == bool(files):
        return Errors({"text": "Upload a file, or paste its text here: one of both."})
    if files and files[0].content is None:
        return Errors({"text": f"{files[0].name}: {files[0].wrong or 'I can not read it'}. Or paste its text here."})
    source = files[0].content or b"" if files else m.unescape(text).encode()
    reason = m.unescape(request.values.get("reason") or "")
    return _looked_at(tx, request, files[0].name if files else PASTED, source, reason)


def from_message(tx: Tx, request: Request) -> Answer:
    """Show what the plan file on a message would change."""
    files = [file for file in request.files if file.name.rpartition(".")[2].lower() in KINDS] or list(request.files)
    if not files:
        raise Refused("This message has no file. Choose one with a plan file, or type `/plan apply`.")
    if files[0].content is None:
        raise Refused(f"{m.escape(files[0].name)}: {files[0].wrong or 'I can not read it'}.")
    return _looked_at(tx, request, files[0].name, files[0].content, "")


def agreed(tx: Tx, request: Request) -> Answer:
    """Apply what was shown; where something is different meanwhile, show it again."""
    draft = store.draft(tx, int(request.private.get("draft", 0)))
    if draft is None or draft.by != request.user or draft.workspace != request.workspace:
        raise Refused("This draft is gone. Hand the file in again: `/plan apply`")
    checked = _checked(tx, draft.source.encode(), draft.file)
    author = rights.author(tx, request, checked.document)
    preview = plans.preview(tx, checked, request.workspace)
    if _mark(preview) != request.private.get("mark"):
        return _preview(draft, checked, preview, again=True)
    theirs, ours = ([place for place, block in _questions(preview) if request.values.get(block) == side]
                    for side in (THEIRS, OURS))  # fmt: skip
    choices = plans.answers(theirs, ours)
    meant = plans.preview(tx, checked, request.workspace, choices).document
    by = rights.applies(tx, request, author, meant)
    done = plans.apply(
        tx, checked, author=by, reason=draft.reason, workspace=request.workspace, choices=choices
    )  # fmt: skip
    tx.session.delete(draft)
    tx.session.flush()
    if not done.changes:
        return Say("This file changes nothing.")
    return Say(f"Version {done.version} of `{done.key}` runs now. See what changed: `/plan versions`")


def _looked_at(tx: Tx, request: Request, file: str, source: bytes, reason: str) -> Answer:
    checked = _checked(tx, source, file)
    if checked.errors:
        raise Refused(_wrong(checked))
    author = rights.author(tx, request, checked.document)
    preview = plans.preview(tx, checked, request.workspace)
    rights.applies(tx, request, author, preview.document)
    if not preview.changes:
        return Say("This file changes nothing: it runs already.")
    draft = Draft(
        workspace=request.workspace, by=request.user, file=file, source=checked.document.source, reason=reason,
        at=tx.now,
    )  # fmt: skip
    return _preview(service.keep_draft(tx, draft), checked, preview)


def _preview(draft: Draft, checked: Checked, preview: Preview, *, again: bool = False) -> Modal:
    """What it would change, with what it means for what runs, and a question for each conflict."""
    conflicts = len(preview.conflicts)
    if conflicts > MOST_CONFLICTS:
        raise Refused(
            f"People changed {conflicts} things that this file changes too. A form holds {MOST_CONFLICTS}. "
            "Take theirs into the file first (`callboard export --plan`), or use `callboard apply --theirs`."
        )
    lines = [":arrows_counterclockwise: The plan has changed meanwhile. Look again:"] if again else []
    for title, points in (
        ("This changes", preview.changes), ("What that means now", preview.consequences),
        ("Check these", checked.report()),
    ):  # fmt: skip
        lines += [m.bold(title), *(f"• {m.escape(point)}" for point in points)] if points else []
    if preview.kept:
        lines.append(f"{preview.kept} changes that people made since stay as they are.")
    choices = [("Keep what people did", THEIRS), ("Take what the file says", OURS)]
    questions = [
        forms.select_input(m.clip(sentence, forms.LABEL - 100), block, choices, initial=THEIRS)
        for sentence, (_, block) in zip(preview.conflicts, _questions(preview), strict=False)
    ]
    head = [b.section(m.bold("People changed these too. Which counts?"))] if questions else []
    blocks = [*fit.paragraphs(lines, MOST_PARAGRAPHS), *head, *questions]
    private = {"draft": draft.id, "mark": _mark(preview)}
    return Modal(forms.modal("Apply this?", blocks, callback_id=AGREE, submit="Apply", private=private))


def _checked(tx: Tx, source: bytes, file: str) -> Checked:
    return plans.check(source, file, tx.of(SECTIONS))


def _wrong(checked: Checked) -> str:
    """The errors of a file, as `line: sentence`."""
    errors = [f"{problem.line}: {m.escape(problem.sentence)}" for problem in checked.errors]
    head = f"{m.escape(checked.document.file)} has {counted(len(errors), 'error')}, so nothing changes. Line by line:"
    return f"{head}\n{fit.fitting(errors, m.TEXT - len(head) - 1, ': `callboard check` lists them all')}"


def _questions(preview: Preview) -> list[tuple[str, str]]:
    """Path and block id of each conflict."""
    return [(place, f"choice:{hashlib.sha256(place.encode()).hexdigest()[:12]}") for place in preview.places]


def _mark(preview: Preview) -> str:
    """What tells whether the same is agreed to that was shown."""
    text = "\n".join([*preview.changes, *preview.consequences, *preview.conflicts])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


verbs = (Verb("apply", ask, "hand in a plan file; shows first what it would change", reads=True),)
interactions = (
    Interaction("modal", HAND_IN, handed_in, files=True, ranks=True),
    Interaction("modal", AGREE, agreed, ranks=True),
    Interaction(
        "shortcut", "plan.from_message", from_message, title="Apply this plan",
        description="Show what the plan file on this message would change", files=True, ranks=True,
    ),
)  # fmt: skip
