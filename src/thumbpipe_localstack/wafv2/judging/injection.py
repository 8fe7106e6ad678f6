"""Detection of SQL injection and cross-site scripting: a documented part of what AWS detects.

AWS uses libinjection, of which PyPI has no maintained binding. These patterns detect the common forms. RE2 matches them
in one pass.
"""

from typing import Final

from thumbpipe_localstack.wafv2.judging.matching import Test, compile_regex

_SQL_LOW: Final = (
    r"(?:'|\"|\)|`|\b\d+)\s*(?:or|and|xor|\|\||&&)\s+(?:not\s+)?['\"(]*[\w.]+['\")]*\s*(?:=|<|>|like\b|in\s*\(|between\b|is\b)",
    r"\bunion\b(?:\s|/\*.*?\*/|\+)+(?:all|distinct)?(?:\s|/\*.*?\*/|\+)*\(?\s*select\b",
    r"(?:'|\"|;|\))\s*(?:select|insert|update|delete|drop|alter|create|truncate|exec(?:ute)?|declare|shutdown|merge)\s+[\w@\[*]",
    r";\s*(?:select|insert|update|delete|drop|alter|create|truncate|exec|declare|waitfor|shutdown)\b",
    r"(?:'|\"|\)|\b\d+)\s*(?:--|#|/\*)\s*(?:$|\s|-)",
    r"\b(?:sleep|benchmark|pg_sleep|waitfor\s+delay|dbms_pipe\.receive_message|extractvalue|updatexml|load_file|xp_cmdshell)\s*[('\"]",
    r"(?:'|\")\s*(?:or|and|\|\||&&)\s*(?:'|\"|\d|\(|true\b|false\b|exists\b)",
    r"\binformation_schema\b|\bsys(?:objects|columns|\.tables)\b|\binto\s+(?:out|dump)file\b",
)
_SQL_HIGH: Final = (
    r"\b(?:select\b.+\bfrom|insert\s+into|delete\s+from|drop\s+(?:table|database)|update\s+\w+\s+set)\b",
    r"\b(?:or|and)\b\s+\d+\s*(?:=|<|>)\s*\d+",
    r"(?:'|\")\s*(?:--|#|;|\|\||&&|\+|=)",
)
_XSS: Final = (
    r"<\s*/?\s*(?:script|iframe|frame|frameset|object|embed|applet|meta|base|link|style|svg|math|form|isindex|xml|import|bgsound|layer)\b",
    r"<[^>]*?[\s\"'/]on[a-z]{3,}\s*=",
    r"['\"]\s*/?\s*on[a-z]{3,}\s*=",
    r"(?:javascript|vbscript|livescript)\s*(?::|&colon;)",
    r"data\s*:\s*text/html",
    r"<[^>]*\b(?:style\s*=[^>]*(?:expression\s*\(|behavior\s*:)|srcdoc\s*=|formaction\s*=|xlink:href\s*=)",
    r"<!(?:doctype|entity)\b|<!\[cdata\[|<\?(?:xml|import)\b",
)


def _any_of(*patterns: str) -> Test:
    return compile_regex(f"(?is){'|'.join(f'(?:{pattern})' for pattern in patterns)}".encode())


_find_sql = _any_of(*_SQL_LOW)
_find_more_sql = _any_of(*_SQL_LOW, *_SQL_HIGH)
find_xss = _any_of(*_XSS)
"""Test for scripts that a browser might execute."""


def compile_sql(sensitivity: str) -> Test:
    """Compile a `SqliMatchStatement`; `HIGH` detects more, with more false positives."""
    return _find_more_sql if sensitivity == "HIGH" else _find_sql
