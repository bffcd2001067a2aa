import HTTPService

/// The interface that the console serves and describes: the endpoints of the table.
enum ConsoleOpenAPI {
  static let document = OpenAPIDocument(
    title: "Frontdesk console", summary: "Interface for agents and operators.",
    description:
      "Errors are problem details (RFC 9457). A 409 names the conflicting ticket and its current state, also when it is closed; read the ticket again before retrying.",
    key: OpenAPIKey("key", description: "A key of one of the roles that the operation names."),
    cookie: OpenAPICookie(
      "session", cookie: SessionCookie.name(isSecure: false),
      description:
        "The session of a person with one of the roles that the operation names; over HTTPS its name begins with `__Host-`. Requests that another site's page caused are refused."
    ),
    routes: ConsoleEndpoint.table, schemas: ConsoleSchemas.all,
    problemMembers: [
      .optional(
        "current", .anyObject.orNull.described("What the request conflicts with, as it is now, where it helps."))
    ])
}
