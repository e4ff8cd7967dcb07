"""Repositories and the branches of teams in them."""

from callboard.branches import rendering, screens, service
from callboard.branches.files import FilesAsked
from callboard.branches.plan import REPOSITORIES
from callboard.capability import Capability

capability = Capability(
    name="branches",
    renderers=rendering.renderers,
    sections=(REPOSITORIES,),
    screens=screens.screens,
    subscriptions=((FilesAsked, service.on_files_asked),),
)
