internal import DeskCore

/// A group of operations.
public struct OpenAPITag: Sendable {
  public let name: String
  public let description: String

  public init(_ name: String, description: String) {
    self.name = name
    self.description = description
  }

  var json: JSONValue { .object([.init("name", .text(name)), .init("description", .text(description))]) }
}
