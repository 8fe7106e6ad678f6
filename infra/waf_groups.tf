# AWS's managed rule groups, and which of their rules block.

locals {
  # Their names, the rules that block with our response, and those that only count. A group has no response of its own;
  # a newer rule that is not listed here blocks with CloudFront's default page.
  waf_groups = {
    ip_reputation = {
      priority = 60
      name     = "AWSManagedRulesAmazonIpReputationList"
      blocked  = ["AWSManagedIPReputationList", "AWSManagedReconnaissanceList"]
      counted  = []
    }
    known_bad_inputs = {
      priority = 70
      name     = "AWSManagedRulesKnownBadInputsRuleSet"
      blocked = [
        "ExploitablePaths_URIPATH",
        "JavaDeserializationRCE_BODY",
        "JavaDeserializationRCE_HEADER",
        "JavaDeserializationRCE_QUERYSTRING",
        "JavaDeserializationRCE_URIPATH",
        "Log4JRCE_BODY",
        "Log4JRCE_HEADER",
        "Log4JRCE_QUERYSTRING",
        "Log4JRCE_URIPATH",
        "PROPFIND_METHOD",
      ]
      # CloudFront finds the distribution by the Host header: requests for other hosts never arrive here.
      counted = ["Host_localhost_HEADER"]
    }
    common = {
      priority = 80
      name     = "AWSManagedRulesCommonRuleSet"
      blocked = [
        "CrossSiteScripting_COOKIE",
        "CrossSiteScripting_QUERYARGUMENTS",
        "CrossSiteScripting_URIPATH",
        "EC2MetaDataSSRF_COOKIE",
        "EC2MetaDataSSRF_QUERYARGUMENTS",
        "EC2MetaDataSSRF_URIPATH",
        "GenericLFI_QUERYARGUMENTS",
        "GenericLFI_URIPATH",
        "GenericRFI_QUERYARGUMENTS",
        "GenericRFI_URIPATH",
        "NoUserAgent_HEADER",
        "RestrictedExtensions_QUERYARGUMENTS",
        "RestrictedExtensions_URIPATH",
        "SizeRestrictions_Cookie_HEADER",
        "SizeRestrictions_QUERYSTRING",
        "SizeRestrictions_URIPATH",
        "UserAgent_BadBots_HEADER",
      ]
      # The API's only request body contains a file name, which may be any text and is always treated as text. Its size is
      # limited by waf_max_body_bytes; this group would limit it to 8 KB.
      counted = [
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "SizeRestrictions_BODY",
      ]
    }
  }
}
