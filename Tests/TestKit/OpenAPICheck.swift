public import DeskCore

/// Compares what a service does with its OpenAPI document: which operations there are, and whether bodies have the documented schemas.
///
/// It reads the document as a client does, so it also checks the encoder. It knows the keywords that the services' documents use.
public struct OpenAPICheck {
  private let document: JSONValue
  /// The schemas whose objects may have properties that are not documented.
  private let partial: Set<String>
  /// The properties that bodies had, by the name of their schema.
  private var seen: [String: Set<String>] = [:]

  /// - Parameter partial: the names of schemas that do not list all properties.
  /// - Returns: nil if the text is not JSON.
  public init?(_ json: String, partial: Set<String> = []) {
    guard let document = JSONValue(json: json) else { return nil }
    self.document = document
    self.partial = partial
  }

  // MARK: The document

  /// All operations, as `GET /path`.
  public var operations: Set<String> {
    Set(
      members(document["paths"]).flatMap { path in
        members(path.value).map { "\($0.name.uppercased()) \(path.name)" }
      })
  }

  /// References that do not resolve, as `schemas/Name`.
  public var danglingReferences: Set<String> { references.subtracting(components) }

  /// Components that are not referenced, as `schemas/Name`.
  public var unusedComponents: Set<String> { components.subtracting(references) }

  private var components: Set<String> {
    Set(
      members(document["components"]).filter { $0.name != "securitySchemes" }.flatMap { kind in
        members(kind.value).map { "\(kind.name)/\($0.name)" }
      })
  }

  private var references: Set<String> {
    func references(in value: JSONValue) -> [String] {
      switch value {
      case .list(let elements): elements.flatMap { references(in: $0) }
      case .object(let fields):
        fields.flatMap { field in
          if field.name == "$ref", let text = field.value.text {
            return [text.hasPrefix(Self.prefix) ? String(text.dropFirst(Self.prefix.count)) : text]
          }
          return references(in: field.value)
        }
      default: []
      }
    }
    return Set(references(in: document))
  }

  /// The documented properties of a schema of an object.
  public func properties(of schema: String) -> Set<String> {
    Set(members(document["components"]?["schemas"]?[schema]?["properties"]).map(\.name))
  }

  /// The documented properties that no body had so far.
  public func unseenProperties(of schema: String) -> Set<String> {
    properties(of: schema).subtracting(seen[schema] ?? [])
  }

  // MARK: Bodies

  /// Checks a response against the schema that its operation documents.
  /// - Parameter operation: as `GET /path`, with parameters in braces.
  /// - Returns: every deviation, with its place in the body.
  public mutating func faults(inResponse body: String, of operation: String, status: Int = 200) -> [String] {
    let parts = operation.split(separator: " ").map { String($0) }
    guard parts.count == 2,
      let content = document["paths"]?[parts[1]]?[parts[0].lowercased()]?["responses"]?["\(status)"]?["content"],
      let schema = content["application/json"]?["schema"]
    else { return ["\(operation) has no documented JSON response \(status)"] }
    guard let value = JSONValue(json: body) else { return ["\(operation): not JSON"] }
    return faults(in: value, schema, named: nil, at: operation)
  }

  /// Checks a body against a schema.
  /// - Parameter schema: its name among the components.
  /// - Returns: every deviation, with its place in the body.
  public mutating func faults(in body: JSONValue, schema: String) -> [String] {
    faults(in: body, .object([.init("$ref", .text("\(Self.prefix)schemas/\(schema)"))]), named: nil, at: schema)
  }

  private static let prefix = "#/components/"

  private mutating func faults(
    in value: JSONValue, _ schema: JSONValue, named name: String?, at place: String
  ) -> [String] {
    if let reference = schema["$ref"]?.text {
      let name = String(reference.dropFirst("\(Self.prefix)schemas/".count))
      guard let schema = document["components"]?["schemas"]?[name] else { return ["\(place): \(reference) is missing"] }
      return faults(in: value, schema, named: name, at: place)
    }
    if let choices = schema["oneOf"]?.list {
      let attempts = choices.map { choice in
        var attempt = self
        return (faults: attempt.faults(in: value, choice, named: nil, at: place), seen: attempt.seen)
      }
      let fitting = attempts.filter(\.faults.isEmpty)
      guard fitting.count == 1 else {
        return ["\(place): fits \(fitting.count) of \(choices.count) schemas"] + attempts.flatMap(\.faults)
      }
      seen = fitting[0].seen
      return []
    }
    let types = schema["type"]?.list?.compactMap(\.text) ?? schema["type"]?.text.map { [$0] } ?? []
    guard types.contains(where: { Self.isOf($0, value) }) else {
      return ["\(place): not of the type \(types.listed(with: "or"))"]
    }
    if let choices = schema["enum"]?.list, !choices.contains(value) { return ["\(place): not one of the values"] }
    switch value {
    case .text(let text): return Self.bounds(text.unicodeScalars.count, schema, "Length", at: place)
    case .integer(let number): return Self.bounds(Int(number), schema, "imum", at: place)
    case .list(let elements):
      let own = Self.bounds(elements.count, schema, "Items", at: place)
      guard let item = schema["items"] else { return own }
      return elements.enumerated().reduce(own) { faults, element in
        faults + self.faults(in: element.element, item, named: nil, at: "\(place)/\(element.offset)")
      }
    case .object(let fields): return faults(ofObject: fields, schema, named: name, at: place)
    default: return []
    }
  }

  private mutating func faults(
    ofObject fields: [JSONValue.Field], _ schema: JSONValue, named name: String?, at place: String
  ) -> [String] {
    if let name { seen[name, default: []].formUnion(fields.map(\.name)) }
    let names = Set(fields.map(\.name))
    var faults = (schema["required"]?.list ?? []).compactMap(\.text).filter { !names.contains($0) }.map {
      "\(place): \($0) is missing"
    }
    if names.count < fields.count { faults.append("\(place): a name is used twice") }
    // An object that is not described further.
    guard let properties = schema["properties"] else { return faults }
    for field in fields {
      let path = "\(place)/\(field.name)"
      if let property = properties[field.name] {
        faults += self.faults(in: field.value, property, named: nil, at: path)
      } else if !partial.contains(name ?? "") {
        faults.append("\(path): not documented")
      }
    }
    return faults
  }

  private func members(_ value: JSONValue?) -> [JSONValue.Field] {
    if case .object(let fields)? = value { fields } else { [] }
  }

  private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
    switch (type, value) {
    case ("string", .text), ("integer", .integer), ("number", .integer), ("number", .number), ("boolean", .flag),
      ("array", .list), ("object", .object), ("null", .null):
      true
    default: false
    }
  }

  /// Checks a number against `minLength` and `maxLength`, or the same of other things.
  private static func bounds(_ number: Int, _ schema: JSONValue, _ what: String, at place: String) -> [String] {
    let (minimum, maximum) = (schema["min\(what)"]?.integer, schema["max\(what)"]?.integer)
    return (minimum.map { number < $0 } ?? false) || (maximum.map { number > $0 } ?? false)
      ? ["\(place): out of bounds"] : []
  }
}
