"""Verdicts on requests."""

from dataclasses import dataclass
from typing import Final

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.judging.acl import compile_acl
from thumbpipe_localstack.wafv2.judging.evaluating import evaluate
from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.model import Kind, Outcome, WebAcl
from thumbpipe_localstack.wafv2.judging.rates import RateWindow, RateWindows
from thumbpipe_localstack.wafv2.judging.web_request import Verdict, WebRequest
from thumbpipe_localstack.wafv2.telemetry.recording import record

__all__ = ["Verdict", "WebRequest", "judge"]

_ALLOWED: Final = Verdict(allowed=True)


@dataclass(frozen=True, slots=True)
class _Compiled:
    generation: int
    acl: WebAcl | None
    windows: RateWindows


_compiled: dict[str, _Compiled] = {}


def judge(web_acl_arn: str, request: WebRequest) -> Verdict:
    """Evaluate a web ACL for a request, and record the finding.

    A missing web ACL allows everything.
    """
    acl = _acl_of(web_acl_arn).acl
    if acl is None:
        return _ALLOWED
    inspected = Inspected(request)
    outcome = evaluate(acl, inspected)
    record(acl, inspected, outcome)
    return _to_verdict(outcome)


def find_rate(web_acl_arn: str, rule: str, group: str | None) -> RateWindow | None:
    """Return the counts of a rate-based rule."""
    path = f"/{group}/{rule}" if group else f"/{rule}"
    return _acl_of(web_acl_arn).windows.find(f"{path} ")


def _to_verdict(outcome: Outcome) -> Verdict:
    action = outcome.action
    name = outcome.by.name if outcome.by else "Default_Action"
    if action.kind is Kind.ALLOW:
        return Verdict(allowed=True, inserted_headers=tuple(outcome.inserted), rule=name)
    return Verdict(allowed=False, status=action.status, headers=action.headers, body=action.body, rule=name)


def _acl_of(arn: str) -> _Compiled:
    compiled = _compiled.get(arn)
    if compiled is None or compiled.generation != state.generation():
        with state.LOCK:  # the lock of the API: a second one could deadlock with it
            compiled = _compile(arn, _compiled.get(arn))
    return compiled


def _compile(arn: str, before: _Compiled | None) -> _Compiled:
    generation = state.generation()
    if before is not None and before.generation == generation:
        return before
    windows = before.windows if before else RateWindows()
    stored = state.find_web_acl(arn)
    acl = compile_acl(state.plain(stored.to_dict()), state.StoredSources(), windows) if stored else None
    compiled = _Compiled(generation, acl, windows)
    if acl is None:
        _compiled.pop(arn, None)
    else:
        _compiled[arn] = compiled
    return compiled
