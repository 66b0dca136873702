"""apidouble as a WSGI application, for other servers than its own."""

from apidouble.mockserver.serve.doors.flask_door import create_app

app = create_app()
