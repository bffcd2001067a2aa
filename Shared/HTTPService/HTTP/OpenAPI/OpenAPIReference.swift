internal import DeskCore

/// References to a document's components.
enum OpenAPIReference {
  /// The member that makes an object a reference.
  static func field(to components: String, _ name: String) -> JSONValue.Field {
    .init("$ref", .text("#/components/\(components)/\(name)"))
  }
}
