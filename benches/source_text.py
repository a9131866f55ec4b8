"""Source text that looks written: pools of blocks per language.

A file is a handful of blocks drawn from its language's pool. What matters to a
scanner is real: line lengths, indentation, the mix of letters, how rarely a
word of interest occurs. What the code would do is not.
"""

import base64
import pathlib
import re

WORDS = """account address adapter agent alert amount archive asset audit batch bearer
billing bucket buffer cache campaign cart catalog channel charge client cluster code
config contact content context counter coupon cursor customer dataset deadline delivery
device digest discount document domain draft driver endpoint event export factor feature
feed field filter folder format function gateway graph group guest handler header history
host image import index ingress input instance inventory invoice issue item job journal
key label language layout ledger lesson level limit listing locale location log mail
manager market member merchant message meter metric model module month network node notice
object offer office option order owner package page parcel partner patient payload payment
period permission person phone pixel plan player policy portal position price printer
product profile program project promo property quote quota range rating reader reason
receipt record refund region registry release report request reservation resource response
result return review role route rule sample schedule schema score search secret section
segment sender sensor server service session setting shift shipment signal site snapshot
source staff stage state status step stock storage store stream student subject summary
supplier survey tag target task tax team template tenant terminal ticket timer token topic
tracker trade transfer trip unit update upload usage user value vehicle vendor version view
visit voucher wallet warehouse webhook widget window worker workflow zone""".split()

BLOCKS = pathlib.Path(__file__).with_name("blocks.txt")


def blocks():
    """The blocks by language."""
    found = {}
    _, *sections = BLOCKS.read_text().split("\n== ")
    for section in sections:
        language, _, rest = section.partition("\n")
        found[language] = (rest + "\n").split("--\n")[:-1]
    return found


def name(rng):
    return rng.choice(WORDS)


def render(rng, template):
    a, b, c = name(rng), name(rng), name(rng)
    made = {
        "a": a,
        "b": b,
        "c": c,
        "A": a.capitalize(),
        "B": b.capitalize(),
        "n": str(rng.choice((1, 2, 3, 5, 8, 10, 16, 24, 42, 64, 100, 250, 512, 1024, 4096))),
        "d": str(rng.randrange(1, 9)),
        "h": rng.randbytes(12).hex(),
        "x": rng.randbytes(3).hex(),
        "s": " ".join(rng.choices(WORDS, k=rng.randrange(3, 9))).capitalize(),
        "u": f"{a}/{b}-{c}",
    }
    return re.sub("§(.)", lambda found: made[found[1]], template)


def pools(rng, size=3000):
    """Rendered blocks by language; drawing from them seldom repeats a file."""
    templates = blocks()
    made = {}
    for language in (name for name in templates if "," not in name):
        made[language] = [render(rng, rng.choice(templates[language])) for _ in range(size)]
        if near := templates.get(f"{language}, seldom"):
            made[language][0] = render(rng, near[0])
    return made


def source(rng, pool, median=7):
    """One file: a few blocks, many files short, few long."""
    return "".join(rng.choices(pool, k=1 + int(rng.lognormvariate(0, 0.9) * median)))


def lock_file(rng, packages):
    """A package-lock.json: every entry has a digest in base64."""
    lines = ['{\n  "name": "web",\n  "lockfileVersion": 3,\n  "packages": {\n']
    for _ in range(packages):
        package = f"{name(rng)}-{name(rng)}"
        version = f"{rng.randrange(9)}.{rng.randrange(30)}.{rng.randrange(9)}"
        digest = base64.b64encode(rng.randbytes(64)).decode()
        lines.append(
            f'    "node_modules/{package}": {{\n      "version": "{version}",\n'
            f'      "resolved": "https://registry.npmjs.org/{package}/-/{package}-{version}.tgz",\n'
            f'      "integrity": "sha512-{digest}",\n      "license": "MIT"\n    }},\n'
        )
    lines.append('    "node_modules/z": {}\n  }\n}\n')
    return "".join(lines)


def minified_pieces(rng, count=4000):
    """Statements of a bundle, with no line break."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = []
    for _ in range(count):
        p, q, r = rng.choices(letters, k=3)
        a, b = name(rng), name(rng)
        n = rng.randrange(9999)
        pieces.append(
            rng.choice(
                (
                    f"function {p}{q}({q},{r}){{return {q}.{a}?{r}({q}.{a},{n}):null}}",
                    f"var {p}=i({n}),{q}=i.n({p});",
                    f'{p}.{a}=function(){{{q}.{b}("{a}-{b}",{{{a}:!0,{b}:{n}}})}},',
                    f'Object.defineProperty({p},"{a}{b.capitalize()}",{{enumerable:!0,get:()=>{q}}});',
                    f'{p}&&({q}={r}.{a}({p},"{b}"),{r}.push([{n},"{a}"]));',
                )
            )
        )
    return pieces


def log_line(rng):
    """The tail of a log line: the time before it is added by the caller."""
    a, b, c = name(rng), name(rng), name(rng)
    number, digits = rng.randrange(9000), rng.randbytes(16).hex()
    phrase = " ".join(rng.choices(WORDS, k=9))
    encoded = base64.b64encode(rng.randbytes(24)).decode()
    return rng.choice(
        (
            f"INFO  {a}.{b} GET /api/{c}/{digits[:16]} 200 {number}ms Mozilla/5.0 (X11; Linux x86_64)\n",
            f"DEBUG {a}.{b} request={digits} cache=miss bytes={number * 97}\n",
            f"WARN  {a}.{b} {c} took {number} ms, retry {number % 5} of 5 ({phrase})\n",
            f'INFO  {a} {{"event":"{b}","{c}":"{encoded}","n":{number}}}\n',
        )
    )
