"""The functions' settings accept the environment variables that Terraform sets."""

from support.planned import Planned
from thumbpipe.adapters.settings import GallerySettings, ThumbnailerSettings, UploadsSettings
from thumbpipe_devkit.docs import reference
from thumbpipe_devkit.paths import CHECKOUT


def _environment(planned: Planned, function: str) -> dict[str, str]:
    (environment,) = planned[f"module.{function}.aws_lambda_function.this"]["environment"]
    variables: dict[str, str] = environment["variables"]
    return variables


def test_every_function_gets_only_the_settings_that_it_reads(planned: Planned) -> None:
    source = (CHECKOUT / "src/thumbpipe/adapters/settings.py").read_text(encoding="utf-8")
    for function in ("uploads", "gallery", "thumbnailer"):
        environment = {name for name in _environment(planned, function) if name.startswith("THUMBPIPE_")}
        assert environment == {each.name for each in reference.settings(source) if function in each.functions}, function


def test_the_settings_accept_the_functions_environment_variables(planned: Planned) -> None:
    uploads = UploadsSettings.from_env(_environment(planned, "uploads"))
    gallery = GallerySettings.from_env(_environment(planned, "gallery"))
    thumbnailer = ThumbnailerSettings.from_env(_environment(planned, "thumbnailer"))
    assert uploads.page_origins == gallery.page_origins == ("https://photos.example.com", "http://localhost:8080")
    assert {each.image_bucket for each in (uploads, gallery, thumbnailer)} == {
        planned["aws_s3_bucket.images"]["bucket"]
    }
    assert {each.catalog_table for each in (uploads, gallery, thumbnailer)} == {
        planned["aws_dynamodb_table.catalog"]["name"]
    }
    assert gallery.cursor_key_parameter == planned["aws_ssm_parameter.cursor_key"]["name"]


def test_defaults_of_terraform_are_those_of_the_settings(planned: Planned) -> None:
    environment = {
        name: value
        for function in ("uploads", "gallery", "thumbnailer")
        for name, value in _environment(planned, function).items()
    }
    source = (CHECKOUT / "src/thumbpipe/adapters/settings.py").read_text(encoding="utf-8")
    chosen = {"THUMBPIPE_PAGE_ORIGINS", "THUMBPIPE_DELIVERY"}  # The plan has different values for these.
    for setting in reference.settings(source):
        if setting.default is not None and setting.name not in chosen:
            assert environment[setting.name] == setting.default
