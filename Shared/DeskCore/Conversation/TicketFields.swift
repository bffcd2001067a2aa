/// What customers answered to the desk's questions: the fields of a ticket and their values.
///
/// A value is what the customer wrote, or one of the policy's names for it: it belongs to the customer, never enters a timeline, and is
/// erased with them.
public struct TicketFields: Hashable, Sendable {
  /// The maximum number of fields of a ticket.
  public static let most = 50

  /// The values by field.
  public private(set) var values: [FieldName: String]
  /// Values that the store could not decrypt. They go where the ticket goes, so that nothing is lost before their key is back.
  package var sealed: String?

  /// Collects values; those beyond `most`, in the order of names, are left out.
  public init(_ values: [FieldName: String] = [:]) {
    self.values =
      values.count <= TicketFields.most
      ? values
      : Dictionary(
        values.sorted { $0.key < $1.key }.prefix(TicketFields.most).map { ($0.key, $0.value) },
        uniquingKeysWith: { first, _ in first })
  }

  /// Whether there is none.
  public var isEmpty: Bool { values.isEmpty && sealed == nil }

  /// The names of the fields that have a value, in ascending order.
  public var names: [FieldName] { values.keys.sorted() }

  /// The value of a field; nil when it has none.
  public subscript(_ name: FieldName) -> String? { values[name] }

  /// Sets a value.
  /// - Returns: whether that changed anything.
  mutating func set(_ name: FieldName, to value: String) -> Bool {
    if let known = values[name] {
      if known.hasSameBytes(as: value) { return false }
    } else if values.count >= TicketFields.most {
      return false
    }
    values[name] = value
    return true
  }
}

/// What a rule asks of one field.
public struct FieldTest: Hashable, Sendable {
  /// The field.
  public let field: FieldName
  /// The values that meet it; nil: any value does.
  public let values: Set<ExactString>?

  /// Describes a test.
  public init(_ field: FieldName, in values: Set<ExactString>? = nil) {
    self.field = field
    self.values = values
  }

  /// Whether the fields of a ticket meet it.
  public func holds(for fields: TicketFields) -> Bool {
    guard let value = fields[field] else { return false }
    return values?.contains(ExactString(value)) ?? true
  }

  /// A description of the test.
  public var text: String {
    guard let values else { return "field \(field) is given" }
    return "field \(field) is \(values.map(\.string).sorted { $0.precedesByBytes($1) }.listed(with: "or"))"
  }
}
