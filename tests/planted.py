"""What a sweep of a generated tenant has to find, resource by resource.

The stand-in tells what was planted in a tenant (`truth.json`). That names no
place of the rules that it does not know, and not every place of those that it
does: of a value that is gone it knows only some holders. So all of it is worked
out here once more, from the specification that the tenant was made of
(`tenant.json`), and both are held against the findings: nothing that was
planted may be missing, and nothing may be found that the specification does
not explain.
"""

import collections
import re
import urllib.parse

IDENTIFIABLE = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==")
LEGACY = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9/]{53}[AQgw]==")
CODE = re.compile(r"https://([^/?]+)[^?]*\?(?:.*&)?code=([^&\s]+)")
KEY = re.compile(r"/(?:functionkeys|systemkeys|masterkey|keys)/[^/]+$")

# What the stand-in calls a problem, and the rule that says it.
RULE_OF = {
    "overdue": "KS4001",
    "legacy_value": "KS4009",
    "custom_value": "KS4009",
    "shared_across_callers": "KS4003",
    "shared_across_sites": "KS4005",
    "master_seed_under_other_kind": "KS4005",
    "master_key_in_caller": "KS4004",
    "dangling_key_in_caller": "KS5003",
    "literal_key_in_app_settings": "KS5001",
    "apim_backend_literal_key": "KS5001",
    "apim_policy_literal_key": "KS5001",
    "logic_app_holds_key": "KS5001",
    "action_group_holds_key": "KS5009",
    "apim_named_value_plain": "KS5004",
    "apim_named_value_inline_secret": "KS5004",
    "apim_named_value_pinned_version": "KS5005",
    "apim_subscription_all_apis": "KS5006",
    "anonymous_function": "KS6002",
}

# One finding for each app, about the keys or functions that it names.
GATHERED = {"KS4001", "KS4002", "KS4003", "KS4005", "KS4007", "KS4009", "KS4010", "KS4014", "KS6002"}

# Days, unless the policy says otherwise.
TEMPORARY, APIM = 7, 90


def app_of(resource):
    match = re.match(r"(.*/sites/[^/]+(?:/slots/[^/]+)?)", resource)
    return match[1] if match else None


def caller_of(holder):
    """A site with its slots, a gateway and a factory are one caller each."""
    return re.sub(r"(/(?:sites|service|factories)/[^/]+)/.*", r"\1", holder)


def found_in(report):
    """(rule, resource) of every finding: of one that was gathered those that it
    is about, of any other the one place that it names."""
    found = set()
    for finding in report["findings"]:
        places = [finding["location"], *(one["location"] for one in finding.get("related", []))]
        ids = [place["id"].lower() for place in places if place.get("id")]
        if finding["ruleId"] == "KS6002":
            ids = [one for one in ids if re.search(r"/functions/[^/]+$", one)]
        elif finding["ruleId"] in GATHERED:
            ids = [one for one in ids if KEY.search(one)]
        else:
            ids = ids[:1]
        found |= {(finding["ruleId"], one) for one in ids}
    return found


class Held:
    """A text of a caller that has a key in it, or refers to one."""

    def __init__(self, place, kind, value, sent=None, host=None, form="literal", **more):
        self.id, self.kind, self.value, self.sent, self.host = place.lower(), kind, value, sent, host
        self.form, self.vault, self.pinned = form, more.get("vault", False), more.get("pinned", False)


class Tenant:
    """The specification, with everything in it under its id in small letters."""

    def __init__(self, spec, truth):
        self.blind = {one["id"].lower() for one in truth["not_assessed"]}
        # A host that is down keeps its keys to itself, a lock the settings as well.
        self.locked = {one["id"].lower() for one in truth["not_assessed"] if one["reason"] != "HostRuntime"}
        self.sites, self.keys, self.held, self.subscriptions = {}, {}, [], {}
        for subscription in spec["subscriptions"]:
            base = f"/subscriptions/{subscription['id']}"
            for group in subscription["resourceGroups"]:
                self.group(f"{base}/resourceGroups/{group['name']}", group)
        # Listing made keys where a function had none.
        for key in truth["keys"]:
            self.keys.setdefault(key["id"].lower(), (key["kind"], None))
        self.readable = {name: it for name, it in self.keys.items() if app_of(name) not in self.blind}
        self.names = collections.defaultdict(list)
        for name, (_, value) in self.readable.items():
            if value is not None:
                self.names[value].append(name)
        # What was generated as one tells by itself, listed or not.
        self.masters = {
            value for name, (kind, value) in self.keys.items()
            if kind == "master" and (name in self.readable or IDENTIFIABLE.fullmatch(value))
        }
        self.held = [one for one in self.held if self.is_recognised(one)]

    def group(self, base, group):
        for site in group["sites"]:
            self.site(f"{base}/providers/Microsoft.Web/sites/{site['name']}", site, site["name"])
        for service in group["apim"]:
            self.gateway(f"{base}/providers/Microsoft.ApiManagement/service/{service['name']}", service)
        for one in group["actionGroups"]:
            place = f"{base}/providers/microsoft.insights/actionGroups/{one['name']}"
            for receiver in one["functions"]:
                self.text(place, "action-group", receiver["httpTriggerUrl"])
            for receiver in one["webhooks"]:
                self.text(place, "action-group", receiver["serviceUri"])
        for workflow in group["workflows"]:
            place = f"{base}/providers/Microsoft.Logic/workflows/{workflow['name']}"
            for action in workflow["actions"].values():
                inputs = action["inputs"]
                self.text(place, "logic-app", inputs.get("uri", ""))
                header = inputs.get("headers", {}).get("x-functions-key", "@")
                # What is a parameter of the type SecureString is shown to nobody.
                if not header.startswith("@"):
                    host = urllib.parse.urlsplit(inputs["uri"]).hostname
                    self.held.append(Held(place, "logic-app", header, "header", host))
        for one in group["eventSubscriptions"]:
            place = f"{one['topic']}/providers/Microsoft.EventGrid/eventSubscriptions/{one['name']}"
            if one.get("systemTopic"):
                place = (f"{base}/providers/Microsoft.EventGrid/systemTopics/{one['systemTopic']}"
                         f"/eventSubscriptions/{one['name']}")
            self.text(place, "event-grid", one.get("url", ""))

    def site(self, place, site, host):
        self.sites[place.lower()] = site
        if place.lower() not in self.locked:
            for value in site.get("appSettings", {}).values():
                self.text(place, "app-setting", value)
        if "functionapp" not in site["kind"]:
            return
        keys = {"host/default/masterKey/_master": ("master", site["master"])}
        for store, kind in (("functionKeys", "host"), ("systemKeys", "system")):
            keys |= {f"host/default/{store}/{name}": (kind, key) for name, key in site[store].items()}
        for function in site["functions"]:
            keys |= {f"functions/{function['name']}/keys/{name}": ("function", key)
                     for name, key in function["keys"].items()}
        for name, (kind, key) in keys.items():
            self.keys[f"{place}/{name}".lower()] = (kind, key["value"])
        for slot in site.get("slots", []):
            self.site(f"{place}/slots/{slot['name']}", slot, f"{host}-{slot['name']}")

    def gateway(self, place, service):
        values = {one["displayName"]: one for one in service["namedValues"]}
        used = {}
        for backend in service["backends"]:
            host = urllib.parse.urlsplit(backend["url"]).hostname
            credentials = backend["credentials"]
            for sent, texts in (("header", credentials.get("header")), ("query", credentials.get("query"))):
                for text in (text for texts in (texts or {}).values() for text in texts):
                    form = "named-value" if text.startswith("{{") else "literal"
                    if form == "named-value":
                        used[text.strip("{}")] = host
                        text = values[text.strip("{}")]["value"]
                    self.held.append(Held(f"{place}/backends/{backend['name']}", "apim-backend",
                                          text, sent, host, form))
        for scope, policy in service["policies"].items():
            for text in re.findall(r"<value>([^<]*)</value>", policy):
                form = "named-value" if text.startswith("{{") else "literal"
                if form == "named-value":
                    text = values.get(text.strip("{}"), {}).get("value")
                self.held.append(Held(f"{place}/{scope}/policies/policy", "apim-policy", text, "header", None, form))
        for name, one in values.items():
            if name in used:
                vault = one.get("keyVault", {}).get("secretIdentifier", "")
                self.held.append(Held(f"{place}/namedValues/{one['name']}", "named-value", one["value"], None,
                                      used[name], vault=bool(vault),
                                      pinned=bool(re.search(r"/secrets/[^/]+/[^/]+$", vault))))
        self.subscriptions |= {
            f"{place}/subscriptions/{one['name']}".lower(): one for one in service["subscriptions"]
        }

    def text(self, place, kind, text):
        """The keys in a text: as the code of an address, by their format, or as all of it."""
        if (url := CODE.search(text)):
            self.held.append(Held(place, kind, urllib.parse.unquote(url[2]), "query", url[1]))
            return
        values = {*IDENTIFIABLE.findall(text), *LEGACY.findall(text), text}
        self.held += [Held(place, kind, value) for value in values]

    def is_recognised(self, held):
        """Whether a reader can know that it is a key."""
        sent = held.sent is not None or held.kind == "named-value"
        return held.value is not None and (
            sent or held.value in self.names or bool(IDENTIFIABLE.fullmatch(held.value)))

    def app_at(self, host):
        host = (host or "").removesuffix(".azurewebsites.net")
        return next((place for place in self.sites if place.endswith(f"/sites/{host}")), None)

    def callers(self, key, value):
        """Whoever holds a key, the app itself aside."""
        own = caller_of(key)
        return {caller_of(one.id) for one in self.held if one.value == value} - {own} - {None}

    def expected(self, truth):
        """The resources of every rule."""
        rules = collections.defaultdict(set)
        proved = {key["id"].lower(): key["provable_days"] for key in truth["keys"]}
        for key, (kind, value) in self.readable.items():
            least, most = proved[key]
            if least >= truth["policy_days"]:
                rules["KS4001"].add(key)
            elif most >= truth["policy_days"]:
                rules["KS4002"].add(key)
            name, same = key.rsplit("/", 1)[1], self.names.get(value, [])
            callers = self.callers(key, value) if value is not None else set()
            if len(callers) > 1 and kind != "system":
                rules["KS4003"].add(key)
            # A host is one place, however many keys it has.
            opened = {re.sub(r"/(?:host|keys)/.*", "", one) for one in same}
            if len(same) > 1 and (len(opened) > 1 or any("/masterkey/" in one for one in same)):
                rules["KS4005"].add(key)
            if callers:
                rules["KS4006"].add("")
                if name == "default" and kind in ("host", "function"):
                    rules["KS4007"].add(key)
            if re.search(r"\btest\b", name) and int(least) > TEMPORARY:
                rules["KS4014"].add(key)
            if value is not None and not IDENTIFIABLE.fullmatch(value):
                rules["KS4009"].add(key)
                if not LEGACY.fullmatch(value):
                    rules["KS4010"].add(key)
        for one in self.held:
            self.of_holder(one, rules)
        for place, one in self.subscriptions.items():
            if one["state"] == "active":
                if one["scope"].rstrip("/") in ("", "/apis") and one["name"] != "master":
                    rules["KS5006"].add(place)
                if one["allowTracing"]:
                    rules["KS5007"].add(place)
                if one["createdDays"] > APIM:
                    rules["KS5008"].add(place)
        for place, site in self.sites.items():
            self.of_site(place, site, rules)
        return {(rule, place) for rule, places in rules.items() for place in places}

    def of_holder(self, one, rules):
        if one.value in self.masters and one.form != "named-value":
            rules["KS4004"].add(one.id)
        if one.kind == "named-value":
            if not one.vault:
                rules["KS5004"].add(one.id)
            elif one.pinned:
                rules["KS5005"].add(one.id)
        elif one.kind == "action-group":
            rules["KS5009"].add(one.id)
        elif one.kind != "event-grid" and one.form == "literal":
            rules["KS5001"].add(one.id)
        system = all("/systemkeys/" in name for name in self.names.get(one.value, []))
        if one.sent == "query" and one.kind != "action-group" and not (one.kind == "event-grid" and system):
            rules["KS5002"].add(one.id)
        # It can be said of an app whose keys were all listed; of an unknown one,
        # where those of all apps were.
        app = self.app_at(one.host)
        told = app not in self.blind if app else not one.host and not self.blind
        if one.form == "literal" and not one.vault and one.value not in self.names and told:
            rules["KS5003"].add(one.id)

    def of_site(self, place, site, rules):
        if "functionapp" not in site["kind"]:
            return
        login = site.get("authV2", {})
        login = login.get("platform", {}).get("enabled") and login.get("globalValidation")
        is_open = site.get("publicNetworkAccess") != "Disabled" and not site.get("ipRestrictions")
        asked = False
        # A host that does not start tells no functions.
        for function in site["functions"] if site.get("host", "ok") == "ok" else []:
            trigger = next((one for one in function["bindings"] if one["type"] == "httpTrigger"), None)
            if trigger is None or function.get("disabled"):
                continue
            if trigger.get("authLevel", "function").lower() != "anonymous":
                asked = True
            elif not login:
                rules["KS6002"].add(f"{place}/functions/{function['name']}".lower())
        if asked and is_open and not login:
            rules["KS6001"].add(place)
        if site.get("appSettings", {}).get("AzureWebJobsSecretStorageType") == "files" and place not in self.locked:
            rules["KS6003"].add(place)


def planted_in(truth, tenant):
    """(rule, resource) of the stand-in's own list, as far as ARM shows it."""
    planted = set()
    for one in truth["problems"]:
        rule, place = RULE_OF.get(one["kind"]), one["id"].lower()
        if rule is None or one.get("visible_by") == "hidden" or app_of(place) in tenant.blind:
            continue
        if one["kind"] == "anonymous_function" and one["behind_easy_auth"]:
            continue
        # Every service has that one.
        if one["kind"] == "apim_subscription_all_apis" and place.endswith("/subscriptions/master"):
            continue
        # A linked service shows its key to nobody, and system keys are shared by design.
        if one["kind"] == "shared_across_callers":
            kind, value = tenant.keys[place]
            if kind == "system" or len(tenant.callers(place, value)) < 2:
                continue
        # Whether a value is gone only the app that had it can tell.
        if one["kind"] == "dangling_key_in_caller" and app_of(one["was"].lower()) in tenant.blind:
            continue
        if one["kind"] == "master_key_in_caller":
            place = one["holder"].lower()
        planted.add((rule, place))
    return planted
