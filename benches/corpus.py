"""The corpora of benches/compare: seeded, the same on every machine, cached.

    corpus.py OUT [--quick]

Every corpus has a few planted keys, noted in OUT/corpora.json. No key is
written in this file: each is assembled from seeded random bytes.
"""

import base64
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import hostile  # noqa: E402
import source_text as text  # noqa: E402

# Raise it when what is generated changes: the cache is then made anew.
VERSION = 2
MIB = 1 << 20

EXTENSION = {"yaml": "yml"}
LANGUAGES = ["py", "ts", "cs", "go", "java", "rs", "md", "yaml", "json", "css"]
SHARES = [18, 28, 12, 10, 8, 6, 6, 4, 5, 3]
AREAS = ["api", "core", "data", "domain", "handlers", "models", "pages", "services", "tests", "ui"]
SEEDS = {"function": b"Functi00", "master": b"Master00", "system": b"System00"}


def marvin32(data, seed):
    """The checksum of an identifiable key; see src/key/marvin.rs."""
    mask = 0xFFFFFFFF
    low, high = seed & mask, seed >> 32

    def rotate(value, by):
        return ((value << by) | (value >> (32 - by))) & mask

    padded = data + b"\x80" + bytes(3 - len(data) % 4) + bytes(4)
    for at in range(0, len(padded), 4):
        low = (low + int.from_bytes(padded[at : at + 4], "little")) & mask
        high ^= low
        low = (rotate(low, 20) + high) & mask
        high = rotate(high, 9) ^ low
        low = (rotate(low, 27) + high) & mask
        high = rotate(high, 19)
    return low ^ high


def key(rng, kind):
    raw = rng.randbytes(33) + base64.b64decode("Az" + "Fu")
    checksum = marvin32(raw, int.from_bytes(SEEDS[kind], "big"))
    return base64.urlsafe_b64encode(raw + checksum.to_bytes(4, "little")).decode()


# How the keys are written where they are planted, by language.
CONTEXTS = {
    "ts": "const planted = 'https://orders.azurewebsites.net/api/total?code={key}';\n",
    "py": 'planted = {{"x-functions-key": "{key}"}}\n',
    "cs": '    private const string Planted = "https://orders.azurewebsites.net/api/x?code={percent}&a=1";\n',
    "json": '    {{ "url": "https://orders.azurewebsites.net/api/total?code={escaped}" }},\n',
    "yaml": "data:\n  host.master: {wrapped}\n",
    "md": "Invoke url: https://orders.azurewebsites.net/api/total?code={unpadded}\n",
}


class Plants:
    """Which keys stand in which files."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.made = []

    def line(self, path, language, visible=True):
        kind = list(SEEDS)[len(self.made) % 3]
        value = key(self.rng, kind)
        self.made.append({"path": path, "kind": kind, "visible": visible})
        body = value.rstrip("=")
        return CONTEXTS[language].format(
            key=value,
            unpadded=body,
            percent=body + "%3D%3D",
            escaped=body + "\\u003d\\u003d",
            wrapped=base64.b64encode(value.encode()).decode(),
        )


class Writer:
    """Writes files below a root, and counts them."""

    def __init__(self, root):
        self.root = root
        self.files = self.bytes = 0
        self.made = set()

    def write(self, path, content):
        data = content.encode() if isinstance(content, str) else content
        full = f"{self.root}/{path}"
        parent = os.path.dirname(full)
        if parent not in self.made:
            os.makedirs(parent, exist_ok=True)
            self.made.add(parent)
        with open(full, "wb") as file:
            file.write(data)
        self.files += 1
        self.bytes += len(data)


def sources(writer, rng, pools, plants, count, prefix="", planted=24):
    """Projects with areas and folders, as a monorepo has them."""
    every = max(1, count // planted)
    folder = ""
    for at in range(count):
        if at % 12 == 0:
            project = f"{text.WORDS[at // 250 % len(text.WORDS)]}-{at // 250}"
            folder = f"{prefix}{project}/src/{rng.choice(AREAS)}/{text.name(rng)}"
        language = rng.choices(LANGUAGES, SHARES)[0]
        content = text.source(rng, pools[language])
        if at % every == every // 2:
            language = list(CONTEXTS)[at // every % len(CONTEXTS)]
            content = text.source(rng, pools[language])
        stem = f"{text.name(rng)}_{text.name(rng)}_{at}"
        path = f"{folder}/{stem}.{EXTENSION.get(language, language)}"
        if at % every == every // 2:
            content += plants.line(path, language)
        writer.write(path, content)


def git(root, *words):
    environment = dict(
        os.environ,
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_CONFIG_NOSYSTEM="1",
        GIT_AUTHOR_DATE="2025-01-01T00:00:00Z",
        GIT_COMMITTER_DATE="2025-01-01T00:00:00Z",
    )
    identity = ["-c", "user.name=corpus", "-c", "user.email=corpus@example.com"]
    settings = ["-c", "core.compression=1", "-c", "gc.auto=0", "-c", "core.autocrlf=false"]
    command = ["git", *identity, *settings, *words]
    subprocess.run(command, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)


def commit(root):
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "The corpus")
    # One pack, as a clone has it; loose objects would double the files.
    git(root, "-c", "pack.window=0", "repack", "-a", "-d", "-q")


def small_files(root, scale):
    """100,000 small source files in a repository; 20 more are staged."""
    rng, plants, writer = random.Random(1), Plants(11), Writer(root)
    pools = text.pools(rng)
    sources(writer, rng, pools, plants, int(100_000 * scale))
    commit(root)
    for at in range(20):
        path = f"incoming/change_{at}.ts"
        content = text.source(rng, pools["ts"])
        if at == 7:
            content += plants.line(path, "ts")
        writer.write(path, content)
    git(root, "add", "incoming")
    return writer, plants


def mixed_tree(root, scale):
    """What a grown repository holds: over 1 GB, a third of it ignored."""
    rng, plants, writer = random.Random(2), Plants(22), Writer(root)
    pools = text.pools(rng)
    pieces = text.minified_pieces(rng)

    def some(count):
        return range(max(1, int(count * scale)))

    writer.write(".gitignore", "node_modules/\n/build/\n*.local.json\n")
    sources(writer, rng, pools, plants, len(some(40_000)), planted=18)
    for at in some(240):
        rows = "".join(rng.choices(pools["json"], k=rng.randrange(500, 6_000)))
        writer.write(f"fixtures/{text.name(rng)}_{at}.json", f'{{ "rows": [\n{rows}    null\n] }}\n')
    for at in some(60):
        writer.write(f"web/{text.name(rng)}-{at}/package-lock.json", text.lock_file(rng, 3_000))
    for at in some(100):
        bundle = "".join(rng.choices(pieces, k=rng.randrange(10_000, 60_000)))
        writer.write(f"public/js/{text.name(rng)}.{at:08x}.min.js", bundle)
    for at in some(2_500):
        picture = b"\x89PNG\r\n\x1a\n" + rng.randbytes(rng.randrange(4_000, 180_000))
        writer.write(f"assets/{text.name(rng)}/{text.name(rng)}_{at}.png", picture)
    for at in some(30_000):
        package = f"node_modules/{text.name(rng)}-{at // 40}"
        writer.write(f"{package}/lib/{text.name(rng)}_{at}.js", text.source(rng, pools["ts"]))
    for at in some(40):
        bundle = "".join(rng.choices(pieces, k=40_000))
        writer.write(f"node_modules/{text.name(rng)}-{at}/dist/index_{at}.min.js", bundle)
    for at in some(20):
        writer.write(f"build/bin/{text.name(rng)}_{at}.dll", b"MZ\x90\x00" + rng.randbytes(8 * MIB))
    # A key in a binary, one in an ignored folder, and one in a file that is
    # tracked although a rule ignores it.
    binary = "assets/planted/library.dll"
    planted = plants.line(binary, "ts").encode()
    writer.write(binary, b"MZ\x90\x00" + rng.randbytes(90_000) + planted + rng.randbytes(9_000))
    ignored = "node_modules/planted/index.js"
    writer.write(ignored, plants.line(ignored, "ts", visible=False))
    tracked = "settings/orders.local.json"
    writer.write(tracked, plants.line(tracked, "json"))
    commit(root)
    git(root, "add", "-f", tracked)
    git(root, "commit", "-q", "-m", "A tracked file that a rule ignores")
    return writer, plants


def large_file(root, scale, one_line):
    """1 GiB of log lines, or of a bundle in one line."""
    rng, plants, writer = random.Random(3 + one_line), Plants(33 + one_line), Writer(root)
    os.makedirs(root, exist_ok=True)
    path = "bundle.min.js" if one_line else "server.log"
    size = int(1024 * MIB * scale)
    pool = text.minified_pieces(rng) if one_line else [text.log_line(rng) for _ in range(50_000)]
    # The second key lies across a boundary of 64 KiB.
    places = [size // 7, size // 2 // 65_536 * 65_536 - 80, size - 300_000]
    with open(f"{root}/{path}", "wb") as file:
        second = 0
        while (at := file.tell()) < size:
            drawn = rng.choices(pool, k=2_000)
            if not one_line:
                second += 1
                stamp = f"2025-03-01T{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
                drawn = [f"{stamp}.{at % 1000:03}Z {line}" for at, line in enumerate(drawn)]
            chunk = "".join(drawn).encode()
            if places and at + len(chunk) > places[0]:
                cut = max(0, places.pop(0) - at)
                line = plants.line(path, "ts").rstrip("\n") + ("" if one_line else "\n")
                chunk = chunk[:cut] + line.encode() + chunk[cut:]
            file.write(chunk)
        writer.files, writer.bytes = 1, file.tell()
    return writer, plants


def hostile_texts(root, scale):
    """What makes a reader slow whose time grows faster than the text."""
    writer, plants = Writer(root), Plants(0)
    for name, content in hostile.fill(scale):
        writer.write(name, content)
    return writer, plants


def main():
    out = pathlib.Path(sys.argv[1])
    scale = 0.02 if "--quick" in sys.argv else 1.0
    note = out / "corpora.json"
    wanted = {"version": VERSION, "scale": scale}
    if note.exists() and json.loads(note.read_text())["made"] == wanted:
        return
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / "empty").mkdir()
    corpora = {}
    for name, make in {
        "small-files": small_files,
        "mixed-tree": mixed_tree,
        "large-file": lambda root, scale: large_file(root, scale, one_line=False),
        "one-line": lambda root, scale: large_file(root, scale, one_line=True),
        "hostile": hostile_texts,
    }.items():
        print(f"making {name} ...", file=sys.stderr, flush=True)
        writer, plants = make(str(out / name), scale)
        corpora[name] = {"files": writer.files, "bytes": writer.bytes, "planted": plants.made}
    note.write_text(json.dumps({"made": wanted, "corpora": corpora}, indent=1))


if __name__ == "__main__":
    main()
