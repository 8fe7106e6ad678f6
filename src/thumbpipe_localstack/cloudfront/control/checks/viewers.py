"""Validation of settings for viewers: aliases, certificates, countries, error pages, web ACL, logging."""

import re
from typing import Any, Final

from moto.acm.models import acm_backends
from moto.wafv2.models import wafv2_backends

from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument, unsupported
from thumbpipe_localstack.cloudfront.control.usage import items
from thumbpipe_localstack.cloudfront.registry import all_distributions
from thumbpipe_localstack.cloudfront.store import Distribution

_Config = dict[str, Any]

_MOST_ALIASES: Final = 100
_LONGEST_ROOT_OBJECT: Final = 255
_LONGEST_COMMENT: Final = 128
_ALIAS: Final = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ERRORS: Final = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
_ANSWERS: Final = {200, *_ERRORS}
_ACM: Final = re.compile(r"arn:aws:acm:us-east-1:(\d{12}):certificate/.+")
_WEB_ACL: Final = re.compile(r"arn:aws:wafv2:us-east-1:(\d{12}):global/webacl/.+")


def check_viewers(config: _Config, own: Distribution | None) -> None:
    """Reject settings that CloudFront would reject.

    Args:
        config: The distribution's configuration, with its defaults.
        own: The distribution that is updated, None for a new one.
    """
    _check_aliases(config, own)
    _check_certificate(config)
    _check_countries(config["Restrictions"]["GeoRestriction"])
    for response in items(config, "CustomErrorResponses"):
        _check_error_response(response)
    root = config["DefaultRootObject"]
    if root.startswith("/") or len(root) > _LONGEST_ROOT_OBJECT:
        raise fault("InvalidDefaultRootObject", "The default root object file name is too big or begins with a slash.")
    if len(config["Comment"]) > _LONGEST_COMMENT:
        raise invalid_argument(f"The parameter Comment is too long: the maximum is {_LONGEST_COMMENT} characters.")
    _check_web_acl(config["WebACLId"])
    logging = config["Logging"]
    if logging["Enabled"] and not re.fullmatch(r".+\.s3[.a-z0-9-]*\.amazonaws\.com", logging["Bucket"]):
        raise invalid_argument("The parameter Logging Bucket does not refer to a valid S3 bucket.")


def _check_aliases(config: _Config, own: Distribution | None) -> None:
    aliases = items(config, "Aliases")
    if len(aliases) > _MOST_ALIASES:
        raise fault("TooManyDistributionCNAMEs", f"The distribution has more than {_MOST_ALIASES} CNAMEs.")
    for alias in aliases:
        if not _ALIAS.fullmatch(alias.lower()):
            raise invalid_argument(f"The parameter CNAME contains one or more parameters that are not valid: {alias}")
    taken = {
        alias.lower()
        for distribution in all_distributions()
        if own is None or distribution.id != own.id
        for alias in items(distribution.config, "Aliases")
    }
    if taken & {alias.lower() for alias in aliases}:
        raise fault(
            "CNAMEAlreadyExists",
            "One or more of the CNAMEs you provided are already associated with a different resource.",
        )


def _check_certificate(config: _Config) -> None:
    certificate = config["ViewerCertificate"]
    if certificate["CertificateSource"] == "iam":
        raise unsupported("certificates in IAM (IAMCertificateId): use one in ACM")
    if certificate["CertificateSource"] == "cloudfront":
        if items(config, "Aliases"):
            raise fault(
                "InvalidViewerCertificate",
                "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted"
                " certificate that validates your authorization to use the domain name.",
            )
        return
    if certificate["CloudFrontDefaultCertificate"]:
        raise fault("InvalidViewerCertificate", "Only one of the certificate sources can be specified.")
    covered = _find_names(certificate["ACMCertificateArn"])
    for alias in items(config, "Aliases"):
        if not _is_covered(alias.lower(), covered):
            raise fault(
                "InvalidViewerCertificate",
                "The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME)"
                f" that you're trying to add: {alias}",
            )


def _find_names(arn: str) -> set[str]:
    """Return the domain names that an ACM certificate covers."""
    matched = _ACM.fullmatch(arn)
    # moto's public method raises ACM's errors.
    bundle = acm_backends[matched[1]]["us-east-1"]._certificates.get(arn) if matched else None  # noqa: SLF001
    if bundle is None:
        raise fault(
            "InvalidViewerCertificate",
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a"
            " valid certificate chain.",
        )
    described = bundle.describe()["Certificate"]
    return {name.lower() for name in (described["DomainName"], *described["SubjectAlternativeNames"])}


def _is_covered(alias: str, names: set[str]) -> bool:
    return alias in names or "*." + alias.partition(".")[2] in names


def _check_countries(restriction: _Config) -> None:
    countries = restriction.get("Items") or []
    if (restriction["RestrictionType"] == "none") != (not countries):
        raise fault("InvalidGeoRestrictionParameter", "The specified geo restriction parameter is not valid.")
    if not all(_COUNTRY.fullmatch(country) for country in countries):
        raise fault("InvalidLocationCode", "The location code specified is not valid.")


def _check_error_response(response: _Config) -> None:
    if response["ErrorCode"] not in _ERRORS:
        raise fault("InvalidErrorCode", "An invalid error code was specified.")
    path, code = response["ResponsePagePath"], response["ResponseCode"]
    if bool(path) != bool(code):
        raise invalid_argument("The parameters ResponsePagePath and ResponseCode must be specified together.")
    if code and (not code.isdecimal() or int(code) not in _ANSWERS):
        raise fault("InvalidResponseCode", "A response code is not valid.")
    if path and not path.startswith("/"):
        raise fault(
            "InvalidRelativePath",
            "The relative path is too big, is not URL-encoded, or does not begin with a slash (/).",
        )


def _check_web_acl(arn: str) -> None:
    if not arn:
        return
    matched = _WEB_ACL.fullmatch(arn)
    backends = wafv2_backends[matched[1]].values() if matched else []
    if not any(arn in backend.wacls for backend in backends):
        raise fault(
            "InvalidWebACLId",
            "A web ACL ID specified is not valid. To specify a web ACL created using the latest version of AWS WAF, use"
            " the ACL ARN, for example arn:aws:wafv2:us-east-1:123456789012:global/webacl/ExampleWebACL/473e64fd.",
        )
