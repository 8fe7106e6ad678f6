"""`AWSManagedRulesCommonRuleSet`: all of its rules; each detects a part of what AWS detects."""

from typing import Final

from thumbpipe_localstack.wafv2.judging.injection import find_xss
from thumbpipe_localstack.wafv2.judging.managed.rules import (
    ARGUMENTS,
    BODY,
    COOKIES,
    PATH,
    QUERY,
    ManagedRule,
    any_of,
    longer_than,
    looks_at,
)
from thumbpipe_localstack.wafv2.judging.matching import Test
from thumbpipe_localstack.wafv2.judging.scope import Matches, Scope

_MOST_QUERY: Final = 2_048
_MOST_COOKIES: Final = 10_240
_MOST_BODY: Final = 8_192
_MOST_PATH: Final = 1_024

_bad_bots = any_of(
    r"nessus|nmap|nikto|sqlmap|masscan|zgrab|acunetix|netsparker|openvas|arachni|w3af|dirbuster|gobuster|wpscan|havij"
)
_metadata = any_of(
    r"169\.254\.169\.254|169\.254\.170\.2|fd00:ec2::254|(?:0x)a9fea9fe|\b2852039166\b|latest/(?:meta-data|user-data|dynamic)/?"
)
_local_files = any_of(
    r"(?:^|[/\\=])\.\.(?:[/\\]|$)",
    r"/etc/(?:passwd|shadow|group|hosts|issue|sudoers)\b",
    r"/proc/(?:self|version|cpuinfo|\d+)/?",
    r"\b(?:boot|win)\.ini\b",
    r"\bfile:/+|\bphp://(?:filter|input)",
)
_remote_files = any_of(
    r"^\s*(?:https?|ftps?|file|gopher|dict)://(?:\d{1,3}\.){3}\d{1,3}", r"^\s*//(?:\d{1,3}\.){3}\d{1,3}/"
)
_remote_in_text = any_of(r"(?:https?|ftps?)://(?:\d{1,3}\.){3}\d{1,3}")
_extensions = any_of(
    r"\.(?:log|ini|bak|bkp|backup|old|sql|conf|config|cfg|dll|mdb|inc|swp|sys|axd|asa|htaccess|htpasswd|env|pem|key|pfx)(?:$|/)"
)

_PLACES: Final = (
    ("BODY", "Body", BODY),
    ("COOKIE", "Cookie", COOKIES),
    ("QUERYARGUMENTS", "QueryArguments", ARGUMENTS),
    ("URIPATH", "URIPath", PATH),
)


def _everywhere(name: str, test: Test, *steps: str, places: tuple[str, ...]) -> list[ManagedRule]:
    return [
        ManagedRule(name=f"{name}_{suffix}", label=f"{name}_{label}", compile=looks_at(field, test, *steps))
        for suffix, label, field in _PLACES
        if suffix in places
    ]


def _no_user_agent(_scope: Scope) -> Matches:
    return lambda inspected: not any(inspected.header_values.get(b"user-agent", ()))


_ALL: Final = ("BODY", "COOKIE", "QUERYARGUMENTS", "URIPATH")
_NO_COOKIE: Final = ("BODY", "QUERYARGUMENTS", "URIPATH")
_URL: Final = ("QUERYARGUMENTS", "URIPATH")

COMMON_RULES: Final = (
    ManagedRule(name="NoUserAgent_HEADER", label="NoUserAgent_Header", compile=_no_user_agent),
    ManagedRule(
        name="UserAgent_BadBots_HEADER",
        label="BadBots_Header",
        compile=looks_at({"SingleHeader": {"Name": "user-agent"}}, _bad_bots),
    ),
    ManagedRule(
        name="SizeRestrictions_QUERYSTRING",
        label="SizeRestrictions_QueryString",
        compile=looks_at(QUERY, longer_than(_MOST_QUERY)),
    ),
    ManagedRule(
        name="SizeRestrictions_Cookie_HEADER",
        label="SizeRestrictions_Cookie_Header",
        compile=looks_at(COOKIES, longer_than(_MOST_COOKIES)),
    ),
    ManagedRule(
        name="SizeRestrictions_BODY",
        label="SizeRestrictions_Body",
        compile=looks_at(BODY, longer_than(_MOST_BODY)),
    ),
    ManagedRule(
        name="SizeRestrictions_URIPATH",
        label="SizeRestrictions_URIPath",
        compile=looks_at(PATH, longer_than(_MOST_PATH)),
    ),
    *_everywhere("EC2MetaDataSSRF", _metadata, "URL_DECODE", places=_ALL),
    *_everywhere("GenericLFI", _local_files, "URL_DECODE", places=_NO_COOKIE),
    *_everywhere("RestrictedExtensions", _extensions, "URL_DECODE", places=_URL),
    *_everywhere("GenericRFI", _remote_files, "URL_DECODE", places=("QUERYARGUMENTS",)),
    *_everywhere("GenericRFI", _remote_in_text, "URL_DECODE", places=("BODY", "URIPATH")),
    *_everywhere("CrossSiteScripting", find_xss, "URL_DECODE", "HTML_ENTITY_DECODE", places=_ALL),
)
