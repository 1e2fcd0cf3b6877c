"""Messages on their way out: mail, webhook, robot of a chat group, SMS gateway, an Apprise service. Blocking: called in threads.

    send(channel, secret, letter)      raises why it did not arrive, in one sentence

Every send is bounded in time and size, asks no other host than the one named, and follows no redirect.
"""

from links.notify.letter import Letter, Login
from links.notify.sending import send

__all__ = ["Letter", "Login", "send"]
