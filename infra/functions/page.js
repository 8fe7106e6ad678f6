// Viewer request of the page: its own files pass, anything else is answered here. CloudFront's error pages would do for
// one whole distribution, and so take the API's 404s as well.
// Terraform fills in the three constants.

const PATHS = ${paths};
const HEADERS = ${headers};
const BODY = ${body};

function handler(event) {
  const request = event.request;
  if (PATHS.includes(request.uri)) return request;
  const answer = { statusCode: 404, statusDescription: 'Not Found', headers: HEADERS };
  if (request.method !== 'HEAD') answer.body = { encoding: 'text', data: BODY };
  return answer;
}
