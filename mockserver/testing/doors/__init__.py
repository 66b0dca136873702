"""What a library of HTTP is about to send into a `Request`, in process, and the `Response` into what it expects.

`opening.py` knows which doors are open and which answers here: of several the last one that was opened in the caller's
context (`contextvars`), or else anywhere. While any is open it puts stand-ins in place of methods of the libraries,
also of those that are imported later. Each module has its seams:

- `connections.py`: `connect` and `putrequest` of http.client and urllib3. What stands for the socket keeps what is
  sent and answers once it is read, so all of http.client, urllib.request and urllib3 runs as ever (`conversation.py`).
- `requests_door.py`: `HTTPAdapter.send`. The vendors' hosts go to the original with an adapter that is the caller's
  own but for its pool, so retries, errors and hooks are not imitated. Where nothing is repeated, late or cut off,
  urllib3's way to the connection is left out. It also tells in `elapsed` how late an answer would have been.
- `httpx_transport.py`: `handle_request` of httpx's transports. `aiohttp_door.py`: `connect` of aiohttp's connectors.
- `network.py`: everything else. Python's audit events tell of each look-up and connection before it happens.

Faults are raised where a socket would raise them, and a delay is compared with the timeout, not waited for.
`tests/serve/doors` holds every door against a real server.
"""
