"""`python -m apidouble` is the command `apidouble`."""

from apidouble.mockserver.commands.main import main

main(prog_name="apidouble")
