"""A workspace in a folder: what changed is written, what is gone is removed, files of others stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from callboard.blocks.markdown import Code, shown
from callboard.board.workspace import folder
from callboard.board.workspace.history import safe
from callboard.core.errors import Refused

FILES = {"Omega/A-1.md": "one\n", "Omega/A-2.md": "two\n", "JOINT/C.md": "three\n"}


def test_a_folder_is_written_once_and_then_only_where_something_changed(tmp_path):
    assert folder.write(tmp_path, FILES) == "3 files written"
    before = (tmp_path / "Omega/A-1.md").stat().st_mtime_ns
    assert folder.write(tmp_path, FILES) == "nothing has changed"
    assert folder.write(tmp_path, FILES | {"Omega/A-2.md": "2\n"}) == "1 file written"
    assert (tmp_path / "Omega/A-1.md").stat().st_mtime_ns == before


def test_a_folder_loses_what_is_gone_and_keeps_what_others_wrote(tmp_path):
    folder.write(tmp_path, FILES)
    (tmp_path / "Omega/own.md").write_text("own")
    assert folder.write(tmp_path, {"Omega/A-1.md": "one\n"}) == "0 files written, 2 removed"
    assert sorted(path.name for path in tmp_path.rglob("*.md")) == ["A-1.md", "own.md"]
    assert not (tmp_path / "JOINT").exists()


def test_a_folder_with_a_file_of_somebody_else_in_the_way_is_left_as_it_is(tmp_path):
    (tmp_path / "JOINT").mkdir()
    (tmp_path / "JOINT/C.md").write_text("mine")
    with pytest.raises(Refused, match=r"JOINT/C\.md is in this folder already, and Callboard did not write it"):
        folder.write(tmp_path, FILES)
    assert [path.name for path in tmp_path.rglob("*.md")] == ["C.md"]


@pytest.mark.parametrize("path", ["../outside.md", "/tmp/outside.md", "link/outside.md"])
def test_a_folder_is_not_left_by_its_list_or_a_link(tmp_path, path):
    (tmp_path / "in").mkdir()
    (tmp_path / "outside.md").write_text("mine")
    (tmp_path / "in/link").symlink_to(tmp_path)
    (tmp_path / "in" / folder.LIST).write_text(f"{path}\n")
    with pytest.raises(Refused, match="leads out of the folder"):
        folder.write(tmp_path / "in", FILES)
    assert (tmp_path / "outside.md").read_text() == "mine"


@given(st.text(alphabet=st.sampled_from("a1 _*`[]()<>#-+.!|~&\\:/\nhtpsw@="), max_size=30))
def test_markdown_shows_what_people_write_letter_by_letter(said):
    parser = MarkdownIt("gfm-like", {"linkify": False})
    inline = parser.parse(f"- Note: {shown(said)}\n")[3]
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}
    assert "".join(child.content for child in inline.children or []).split() == f"Note: {said}".split()
    heading = parser.parse(f"# A: {shown(Code(said))}\n")[1]
    assert heading.map == [0, 1]


def test_history_closes_no_issue_and_calls_nobody_on_a_forge():
    assert safe("fixes #12, acme/web#3 and GH-4, thanks @ann") == "fixes # 12, acme/web#3 and GH 4, thanks @ ann"
