"use strict";

// Read at every request, not once: a login gives the browser a new CSRF token.
const csrfToken = () => document.cookie.split("; ")
  .find((cookie) => cookie.startsWith("{{ csrf_cookie }}="))?.split("=")[1];

const withCsrfToken = (request) => {
  if (!["GET", undefined].includes(request.method)) {
    request.headers["{{ csrf_header_name }}"] ??= csrfToken();
  }
  return request;
};

SwaggerUIBundle({
  url: "{{ schema_url|escapejs }}",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  requestInterceptor: withCsrfToken,
  ...{{ settings|safe }},
});
