public import DeskCore

/// A body in one media type.
public struct OpenAPIContent: Hashable, Sendable {
  public let mediaType: String
  public let schema: JSONSchema
  /// Sample bodies by name.
  public let examples: [JSONValue.Field]

  public init(_ mediaType: String, _ schema: JSONSchema, examples: [JSONValue.Field] = []) {
    self.mediaType = mediaType
    self.schema = schema
    self.examples = examples
  }

  /// A JSON body.
  public static func json(_ schema: JSONSchema, examples: [JSONValue.Field] = []) -> OpenAPIContent {
    OpenAPIContent("application/json", schema, examples: examples)
  }

  /// A JSON body that has a schema among the components.
  public static func json(_ name: String) -> OpenAPIContent { json(.reference(name)) }
}

extension [OpenAPIContent] {
  /// The member `content` of a request body or a response.
  var field: JSONValue.Field {
    .init(
      "content",
      .object(
        map { content in
          let examples = content.examples.map { JSONValue.Field($0.name, .object([.init("value", $0.value)])) }
          return .init(
            content.mediaType,
            .object(
              [.init("schema", content.schema.json)]
                + (examples.isEmpty ? [] : [.init("examples", .object(examples))])))
        }))
  }
}
