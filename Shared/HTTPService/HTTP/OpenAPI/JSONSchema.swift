public import DeskCore

/// A JSON Schema (2020-12), in the subset that descriptions of the HTTP interfaces use.
public struct JSONSchema: Hashable, Sendable {
  /// The permitted values.
  public indirect enum Form: Hashable, Sendable {
    /// Any value with a length within the bounds, in Unicode scalars, except one text.
    case string(length: Bounds, format: String?, pattern: String?, except: String?)
    case choice([String])
    case boolean
    case integer(Bounds)
    case number
    case null
    case array(of: JSONSchema, count: Bounds)
    /// Closed objects have no properties but these.
    case object([Property], isClosed: Bool)
    /// An object with any names that satisfy a schema.
    case map(of: JSONSchema, names: JSONSchema, count: Bounds)
    /// An object that is not described further.
    case anyObject
    case oneOf([JSONSchema])
    /// The name of a schema among the components.
    case reference(String)
  }

  /// A property of an object.
  public struct Property: Hashable, Sendable {
    public let name: String
    public let schema: JSONSchema
    public let isRequired: Bool

    public static func required(_ name: String, _ schema: JSONSchema) -> Property {
      Property(name: name, schema: schema, isRequired: true)
    }

    public static func optional(_ name: String, _ schema: JSONSchema) -> Property {
      Property(name: name, schema: schema, isRequired: false)
    }
  }

  /// The bounds of a number, a length or a count; nil means unbounded.
  public struct Bounds: Hashable, Sendable {
    public let minimum: Int?
    public let maximum: Int?

    public static let none = Bounds(minimum: nil, maximum: nil)

    public static func within(_ range: ClosedRange<Int>) -> Bounds {
      Bounds(minimum: range.lowerBound, maximum: range.upperBound)
    }

    public static func atLeast(_ minimum: Int) -> Bounds { Bounds(minimum: minimum, maximum: nil) }

    public static func atMost(_ maximum: Int) -> Bounds { Bounds(minimum: nil, maximum: maximum) }
  }

  public let form: Form
  public private(set) var isNullable = false
  public private(set) var description: String?

  public init(_ form: Form) {
    self.form = form
  }
}

// MARK: - Making schemas

extension JSONSchema {
  public static let string = string(.none)
  public static let uuid = string(.none, format: "uuid")
  public static let date = string(.none, format: "date")
  /// A time as in RFC 3339.
  public static let time = string(.none, format: "date-time")
  public static let boolean = JSONSchema(.boolean)
  public static let integer = integer(.none)
  public static let number = JSONSchema(.number)
  public static let null = JSONSchema(.null)
  public static let anyObject = JSONSchema(.anyObject)

  /// - Parameter length: in Unicode scalars.
  public static func string(
    _ length: Bounds, format: String? = nil, pattern: String? = nil, except: String? = nil
  ) -> JSONSchema {
    JSONSchema(.string(length: length, format: format, pattern: pattern, except: except))
  }

  public static func choice(_ values: [String]) -> JSONSchema { JSONSchema(.choice(values)) }

  public static func integer(_ bounds: Bounds) -> JSONSchema { JSONSchema(.integer(bounds)) }

  public static func array(of element: JSONSchema, _ count: Bounds = .none) -> JSONSchema {
    JSONSchema(.array(of: element, count: count))
  }

  public static func object(_ properties: [Property]) -> JSONSchema {
    JSONSchema(.object(properties, isClosed: false))
  }

  /// An object with no properties but these.
  public static func closedObject(_ properties: [Property]) -> JSONSchema {
    JSONSchema(.object(properties, isClosed: true))
  }

  public static func map(of value: JSONSchema, names: JSONSchema, _ count: Bounds) -> JSONSchema {
    JSONSchema(.map(of: value, names: names, count: count))
  }

  public static func oneOf(_ schemas: JSONSchema...) -> JSONSchema { JSONSchema(.oneOf(schemas)) }

  /// - Parameter name: of a schema among the components.
  public static func reference(_ name: String) -> JSONSchema { JSONSchema(.reference(name)) }

  /// The same values or null.
  public var orNull: JSONSchema {
    var schema = self
    schema.isNullable = true
    return schema
  }

  public func described(_ description: String) -> JSONSchema {
    var schema = self
    schema.description = description
    return schema
  }
}

// MARK: - JSON

extension JSONSchema {
  /// The schema as JSON. Keywords have a fixed order, properties their own.
  public var json: JSONValue {
    .object(keywords + (description.map { [.init("description", .text($0))] } ?? []))
  }

  private var keywords: [JSONValue.Field] {
    switch form {
    case .string(let length, let format, let pattern, let except):
      [type("string")] + (format.map { [.init("format", .text($0))] } ?? [])
        + length.keywords("minLength", "maxLength") + (pattern.map { [.init("pattern", .text($0))] } ?? [])
        + (except.map { [.init("not", .object([.init("const", .text($0))]))] } ?? [])
    case .choice(let values):
      [type("string"), .init("enum", .list(values.map { .text($0) } + (isNullable ? [.null] : [])))]
    case .boolean: [type("boolean")]
    case .integer(let bounds): [type("integer")] + bounds.keywords("minimum", "maximum")
    case .number: [type("number")]
    case .null: [.init("type", "null")]
    case .array(let element, let count):
      [type("array")] + count.keywords("minItems", "maxItems") + [.init("items", element.json)]
    case .object(let properties, let isClosed): object(properties, isClosed: isClosed)
    case .map(let value, let names, let count):
      [type("object")] + count.keywords("minProperties", "maxProperties")
        + [.init("additionalProperties", value.json), .init("propertyNames", names.json)]
    case .anyObject: [type("object")]
    case .oneOf(let schemas):
      [.init("oneOf", .list((schemas + (isNullable ? [.null] : [])).map(\.json)))]
    case .reference(let name):
      isNullable
        ? [.init("oneOf", .list([JSONSchema.reference(name).json, JSONSchema.null.json]))]
        : [OpenAPIReference.field(to: "schemas", name)]
    }
  }

  private func object(_ properties: [Property], isClosed: Bool) -> [JSONValue.Field] {
    let required = properties.filter(\.isRequired).map { JSONValue.text($0.name) }
    return [type("object"), .init("properties", .object(properties.map { .init($0.name, $0.schema.json) }))]
      + (required.isEmpty ? [] : [.init("required", .list(required))])
      + (isClosed ? [.init("additionalProperties", .flag(false))] : [])
  }

  private func type(_ name: String) -> JSONValue.Field {
    .init("type", isNullable ? .list([.text(name), "null"]) : .text(name))
  }
}

extension JSONSchema.Bounds {
  fileprivate func keywords(_ minimumName: String, _ maximumName: String) -> [JSONValue.Field] {
    [(minimumName, minimum), (maximumName, maximum)].compactMap { name, bound in
      bound.map { .init(name, .integer(Int64($0))) }
    }
  }
}
