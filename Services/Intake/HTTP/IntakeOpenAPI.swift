import HTTPService

/// The interface that intake serves and describes.
enum IntakeOpenAPI {
  static let document = OpenAPIDocument(
    title: "Frontdesk intake", summary: "Accepts customer messages from channels.",
    description:
      "A message whose result is `accepted` or `duplicate` is stored durably. Sending a message again with the same id is always safe: it is stored once, and the response has the same identifiers.",
    key: OpenAPIKey(
      "channelKey", description: "A channel's key. The key alone determines the channel of a message."),
    tags: [
      OpenAPITag("messages", description: "Submitting and reading messages."),
      OpenAPITag("channels", description: "Other transports."),
    ],
    tagOfItself: "channels", routes: IntakeEndpoint.allCases, schemas: IntakeSchemas.all,
    problemMembers: [.optional("results", .array(of: .reference("Result")))])
}
