"""Journal entries into what people read: verdicts on calls, lint findings, coverage, lines and pages.

After `gateway`; before `stage`.

A rule of the lint is a function over a journal's entries, registered by its name. Which call needs what another
call's answer gives is read from the links of the OpenAPI documents, which rates are too high from
`excess.yaml`.
"""
