# The REST API. openapi.yaml is its definition and its documentation in one.

locals {
  stage_name = "live"

  # VTL for API Gateway's mock responses: echo the request's origin if it is one of page_origins.
  cors_template = length(var.page_origins) == 0 ? "" : join("", [
    "#set($origin = $input.params('Origin'))",
    "#if($origin == '')#set($origin = $input.params('origin'))#end",
    "#if(${join(" || ", [for origin in var.page_origins : "$origin == '${origin}'"])})",
    "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)",
    "#end",
  ])

  api_document = yamldecode(templatefile("${path.module}/openapi.yaml", {
    name               = var.name
    uploads_invoke_arn = local.lambda_invoke_arns.uploads
    gallery_invoke_arn = local.lambda_invoke_arns.gallery
    cors_template      = local.cors_template
    primary_origin     = join("", slice(var.page_origins, 0, min(1, length(var.page_origins))))
  }))

  # Only the distribution sends the key; clients never see it, so the document leaves it out.
  # A preflight request carries no key; API Gateway answers it itself.
  api_paths = {
    for path, item in local.api_document.paths : path => {
      for method, operation in item : method => merge(operation, {
        for name, value in { security = [{ distribution = [] }] } : name => value if var.restrict_api && method != "options"
      })
    }
  }

  api_components = merge(local.api_document.components, {
    for name, value in { securitySchemes = { distribution = { type = "apiKey", name = "x-api-key", in = "header" } } } :
    name => value if var.restrict_api
  })

  # Without page_origins, Access-Control-Allow-Origin is left out.
  gateway_responses = {
    for kind, answer in local.api_document.x-amazon-apigateway-gateway-responses : kind => merge(answer, {
      responseParameters = {
        for name, value in answer.responseParameters : name => value
        if length(var.page_origins) > 0 || !endswith(name, ".Access-Control-Allow-Origin")
      }
    })
  }

  api_body = jsonencode(merge(local.api_document, {
    components                            = local.api_components
    paths                                 = local.api_paths
    x-amazon-apigateway-gateway-responses = local.gateway_responses
    x-amazon-apigateway-api-key-source    = "HEADER"
  }))
}

resource "aws_api_gateway_rest_api" "this" {
  # checkov:skip=CKV_AWS_237:none of its settings forces replacement

  name = var.name
  body = local.api_body

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  triggers    = { body = sha256(local.api_body) }

  # The stage switches to the new deployment before the old one is deleted.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "this" {
  # checkov:skip=CKV_AWS_73:enabled by the variable tracing
  # checkov:skip=CKV_AWS_120:API responses must not be cached
  # checkov:skip=CKV2_AWS_4:execution logs would contain request bodies; the access log records requests
  # checkov:skip=CKV2_AWS_29:the web ACL protects the distribution, the only client with the API's key
  # checkov:skip=CKV2_AWS_51:CloudFront sends the API's key; it cannot present a client certificate

  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = local.stage_name
  xray_tracing_enabled = var.tracing

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn

    # No query string, which may hold a cursor. Visitors' addresses expire with the log retention.
    format = jsonencode({
      requestId          = "$context.requestId"
      requestTime        = "$context.requestTime"
      sourceIp           = "$context.identity.sourceIp"
      userAgent          = "$context.identity.userAgent"
      httpMethod         = "$context.httpMethod"
      resourcePath       = "$context.resourcePath"
      path               = "$context.path"
      status             = "$context.status"
      responseLength     = "$context.responseLength"
      responseLatency    = "$context.responseLatency"
      integrationLatency = "$context.integration.latency"
      integrationStatus  = "$context.integration.status"
      errorType          = "$context.error.responseType"
      errorMessage       = "$context.error.message"
      traceId            = "$context.xrayTraceId"
    })
  }

  depends_on = [aws_api_gateway_account.this]
}

resource "aws_api_gateway_method_settings" "all" {
  # checkov:skip=CKV_AWS_225:API responses must not be cached

  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "OFF" # The access log records requests; execution logs would contain bodies.
    throttling_rate_limit  = var.api_rate_limit
    throttling_burst_limit = var.api_burst_limit
  }
}

# restrict_api: the distribution adds this key to the requests it forwards, and API Gateway answers 403 without it. A new
# key (`-replace='aws_api_gateway_api_key.edge[0]'`) is registered before the distribution sends it, and the old one is
# deleted afterwards.
resource "aws_api_gateway_api_key" "edge" {
  count       = var.restrict_api ? 1 : 0
  name        = "${var.name}-distribution"
  description = "Sent to the API by the distribution of ${var.name}."

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_usage_plan" "edge" {
  count       = var.restrict_api ? 1 : 0
  name        = "${var.name}-distribution"
  description = "Binds the distribution's key to the stage, without further limits."

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }
}

resource "aws_api_gateway_usage_plan_key" "edge" {
  count         = var.restrict_api ? 1 : 0
  key_id        = aws_api_gateway_api_key.edge[0].id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.edge[0].id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
}

# An account has one log role for all APIs of a region: two stacks that both set it would overwrite each other.
resource "aws_api_gateway_account" "this" {
  count               = var.api_log_role ? 1 : 0
  cloudwatch_role_arn = aws_iam_role.api_logs[0].arn
  depends_on          = [aws_iam_role_policy_attachment.api_logs]
}

resource "aws_iam_role" "api_logs" {
  count              = var.api_log_role ? 1 : 0
  name               = "${var.name}-api-logs"
  description        = "What API Gateway may do to write its logs."
  assume_role_policy = data.aws_iam_policy_document.assume_by_api_gateway.json
}

resource "aws_iam_role_policy_attachment" "api_logs" {
  count      = var.api_log_role ? 1 : 0
  role       = aws_iam_role.api_logs[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

data "aws_iam_policy_document" "assume_by_api_gateway" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}
