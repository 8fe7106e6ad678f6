"""The control plane's state, inside a Python that has LocalStack: saved, loaded and reset with LocalStack's own."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

BEGIN: Final = """
from localstack.state.inspect import ServiceBackendCollectorVisitor
from thumbpipe_localstack.cloudfront import registry
from thumbpipe_localstack.cloudfront.provider import _create_plugin
from thumbpipe_localstack.cloudfront.store import Distribution, cloudfront_stores

def add(number, *aliases, account="000000000000"):
    distribution = Distribution(
        id=f"E{number:05}", arn="", etag="E1", config={"Aliases": {"Items": list(aliases)}}, created=0.0, modified=0.0,
        account_id=account, domain_name=f"e{number:05}.cloudfront.localhost", deployed_at=0.0,
    )
    registry.store_of(account).distributions[distribution.id] = distribution
    registry.changed()
    return distribution
"""


def run(python: Path, code: str) -> None:
    """Run code in the engine's Python; its assertions are the test's."""
    ran = subprocess.run([python, "-c", BEGIN + dedent(code)], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    sys.stdout.write(ran.stdout)


def test_the_state_is_visited_pickled_and_loaded(engine_python: Path) -> None:
    run(
        engine_python,
        """
        from localstack.state import pickle
        from thumbpipe_localstack.cloudfront.managed_policies.cache_policies import CACHE_POLICIES

        add(1, "www.example.com")
        service = _create_plugin().create_service()
        collector = ServiceBackendCollectorVisitor()
        service.accept_state_visitor(collector)
        stores = collector.collect()["localstack"]
        assert stores is cloudfront_stores

        # Store by store: what dill makes of a bundle's lock is locked for ever.
        saved = pickle.dumps(registry.store_of("000000000000"))
        stores.reset()
        service.lifecycle_hook.on_after_state_reset()
        assert registry.find_distribution("www.example.com") is None
        assert registry.store_of("000000000000").cache_policies.keys() == CACHE_POLICIES.keys()

        registry.store_of("000000000000")._global.update(pickle.loads(saved)._global)
        service.lifecycle_hook.on_after_state_load()
        found = registry.find_distribution("www.example.com")
        assert found is not None
        assert found is registry.store_of("000000000000").distributions["E00001"]
        """,
    )


def test_a_host_finds_its_distribution(engine_python: Path) -> None:
    run(
        engine_python,
        """
        first, second = add(1, "WWW.example.com", "*.wild.example.com"), add(2, account="111111111111")
        for host, found in {
            "e00001.cloudfront.localhost": first,
            "e00002.cloudfront.localhost": second,
            "www.example.com": first,
            "a.wild.example.com": first,
            "wild.example.com": None,
            "a.b.wild.example.com": None,
            "example.com": None,
            "e00003.cloudfront.localhost": None,
            "localhost": None,
            "": None,
        }.items():
            assert registry.find_distribution(host) is found, host

        del registry.store_of("000000000000").distributions[first.id]
        registry.changed()
        assert registry.find_distribution("www.example.com") is None
        """,
    )


def test_finding_takes_no_more_steps_among_many_distributions(engine_python: Path) -> None:
    run(
        engine_python,
        """
        import sys

        def count_steps():
            steps = 0

            def trace(frame, event, argument):
                nonlocal steps
                frame.f_trace_opcodes = True
                steps += event == "opcode"
                return trace

            # The first after a change makes the index; and Python 3.12 counts nothing the first time.
            for _ in range(2):
                steps = 0
                sys.settrace(trace)
                registry.find_distribution("nobody.example.com")
                sys.settrace(None)
            return steps

        add(0)
        few = count_steps()
        for number in range(1, 2000):
            add(number)
        assert 0 < count_steps() == few
        """,
    )


@pytest.mark.parametrize(("value", "seconds"), [("", 0.5), ("0", 0.0), ("2.5", 2.5)])
def test_the_time_of_a_deployment_is_a_setting(engine_python: Path, value: str, seconds: float) -> None:
    run(
        engine_python,
        f"""
        from thumbpipe_localstack.cloudfront.control.settings import read_deploy_seconds
        assert read_deploy_seconds({{"CLOUDFRONT_DEPLOY_SECONDS": {value!r}}}) == {seconds}
        """,
    )
