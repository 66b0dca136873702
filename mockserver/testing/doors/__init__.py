"""What requests or httpx is about to send into a `Request`, in process, and the `Response` into what they expect.

`requests_door.py` replaces `HTTPAdapter.send`, once a process, and hands the vendors' hosts to the original
with an adapter that is the caller's own but for its pool: urllib3's, whose connections are function calls. So
retries, errors and hooks are not imitated. Where nothing is repeated, late or cut off, urllib3's way to the
connection is left out. What is read of an answer is read by `http.client`'s own reader, whose head is read
already. Faults are raised where a socket would raise them, and a delay is compared with the timeout, not waited
for. Of several doors the last one answers that was opened in the caller's context (`contextvars`), or else
anywhere. `tests/serve/doors` holds every door against a real server, by properties over arbitrary requests for
requests and arbitrary ways of reading the answers.
"""
