"""Repositories and the branches of teams in them."""

from callboard.branches import notices, service
from callboard.branches.events import FilesAsked
from callboard.branches.plan import REPOSITORIES
from callboard.capability import Capability

capability = Capability(
    name="branches",
    renderers=notices.renderers,
    sections=(REPOSITORIES,),
    subscriptions=((FilesAsked, service.on_files_asked),),
)
