public import DeskCore
internal import UntrustedInput

/// A parameter of operations. It is described once, among the document's components.
public struct OpenAPIParameter: Hashable, Sendable {
  public enum Place: String, Hashable, Sendable {
    case path, query, header
  }

  /// The name of the component.
  public let component: String
  public let place: Place
  /// The name in a request.
  public let name: String
  public let description: String?
  public let schema: JSONSchema

  public init(
    _ component: String, in place: Place, name: String, description: String? = nil, schema: JSONSchema
  ) {
    self.component = component
    self.place = place
    self.name = name
    self.description = description
    self.schema = schema
  }

  /// A parameter in the path is part of the operation's name, all others can be left out.
  public var isRequired: Bool { place == .path }

  /// The component as JSON.
  public var json: JSONValue {
    .object(
      [.init("name", .text(name)), .init("in", .text(place.rawValue)), .init("required", .flag(isRequired))]
        + (description.map { [.init("description", .text($0))] } ?? []) + [.init("schema", schema.json)])
  }
}

// MARK: - Shared parameters

extension OpenAPIParameter {
  /// The header that `IdempotencyKey` reads. An operation that has it can return the problems of such keys.
  /// - Parameter description: what a repetition gets.
  public static func idempotencyKey(_ description: String) -> OpenAPIParameter {
    OpenAPIParameter(
      idempotencyKeyComponent, in: .header, name: "Idempotency-Key", description: description,
      schema: .string(.within(1...InputBounds.requestKeyCharacters), pattern: "^[!-~]+$"))
  }

  static let idempotencyKeyComponent = "IdempotencyKey"

  /// Where a page of a list that is read from its end begins.
  public static let before = OpenAPIParameter(
    "Before", in: .query, name: "before",
    description: "The value of `next` in the following page; default: the newest page.", schema: .string)

  /// The size of a page.
  public static let limit = OpenAPIParameter(
    "Limit", in: .query, name: "limit", description: "The maximum number of elements; default: the page size.",
    schema: .integer(.atLeast(1)))
}
