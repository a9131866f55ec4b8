#!/usr/bin/env python3
"""Write the documents of the rules' examples as the corpus of the target `scan`:
the path, a line break, the text with its placeholders."""

import tomllib
from pathlib import Path

here = Path(__file__).parent
corpus = here / "corpus" / "scan"
corpus.mkdir(parents=True, exist_ok=True)
for rule in sorted((here.parent / "rules").glob("*.toml")):
    form = tomllib.loads(rule.read_text(encoding="utf-8"))
    examples = form.get("bad", []) + form.get("good", [])
    files = [file for example in examples for file in [example, *example.get("files", [])]]
    for at, file in enumerate(file for file in files if "text" in file):
        seed = f"{file['path']}\n{file['text']}"
        (corpus / f"{rule.stem}-{at}").write_text(seed, encoding="utf-8")
