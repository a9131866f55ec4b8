#!/usr/bin/env python3
"""Writes an inventory of an invented tenant: estate.py KEYS > inventory.json"""
import json
import random
import sys

CHANCE = random.Random(7)
NOW = "2026-11-28T02:00:00Z"
SUBSCRIPTIONS = {f"22222222-2222-2222-2222-2222222222{n:02}": name for n, name in enumerate(["prod", "platform", "retail", "staging"])}
DOMAINS = ["orders", "billing", "stock", "parcel", "mail", "visits", "loyalty", "returns"]
FUNCTIONS = ["Place", "Cancel", "List", "Sync", "Export", "Notify"]
CALLERS = ["web", "erp", "crm", "mobile-api", "jobs", "portal", "partners", "reports", "checkout", "kiosk"]
SEEN = ["2025-03-01", "2026-01-10", "2026-06-05", "2026-09-20", "2026-11-01", "2026-11-27"]


def key(kind, name, function=None):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    legacy = CHANCE.random() < 0.1
    made = {
        "kind": kind, "name": name,
        "format": "legacy" if legacy else "identifiable",
        "checksum": "none" if legacy else "valid",
        "fingerprint": "".join(CHANCE.choices(letters, k=20)),
        "firstSeen": f"{CHANCE.choice(SEEN)}T02:00:00Z", "lastSeen": NOW,
    }
    return made | ({"function": function} if function else {})


def app(number):
    domain = CHANCE.choice(DOMAINS)
    subscription = CHANCE.choice(list(SUBSCRIPTIONS))
    names = CHANCE.sample(FUNCTIONS, CHANCE.randint(2, 5))
    keys = [key("master", "_master"), key("host", "default")]
    keys += [key("host", CHANCE.choice(["web", "partner", "gateway"]))] if CHANCE.random() < 0.5 else []
    keys += [key("function", "default", name) for name in names]
    keys += [key("function", CHANCE.choice(["shop", "mobile", "erp"]), name) for name in names if CHANCE.random() < 0.6]
    return {
        "id": f"/subscriptions/{subscription}/resourceGroups/rg-{domain}/providers/Microsoft.Web/sites/func-{domain}-{number:03}",
        "created": "2024-05-01T00:00:00Z", "functionsRead": NOW, "keysRead": NOW, "settingsRead": NOW,
        "functions": [{"name": name, "triggers": ["httpTrigger"], "authLevel": "function"} for name in names],
        "keys": keys,
    }


def holders(keys):
    for number in range(len(keys) // 8):
        held = CHANCE.choice(keys)
        for caller in CHANCE.sample(CALLERS, CHANCE.choice([1] * 8 + [2, 2, 3, 4])):
            yield {
                "id": f"/subscriptions/{list(SUBSCRIPTIONS)[0]}/resourceGroups/rg-web/providers/Microsoft.Web/sites/app-{caller}",
                "kind": "app-setting", "place": f"KEY_{number}", "form": "literal",
                "format": held["format"], "fingerprint": held["fingerprint"],
            }


wanted, apps, keys = int(sys.argv[1]), [], []
while len(keys) < wanted:
    apps.append(app(len(apps)))
    keys += apps[-1]["keys"]
json.dump({
    "version": "1.0",
    "sweep": {
        "tool": {"name": "keysweep", "version": "0.1.0"}, "started": "2026-11-28T01:40:00Z", "ended": NOW,
        "tenant": "11111111-1111-1111-1111-111111111111",
        "coverage": {"apps": len(apps), "assessed": len(apps), "keys": len(keys)},
    },
    "subscriptions": [
        {"id": f"/subscriptions/{guid}", "name": name, "activityLog": {"from": "2026-08-30T02:00:00Z", "to": NOW, "complete": True}}
        for guid, name in SUBSCRIPTIONS.items()
    ],
    "apps": apps, "holders": list(holders(keys)),
}, sys.stdout)
