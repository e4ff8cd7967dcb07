"""`python -m callboard`."""

from callboard.cli.commands import main

main()
