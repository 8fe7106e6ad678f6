"""The attacks of `test_strangers.py` on the stack whose URLs are signed, and what its signatures add."""

import pytest

from e2e.test_strangers import (  # noqa: F401 - the tests are run here, too
    test_a_distributions_own_port_serves_only_what_is_public,
    test_a_function_does_not_get_the_roots_key,
    test_a_page_under_a_foreign_name_reads_nothing,
    test_a_photo_still_goes_through_after_all_that,
    test_no_call_without_a_valid_key_is_answered,
    test_no_file_of_the_run_is_open_to_others,
    test_no_function_can_be_asked_or_answered_for_by_a_stranger,
    test_no_port_of_the_run_is_reached_from_another_address,
    test_nothing_presigned_with_a_strangers_key_is_answered,
    test_nothing_that_the_run_has_open_for_writing_is_open_to_others,
    test_only_the_issued_form_is_accepted,
    test_other_users_find_no_secret_in_environments_and_command_lines,
    test_the_engine_discloses_only_that_it_is_running,
    test_the_engines_own_routes_are_closed_to_strangers,
    test_the_runs_key_is_in_no_log_state_plan_or_output,
    test_the_same_call_of_the_root_is_answered,
)
from support.pipeline_client import PipelineClient
from support.stack import Stack
from support.strangers import Request, Stranger
from support.target import Target, own_ports
from thumbpipe_devkit.stack.lifecycle import Stack as DevkitStack


@pytest.fixture(scope="module")
def target(signed: DevkitStack, signed_stack: Stack, signed_pipeline: PipelineClient, jpeg: bytes) -> Target:
    return Target.prepare(signed, signed_stack, signed_pipeline, jpeg)


def test_a_stranger_sees_no_picture_without_the_gallerys_signature(target: Target, stranger: Stranger) -> None:
    shown = target.pipeline.show(target.image["id"]).json()
    for url in (*(rendition["url"] for rendition in shown["renditions"]), shown["original_url"]):
        assert stranger.ask(Request(method="GET", url=url, headers=(("User-Agent", "x"),))).status == 200
        path = url.partition("?")[0].removeprefix(target.stack.api_url)
        for place in (target.stack.api_url, *(f"http://127.0.0.1:{port}" for port in own_ports(target))):
            answer = stranger.ask(Request(method="GET", url=f"{place}{path}", headers=(("User-Agent", "x"),)))
            assert answer.status == 403, (place, path)
