"""`AWSManagedRulesKnownBadInputsRuleSet`: its rules; each detects a part of what AWS detects."""

from typing import Final

from thumbpipe_localstack.wafv2.judging.managed.rules import (
    BODY,
    HEADERS,
    METHOD,
    PATH,
    QUERY,
    ManagedRule,
    any_of,
    looks_at,
)
from thumbpipe_localstack.wafv2.judging.matching import Test, compile_bytes

_java = any_of(
    r"\(java\.lang\.runtime\)|java\.lang\.(?:runtime|processbuilder)\b|\bgetruntime\(\)\.exec\(",
    r"class\.module\.classloader",
    r"\bt\(java\.lang\.",
    r"ro0abx[nq]|\xac\xed\x00\x05",
)
_log4j = any_of(
    r"\$\{\s*jndi\s*:",
    r"\$\{[^}]{0,80}(?:j\}?n\}?d\}?i|lower:|upper:|env:|sys:|::-)[^}]{0,80}(?:\}|:)",
    r"jndi:(?:ldaps?|rmi|dns)",
)
_paths = any_of(
    r"web-inf(?:/|$)|meta-inf(?:/|$)|/\.git(?:/|$)|/\.svn(?:/|$)|/\.aws/credentials|/\.env(?:$|\.)|/phpmyadmin(?:/|$)",
    r"/vendor/phpunit/|/server-status(?:$|/)|/cgi-bin/\.",
)
_localhost = any_of(r"^localhost(?:\.localdomain)?(?::\d+)?$", r"^127\.0\.0\.1(?::\d+)?$", r"^\[?::1\]?(?::\d+)?$")

_PLACES: Final = (
    ("HEADER", "Header", HEADERS),
    ("BODY", "Body", BODY),
    ("URIPATH", "URIPath", PATH),
    ("QUERYSTRING", "QueryString", QUERY),
)


def _everywhere(name: str, test: Test, *steps: str) -> list[ManagedRule]:
    return [
        ManagedRule(name=f"{name}_{suffix}", label=f"{name}_{label}", compile=looks_at(field, test, *steps))
        for suffix, label, field in _PLACES
    ]


KNOWN_BAD_INPUTS_RULES: Final = (
    *_everywhere("JavaDeserializationRCE", _java, "URL_DECODE_UNI"),
    ManagedRule(
        name="Host_localhost_HEADER",
        label="Host_Localhost_Header",
        compile=looks_at({"SingleHeader": {"Name": "host"}}, _localhost),
    ),
    ManagedRule(
        name="PROPFIND_METHOD",
        label="Propfind_Method",
        compile=looks_at(METHOD, compile_bytes(b"propfind", "EXACTLY"), "LOWERCASE"),
    ),
    ManagedRule(
        name="ExploitablePaths_URIPATH",
        label="ExploitablePaths_URIPath",
        compile=looks_at(PATH, _paths, "URL_DECODE_UNI", "NORMALIZE_PATH_WIN"),
    ),
    *_everywhere("Log4JRCE", _log4j, "URL_DECODE_UNI"),
)
