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

/// The cookie that operations accept instead of a key.
public struct OpenAPICookie: Sendable {
  /// The name of the security scheme.
  public let name: String
  /// The cookie's name.
  public let cookie: String
  public let description: String

  public init(_ name: String, cookie: String, description: String) {
    self.name = name
    self.cookie = cookie
    self.description = description
  }

  var json: JSONValue {
    .object([
      .init("type", "apiKey"), .init("in", "cookie"), .init("name", .text(cookie)),
      .init("description", .text(description)),
    ])
  }
}
