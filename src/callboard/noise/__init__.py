"""Noise: how much one plan says to one person, and the one message that tells what is beyond that.

budget: how much somebody takes from a plan, and which message goes beyond it
"""

from callboard.capability import Capability
from callboard.core.outbox import DeliveryFolded
from callboard.noise import notices, subscriptions
from callboard.noise.plan import NOISE

capability = Capability(
    name="noise",
    notices=notices.NOTICES,
    sections=(NOISE,),
    subscriptions=((DeliveryFolded, subscriptions.tell_folded),),
)
