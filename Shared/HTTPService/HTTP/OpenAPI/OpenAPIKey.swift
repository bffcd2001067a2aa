internal import DeskCore

/// The bearer key that operations require.
public struct OpenAPIKey: Sendable {
  /// The name of the security scheme.
  public let name: String
  public let description: String

  public init(_ name: String, description: String) {
    self.name = name
    self.description = description
  }

  var json: JSONValue {
    .object([.init("type", "http"), .init("scheme", "bearer"), .init("description", .text(description))])
  }
}
