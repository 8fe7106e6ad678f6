"""The response to a request: from the cache, from the origin, or shared with a request that is in progress."""

import dataclasses
import threading
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.cache.cache_key import Key, accepted_encoding, cache_key
from thumbpipe_localstack.cloudfront.edge.cache.compression import compress
from thumbpipe_localstack.cloudfront.edge.cache.conditions import apply_conditions
from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache, Entry, Flight
from thumbpipe_localstack.cloudfront.edge.cache.freshness import error_ttl, lifetime_of
from thumbpipe_localstack.cloudfront.edge.model.distribution import Behaviour, Edge
from thumbpipe_localstack.cloudfront.edge.origins.dispatch import ask_origin
from thumbpipe_localstack.cloudfront.edge.origins.exchange import OriginResponse
from thumbpipe_localstack.cloudfront.edge.origins.headers import CONDITIONS, viewer_headers
from thumbpipe_localstack.cloudfront.error_pages import EdgeError, error_response
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

_NOT_MODIFIED: Final = 304
_FIRST_ERROR: Final = 400
_FIRST_SERVER_ERROR: Final = 500


@dataclass(slots=True, kw_only=True)
class _Task:
    """A request that may be served from the cache."""

    cache: Cache
    edge: Edge
    behaviour: Behaviour
    request: ViewerRequest
    asked_path: str
    encoding: str
    key: Key


def fetch(cache: Cache, edge: Edge, behaviour: Behaviour, request: ViewerRequest, asked_path: str) -> EdgeResponse:
    """Return the response to a request, before any response-headers policy.

    Args:
        cache: The cache.
        edge: The distribution.
        behaviour: The path's behaviour.
        request: The request after the viewer-request function.
        asked_path: The viewer's path, where the default root object stands for it.
    """
    encoding = accepted_encoding(behaviour.caching, request.headers)
    key = cache_key(edge.distribution.id, behaviour.caching, request, encoding)
    task = _Task(
        cache=cache,
        edge=edge,
        behaviour=behaviour,
        request=request,
        asked_path=asked_path,
        encoding=encoding,
        key=key,
    )
    if request.method not in behaviour.cached_methods:
        return _to_viewer(_ask(task, request, keep_conditions=True))
    entry = _find_entry(task)
    now = cache.clock.monotonic()
    if entry is not None and now < entry.stale_until:
        if now >= entry.fresh_until:
            _refresh_behind(task, entry)
        response = _from_entry(entry, now)
    elif behaviour.caching.max_ttl <= 0:
        return _fetch_alone(task)
    else:
        flight, is_first = cache.join(key)
        if not is_first:
            return _share(task, flight)
        response = _fly(task, flight, entry)
    apply_conditions(request, response)
    return response


def _find_entry(task: _Task) -> Entry | None:
    """Look up the cache; a fresh complete object serves HEAD, too."""
    if task.request.method == "HEAD":
        entry = task.cache.get((task.key[0], "GET", *task.key[2:]))
        if entry is not None and task.cache.clock.monotonic() < entry.fresh_until:
            return entry
    return task.cache.get(task.key)


def _ask(task: _Task, request: ViewerRequest, *, keep_conditions: bool) -> OriginResponse:
    """Ask the origin, or return CloudFront's error page if it cannot be reached; with headers for viewers only."""
    try:
        answer = ask_origin(task.edge, task.behaviour, request, encoding=task.encoding, keep_conditions=keep_conditions)
    except EdgeError as error:
        page = error_response(error, request.request_id)
        return OriginResponse(status=page.status, headers=page.headers, body=page.body)
    answer.headers = viewer_headers(task.behaviour.caching, answer.headers)
    return answer


def _to_viewer(answer: OriginResponse) -> EdgeResponse:
    result = _result(answer.status, "Miss")
    return EdgeResponse(status=answer.status, headers=answer.headers, body=answer.body, result=result)


def _result(status: int, result: str) -> str:
    return result if status < _FIRST_ERROR else "Error"


def _from_entry(entry: Entry, now: float, result: str = "Hit") -> EdgeResponse:
    headers = Headers(list(entry.headers))
    if result != "Miss":
        headers["Age"] = str(max(int(now - entry.stored_at), 0))
    return EdgeResponse(status=entry.status, headers=headers, body=entry.body, result=_result(entry.status, result))


def _share(task: _Task, flight: Flight) -> EdgeResponse:
    """Wait for another request's response; if it cannot be shared, ask the origin."""
    entry = flight.wait()
    now = task.cache.clock.monotonic()
    if entry is None or now >= entry.fresh_until:
        return _fetch_alone(task)
    response = _from_entry(entry, now)
    apply_conditions(task.request, response)
    return response


def _fetch_alone(task: _Task) -> EdgeResponse:
    """Ask the origin for this viewer alone; only errors may be cached."""
    flight = task.cache.begin(task.key)
    answer = _ask(task, task.request, keep_conditions=True)
    if answer.status >= _FIRST_ERROR:
        task.cache.finish(flight, _make_entry(task, answer))
    return _to_viewer(answer)


def _refresh_behind(task: _Task, stale: Entry) -> None:
    """Revalidate a stale entry in the background."""
    flight, is_first = task.cache.join(task.key)
    if is_first:
        threading.Thread(target=_fly, args=(task, flight, stale), name="cloudfront-refresh", daemon=True).start()


def _fly(task: _Task, flight: Flight, stale: Entry | None) -> EdgeResponse:
    """Ask the origin on behalf of all requests for the same key, and cache the response."""
    entry: Entry | None = None
    try:
        answer = _ask(task, _with_conditions(task.request, stale), keep_conditions=True)
        entry, result = _judge(task, stale, answer)
        return _from_entry(entry, task.cache.clock.monotonic(), result)
    finally:
        task.cache.finish(flight, entry)


def _judge(task: _Task, stale: Entry | None, answer: OriginResponse) -> tuple[Entry, str]:
    """Return the entry after the origin's response, and the result type of the viewer's request."""
    now = task.cache.clock.monotonic()
    if stale is not None and answer.status == _NOT_MODIFIED:
        return _confirm(task, stale, answer), "RefreshHit"
    if stale is not None and answer.status >= _FIRST_SERVER_ERROR and _serves_errors(stale, now):
        until = now + error_ttl(task.edge.errors, answer.status)
        return dataclasses.replace(stale, fresh_until=until, stale_until=until), "RefreshHit"
    return _make_entry(task, answer), "Miss"


def _serves_errors(entry: Entry, now: float) -> bool:
    return entry.status < _FIRST_ERROR and (entry.error_until is None or now < entry.error_until)


def _with_conditions(request: ViewerRequest, stale: Entry | None) -> ViewerRequest:
    """Return the request for the complete object, conditional if there is a stale entry."""
    headers = Headers([(name, value) for name, value in request.headers if name.lower() not in CONDITIONS])
    if stale is not None and stale.status < _FIRST_ERROR:
        if stale.etag:
            headers["If-None-Match"] = stale.etag
        elif stale.last_modified:
            headers["If-Modified-Since"] = stale.last_modified
    return dataclasses.replace(request, headers=headers)


def _confirm(task: _Task, stale: Entry, answer: OriginResponse) -> Entry:
    """Return a confirmed entry with the origin's current caching headers."""
    headers = Headers(list(stale.headers))
    for name in ("Cache-Control", "Expires", "Last-Modified"):
        if name in answer.headers:
            headers[name] = answer.headers[name]
    return _entry(task, stale.status, headers, stale.body, stale.etag)


def _make_entry(task: _Task, answer: OriginResponse) -> Entry:
    headers, body = answer.headers.copy(), answer.body
    etag = headers.get("ETag", "")
    if task.behaviour.compress and task.request.method != "HEAD":
        body = compress(answer.status, headers, body, task.encoding)
    return _entry(task, answer.status, headers, body, etag)


def _entry(task: _Task, status: int, headers: Headers, body: bytes, etag: str) -> Entry:
    """Return the origin's response as an entry, with its times."""
    lifetime = lifetime_of(task.edge.errors, task.behaviour.caching, status, headers, task.cache.clock.wall())
    now = task.cache.clock.monotonic()
    fresh_until = now + lifetime.fresh
    stale_if_error = lifetime.stale_if_error
    return Entry(
        key=task.key,
        asked_path=task.asked_path,
        status=status,
        headers=tuple(headers),
        body=body,
        stored_at=now,
        fresh_until=fresh_until,
        stale_until=fresh_until + lifetime.stale_while_revalidate,
        error_until=None if stale_if_error is None else fresh_until + stale_if_error,
        may_keep=lifetime.fresh > 0 or lifetime.may_store,
        etag=etag,
        last_modified=headers.get("Last-Modified", ""),
    )
