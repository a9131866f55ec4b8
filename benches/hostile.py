"""Texts that somebody wrote to make a scan slow: whatever the searcher looks for,
over and over, with what makes the closer look go far. None holds a key."""

MIB = 1 << 20

# What is repeated, by the name of the file that it fills.
TEXTS = {
    "queries.txt": "?code=",
    "urls-in-one-word.txt": "https://orders.azurewebsites.net/api/x?code=b&",
    "lines-of-urls.txt": "https://orders.azurewebsites.net/api/x?code=some-word-{at}\n",
    "headers.txt": "x-functions-key: ",
    "one-variable.js": "x-functions-key: someName\n",
    "variables.js": "x-functions-key: name{at}x\n",
    "pairs.js": "{'value':'abcdefgh{at}','key':'x-functions-key'},",
    "nested-stores.json": '"masterKey":{"masterKey":[',
    "open-strings.json": '"masterKey":"',
    "members.json": '"keys":[{"name":"a","value":"b"},',
    "backslashes.json": '"keys":' + "\\" * 4000,
    "vault-names.txt": "host--masterKey--master function--a--b ",
    "commands.sh": "az functionapp --key-value $KEY \\\n",
    "commands-in-one-line.sh": "functionapp --key-value $KEY ",
    "signatures.txt": "Az" + "Fu",
    "broken-keys.txt": "A" * 44 + "Az" + "Fu" + "A" * 6 + "== ",
    "paddings.txt": "A" * 54 + "== ",
    "layers.txt": "Bek" + "Z1PT0K",
    "ignores.txt": "# keysweep" + ": ignore[KS1003] because of {at}\n",
    "tags.xml": '<add key="x-functions-key" a="b" c="d" e="f" ',
    "zeros.txt": "some text\0\n",
    "wide.txt": "\0".join("?code=") + "\0",
}


def fill(scale):
    """The names of the files and their contents."""
    size = max(4096, int(4 * MIB * scale))
    for name, text in TEXTS.items():
        if "{at}" in text:
            count = size // len(text) + 1
            content = "".join(text.replace("{at}", str(at)) for at in range(count))
        else:
            content = text * (size // len(text) + 1)
        yield name, content[:size]
