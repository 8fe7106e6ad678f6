"""The lifecycle of a stack on an engine, for `demo`, `up` and the end-to-end tests."""

import concurrent.futures
import contextlib
import functools
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from rich.console import Console

from thumbpipe_devkit.aws import Credentials, client, get_signed
from thumbpipe_devkit.engine.base import Engine, StartedEngine
from thumbpipe_devkit.engine.embedded import EmbeddedEngine
from thumbpipe_devkit.engine.endpoint import EndpointEngine
from thumbpipe_devkit.errors import BundleFailedError, EngineDiedError, TerraformFailedError
from thumbpipe_devkit.keys.pair import KeyPair
from thumbpipe_devkit.keys.parameter import KeyParameter
from thumbpipe_devkit.paths import CHECKOUT
from thumbpipe_devkit.processes import signals
from thumbpipe_devkit.processes.background import Background
from thumbpipe_devkit.processes.children import Children
from thumbpipe_devkit.progress import Steps
from thumbpipe_devkit.runs import running_file
from thumbpipe_devkit.runs.folders import Run, open_run
from thumbpipe_devkit.stack.applying import Applying
from thumbpipe_devkit.terraform import binary
from thumbpipe_devkit.terraform.messages import Progress
from thumbpipe_devkit.terraform.workspace import Outputs, Workspace

_TERRAFORM_GRACE_S: Final = 120.0
_UNLIMITED: Final = 2_000_000_000  # AWS's limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to run, and where.

    Attributes:
        command: The calling command: `demo`, `up` or `e2e`.
        endpoint_url: The user's LocalStack; None starts the embedded engine.
        port: The embedded engine's port; None for a free one.
        variables: Terraform variables, which override the devkit's.
        engine_settings: LocalStack's settings for the embedded engine, which override the devkit's.
        is_early: Whether to hand the stack over once it takes photos; `Stack.applying` then waits for the rest.
    """

    command: str
    endpoint_url: str | None = None
    port: int | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    engine_settings: Mapping[str, str] = field(default_factory=dict)
    is_early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running stack.

    Attributes:
        run: The run's folders.
        engine: The engine on which it runs.
        endpoint_url: The endpoint of the AWS services.
        credentials: Credentials for them.
        variables: Terraform's variables.
        outputs: Terraform's outputs.
        workspace: For another plan, apply or destroy.
        steps: Shows progress.
        applying: The apply that made it, which may still be under way.
    """

    run: Run
    engine: Engine
    endpoint_url: str
    credentials: Credentials
    variables: Mapping[str, Any]
    outputs: Outputs
    workspace: Workspace
    steps: Steps
    applying: Applying

    @property
    def api_url(self) -> str:
        """The API's base URL."""
        return str(self.outputs["api_url"])

    @property
    def page_url(self) -> str:
        """The page's URL at the distribution."""
        return str(self.outputs["page_url"])

    def other_page_urls(self) -> list[str]:
        """The same page at loopback ports, for browsers that do not resolve names under .localhost."""
        url = f"{self.endpoint_url}/_aws/cloudfront/distributions"
        answer = get_signed(url, self.outputs["region"], self.credentials).raise_for_status()
        ours = (one["urls"] for one in answer.json() if one["id"] == self.outputs["distribution_id"])
        return [f"{url.rstrip('/')}/" for urls in ours for url in urls if ".localhost" not in url]


@contextlib.contextmanager
def running_stack(options: Options, console: Console) -> Iterator[Stack]:
    """Start the engine, apply the stack, write the running file, and remove everything at the end.

    Args:
        options: What and where.
        console: Shows progress.

    Raises:
        SetupError: The message names the cause and the solution.
    """
    shield = signals.Shield()
    with contextlib.ExitStack() as ends:
        ends.callback(shield.restore)
        run = ends.enter_context(open_run())
        steps = ends.enter_context(Steps(console))
        background = ends.enter_context(Background())
        children = ends.enter_context(Children())
        engine = _engine(options, run, children, steps)
        ends.callback(engine.stop)
        ends.callback(shield.block)
        makers = _Makers(run=run, steps=steps, background=background, children=children, engine=engine, shield=shield)
        yield _start(options, ends, makers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Makers:
    """The parts from which a stack is built."""

    run: Run
    steps: Steps
    background: Background
    children: Children
    engine: Engine
    shield: signals.Shield


def _engine(options: Options, run: Run, children: Children, steps: Steps) -> Engine:
    if options.endpoint_url is not None:
        return EndpointEngine(options.endpoint_url)
    return EmbeddedEngine(
        children,
        state=run.folder / "engine",
        logs=run.logs,
        say=steps.say,
        port=options.port,
        settings=options.engine_settings,
    )


def _start(options: Options, ends: contextlib.ExitStack, makers: _Makers) -> Stack:
    """Prepare everything concurrently, then apply."""
    run, steps, engine = makers.run, makers.steps, makers.engine
    starting = makers.background.submit(_start_engine, steps, engine)
    bundling = makers.background.submit(_bundle, makers, run.folder / "bundle")
    preparing = makers.background.submit(_prepare_terraform, makers)
    parts: list[concurrent.futures.Future[Any]] = [starting, bundling, preparing]
    for done in concurrent.futures.as_completed(parts):
        done.result()
    workspace = preparing.result()
    variables = _variables(starting.result(), run.folder / "bundle", options)
    pair = KeyPair.make() if variables["delivery"] == "signed" else None
    if pair is not None:
        variables |= {"signing_public_keys": {pair.name: pair.public_key}}
    if engine.keeps_resources:
        # Registered before the apply: an interrupted one has created resources, too.
        ends.callback(_destroy, workspace, steps)
        ends.callback(makers.shield.block)
    started = starting.result()
    applying = Applying(
        makers.background, functools.partial(_apply, makers, workspace, started, variables), workspace.outputs
    )
    outputs = applying.wait_until_usable() if options.is_early else applying.wait()
    if pair is not None:
        ssm = client("ssm", started.endpoint_url, outputs["region"], started.credentials)
        parameter = KeyParameter(ssm, outputs["signing_key_parameter"])
        parameter.put(pair, outputs["public_key_ids"][pair.name])
        if engine.keeps_resources:
            ends.callback(parameter.remove)
    stack = Stack(
        run=run,
        engine=engine,
        endpoint_url=started.endpoint_url,
        credentials=started.credentials,
        variables=variables,
        outputs=outputs,
        workspace=workspace,
        steps=steps,
        applying=applying,
    )
    ends.callback(_tell(stack, options.command).unlink, missing_ok=True)
    return stack


def _start_engine(steps: Steps, engine: Engine) -> StartedEngine:
    with steps.step("engine: LocalStack is ready"):
        return engine.start()


def _bundle(makers: _Makers, out: Path) -> None:
    """Build the zips in a child process while the engine starts."""
    log = makers.run.logs / "bundle.log"
    planned = makers.engine.plan()
    python = planned.lambda_runtime.removeprefix("python")
    where = ["host"] if planned.own_platform else ["lambda", "--architecture", planned.lambda_architecture]
    builder = [sys.executable, "-m", "thumbpipe_devkit.bundle", "--out", str(out)]
    command = [*builder, "--python", python, "--target", *where]
    environment = dict(os.environ) | {"PYTHONPATH": str(CHECKOUT / "src")}
    with makers.steps.step("Lambda zips are built"):
        if makers.children.run(command, log=log, env=environment):
            raise BundleFailedError(log.read_text(errors="replace").strip()[-2000:], log=log)


def _prepare_terraform(makers: _Makers) -> Workspace:
    with makers.steps.step("Terraform has its provider") as step:
        workspace = Workspace(
            makers.children,
            folder=makers.run.folder / "stack",
            log=makers.run.logs / "terraform.log",
            terraform=binary.find(step.say),
            grace_s=_TERRAFORM_GRACE_S if makers.engine.keeps_resources else 0,
        )
        workspace.init(step)
    return workspace


def _variables(started: StartedEngine, bundle: Path, options: Options) -> dict[str, Any]:
    return {
        "name": "thumbpipe" if options.endpoint_url is None else f"thumbpipe-{secrets.token_hex(3)}",
        "region": "us-east-1",
        "package_dir": str(bundle),
        "lambda_runtime": started.lambda_runtime,
        "lambda_architecture": started.lambda_architecture,
        "distribution_url": f"http://{{id}}.cloudfront.localhost:{urlsplit(started.endpoint_url).port or 80}",
        "upload_origin": started.endpoint_url,
        "delivery": "public",
        # LocalStack deploys changes immediately, but the provider would poll only every half minute.
        "wait_for_deployment": False,
        # All requests come from this machine's address: uploading a folder of photos must not be limited.
        "waf_rate_limit": _UNLIMITED,
        "waf_upload_rate_limit": _UNLIMITED,
        "force_destroy": True,
        "deletion_protection": False,
        **options.variables,
    }


def _apply(
    makers: _Makers,
    workspace: Workspace,
    started: StartedEngine,
    variables: Mapping[str, Any],
    watch: Callable[[Progress], None],
) -> Outputs:
    with makers.steps.step("Terraform has applied the stack") as step:
        try:
            return workspace.apply(started.endpoint_url, started.credentials, variables, step, watch=watch)
        except TerraformFailedError as error:
            if makers.engine.is_healthy():
                raise
            cause = "it stopped answering while Terraform was running"
            raise EngineDiedError(f"{cause}.\n{makers.engine.tail()}", log=makers.engine.log) from error


def _destroy(workspace: Workspace, steps: Steps) -> None:
    workspace.interrupt()
    with steps.step("Terraform has destroyed the stack") as step:
        workspace.destroy(step)


def _tell(stack: Stack, command: str) -> Path:
    names = ("region", "image_bucket", "catalog_table", "queue_url", "dead_letter_queue_url")
    told = {name: str(stack.outputs[name]) for name in names}
    addresses = {"api_url": stack.api_url, "page_url": stack.page_url, "endpoint_url": stack.endpoint_url}
    return running_file.write(stack.run.name, told | addresses, stack.credentials, command)
