"""The specs as frozen objects: YAML in, operations, errors, machines, catalogues and readings out."""
