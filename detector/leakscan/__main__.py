"""`python -m leakscan`: the command, where its script is not on the path."""

from leakscan.cli import main

main()
