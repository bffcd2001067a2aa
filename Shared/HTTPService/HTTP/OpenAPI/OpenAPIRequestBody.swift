internal import DeskCore

/// The body of an operation's request.
public struct OpenAPIRequestBody: Hashable, Sendable {
  /// The accepted media types.
  public let content: [OpenAPIContent]
  public let isRequired: Bool

  public init(_ content: [OpenAPIContent], isRequired: Bool = true) {
    self.content = content
    self.isRequired = isRequired
  }

  var json: JSONValue { .object([.init("required", .flag(isRequired)), content.field]) }
}
