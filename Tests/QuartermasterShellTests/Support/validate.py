"""Validates YAML files with a JSON Schema: validate.py SCHEMA FILE...

Each file is read twice: with every scalar as text, as the loader of Quartermaster reads it, and with the types that
editors give to scalars (the core schema of YAML 1.2). Prints a JSON object: the file, and what was found in it.
"""
import json
import re
import sys

import jsonschema
import yaml


class Typed(yaml.SafeLoader):
    """Reads scalars as editors do: no instants, no numbers to the base of sixty, no `yes` and `no`."""


Typed.yaml_implicit_resolvers = {}
Typed.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Typed.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
Typed.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
Typed.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?$"),
    list("-+0123456789."),
)

with open(sys.argv[1]) as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
result = {}
for path in sys.argv[2:]:
    found = []
    for loader in (yaml.BaseLoader, Typed):
        with open(path) as file:
            value = yaml.load(file, Loader=loader)
        errors = sorted(validator.iter_errors(value), key=lambda e: list(map(str, e.absolute_path)))
        found.append([f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in errors])
    result[path] = {"text": found[0], "typed": found[1]}
print(json.dumps(result))
