"""What is read about locks.

card: the card of a lock, lists, and what is answered at once
git_activity: branches that touch a lock, what was pushed meanwhile, and what CI says of that
news: what one person is told, and why something is not locked
"""
