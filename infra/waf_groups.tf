# AWS's own rule groups, and what of them blocks.

locals {
  # What they are called, the rules whose answer is ours, and those that only ever count. AWS gives no group an answer
  # as a whole. A rule that is not named here, because it is newer, blocks with CloudFront's own page.
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
      # CloudFront finds the distribution by its name: what asks for another host never comes here.
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
      # The one body that the API takes holds a file's name, which may be any text and stays text wherever it goes; its
      # size is waf_max_body_bytes' to bound, where this group would bound it to 8 KB.
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
