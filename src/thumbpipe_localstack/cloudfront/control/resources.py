"""Create, get, update, delete and list resources that have an id, a configuration and an ETag."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import RequestContext

from thumbpipe_localstack.cloudfront.control.errors import fault
from thumbpipe_localstack.cloudfront.control.ids import new_etag
from thumbpipe_localstack.cloudfront.control.paging import page
from thumbpipe_localstack.cloudfront.control.versions import require_match
from thumbpipe_localstack.cloudfront.registry import store_of
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Stored

Answer = dict[str, Any]
Operation = Callable[[RequestContext, dict[str, Any]], Answer]


def as_time(seconds: float) -> datetime:
    """Convert seconds since the epoch to what responses hold."""
    return datetime.fromtimestamp(int(seconds), UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of resource.

    Attributes:
        name: As in the names of operations and members, e.g. `CachePolicy`.
        plural: As in the name of the list operation.
        path: Its part of the API's URLs.
        collection: Returns an account's resources of this kind, by id.
        new_id: Makes an id.
        time_member: The member of responses that holds its time, `CreatedTime` or that of the last change; None for
            none.
        check: Validates a configuration and returns what is stored, given the account's store, the configuration,
            and the resource that is updated (None for a new one).
        users: Returns the ids of what uses a resource, given the account's store and its id. A resource in use
            cannot be deleted.
        in_use: The error code for a resource in use.
        missing: The error code for an unknown id.
        limit: How many an account may have, and the error code for more.
        summarize: Returns how lists represent a resource.
        managed: The ids of AWS's managed resources, which every account's collection contains.
    """

    name: str
    plural: str
    path: str
    collection: Callable[[CloudFrontStore], dict[str, Stored]]
    new_id: Callable[[], str]
    time_member: str | None
    check: Callable[[CloudFrontStore, dict[str, Any], Stored | None], dict[str, Any]]
    users: Callable[[CloudFrontStore, str], list[str]]
    in_use: str
    missing: str
    limit: tuple[int, str]
    summarize: Callable[["Kind", Stored], Answer]
    managed: Collection[str] = ()

    def view(self, resource: Stored) -> Answer:
        """Return a resource as responses represent it."""
        shown: Answer = {"Id": resource.id, f"{self.name}Config": resource.config}
        if self.time_member:
            seconds = resource.created if self.time_member == "CreatedTime" else resource.modified
            shown[self.time_member] = as_time(seconds)
        return shown

    def find(self, store: CloudFrontStore, resource_id: str) -> Stored:
        """Return a resource, which may be a managed one.

        Raises:
            CommonServiceException: No such resource.
        """
        found = self.collection(store).get(resource_id)
        if found is None:
            raise fault(self.missing, f"The specified {self.words} does not exist.")
        return found

    @property
    def words(self) -> str:
        """The kind's name in prose: `cache policy`."""
        return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.name).strip()

    def find_changeable(self, store: CloudFrontStore, resource_id: str, code: str) -> Stored:
        """Return a resource that the account may change or delete.

        Args:
            store: The account's.
            resource_id: Its id.
            code: The error code for a managed resource.
        """
        if resource_id in self.managed:
            raise fault(code, f"You cannot change or delete a managed {self.words}.")
        return self.find(store, resource_id)


def _create(kind: Kind) -> Operation:
    def create(context: RequestContext, request: dict[str, Any]) -> Answer:
        store = store_of(context.account_id)
        resources = kind.collection(store)
        most, code = kind.limit
        if len(resources) - len(kind.managed) >= most:
            raise fault(
                code, f"You have reached the maximum number of {kind.words} resources for this account: {most}."
            )
        config = kind.check(store, request[f"{kind.name}Config"], None)
        now = time.time()
        resource = Stored(id=kind.new_id(), arn="", etag=new_etag(), config=config, created=now, modified=now)
        resources[resource.id] = resource
        location = f"https://cloudfront.amazonaws.com/2020-05-31/{kind.path}/{resource.id}"
        return {kind.name: kind.view(resource), "Location": location, "ETag": resource.etag}

    return create


def _get(kind: Kind) -> Operation:
    def get(context: RequestContext, request: dict[str, Any]) -> Answer:
        resource = kind.find(store_of(context.account_id), request["Id"])
        return {kind.name: kind.view(resource), "ETag": resource.etag}

    return get


def _get_config(kind: Kind) -> Operation:
    def get_config(context: RequestContext, request: dict[str, Any]) -> Answer:
        resource = kind.find(store_of(context.account_id), request["Id"])
        return {f"{kind.name}Config": resource.config, "ETag": resource.etag}

    return get_config


def _update(kind: Kind) -> Operation:
    def update(context: RequestContext, request: dict[str, Any]) -> Answer:
        store = store_of(context.account_id)
        resource = kind.find_changeable(store, request["Id"], "IllegalUpdate")
        require_match(resource.etag, request.get("IfMatch"))
        resource.config = kind.check(store, request[f"{kind.name}Config"], resource)
        resource.etag, resource.modified = new_etag(), time.time()
        return {kind.name: kind.view(resource), "ETag": resource.etag}

    return update


def _delete(kind: Kind) -> Operation:
    def delete(context: RequestContext, request: dict[str, Any]) -> Answer:
        store = store_of(context.account_id)
        resource = kind.find_changeable(store, request["Id"], "IllegalDelete")
        require_match(resource.etag, request.get("IfMatch"))
        if users := kind.users(store, resource.id):
            raise fault(kind.in_use, f"The {kind.words} is in use by {', '.join(users)}.")
        del kind.collection(store)[resource.id]
        return {}

    return delete


def _list(kind: Kind) -> Operation:
    def list_all(context: RequestContext, request: dict[str, Any]) -> Answer:
        wanted = request.get("Type")
        of_type = [
            resource
            for resource in kind.collection(store_of(context.account_id)).values()
            if wanted is None or (resource.id in kind.managed) == (wanted == "managed")
        ]
        shown = page(of_type, request, key=lambda resource: resource.id, view=lambda each: kind.summarize(kind, each))
        return {f"{kind.name}List": shown}

    return list_all


def make_operations(kind: Kind) -> dict[str, Operation]:
    """Return the operations of a kind by name."""
    return {
        f"Create{kind.name}": _create(kind),
        f"Get{kind.name}": _get(kind),
        f"Get{kind.name}Config": _get_config(kind),
        f"Update{kind.name}": _update(kind),
        f"Delete{kind.name}": _delete(kind),
        f"List{kind.plural}": _list(kind),
    }
