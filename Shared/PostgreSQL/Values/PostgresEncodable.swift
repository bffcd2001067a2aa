/// A value that can be a parameter of a statement, in PostgreSQL's binary format.
///
/// A custom type needs `postgresType` and `encode(into:)`; enumerations over an encodable raw value need only the
/// declaration of conformance. Arrays and optionals of encodable values are encodable automatically.
public protocol PostgresEncodable {
  static var postgresType: PostgresType { get }

  /// Whether the value is NULL; `encode` is then not called.
  var isPostgresNull: Bool { get }

  /// Appends the value's bytes, without a length.
  func encode(into writer: inout PostgresWriter)

  /// The type of `[Self]`. Only bytes differ from the default, the array type of `postgresType`.
  static var postgresArrayType: PostgresType { get }

  /// Appends a whole array. A requirement, not just an extension, so that each element type gets a specialised loop
  /// even when the array is used through `any PostgresEncodable`.
  static func encodeArray(_ values: [Self], into writer: inout PostgresWriter)

  /// The same for arrays with NULL elements.
  static func encodeOptionalArray(_ values: [Self?], into writer: inout PostgresWriter)
}

extension PostgresEncodable {
  @inlinable public var isPostgresNull: Bool { false }

  @inlinable public static var postgresArrayType: PostgresType {
    PostgresType(oid: postgresType.arrayOID, arrayOID: 0)
  }

  @inlinable
  public static func encodeArray(_ values: [Self], into writer: inout PostgresWriter) {
    let flag = writer.beginArray(of: Self.postgresType, count: values.count)
    for value in values {
      if value.isPostgresNull {
        writer.writeNullElement(flag: flag)
      } else {
        let length = writer.beginLength()
        value.encode(into: &writer)
        writer.endLength(at: length)
      }
    }
  }

  @inlinable
  public static func encodeOptionalArray(_ values: [Self?], into writer: inout PostgresWriter) {
    let flag = writer.beginArray(of: Self.postgresType, count: values.count)
    for value in values {
      if let value, !value.isPostgresNull {
        let length = writer.beginLength()
        value.encode(into: &writer)
        writer.endLength(at: length)
      } else {
        writer.writeNullElement(flag: flag)
      }
    }
  }
}

extension PostgresWriter {
  /// Writes the header of an array of one dimension (none when empty) and returns where its "has NULL" flag is.
  @inlinable
  mutating func beginArray(of element: PostgresType, count: Int) -> Int {
    precondition(element.oid != 0, "PostgreSQL arrays of arrays are not supported")
    reserve(20 + count * 12)
    write(Int32(count == 0 ? 0 : 1))
    let flag = beginLength()
    write(element.oid)
    if count > 0 {
      write(Int32(truncatingIfNeeded: count))
      // PostgreSQL counts array elements from 1.
      write(Int32(1))
    }
    return flag
  }

  @inlinable
  mutating func writeNullElement(flag: Int) {
    write(Int32(-1))
    patch(1, at: flag)
  }
}

// MARK: - Containers

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
  @inlinable public static var postgresType: PostgresType { Wrapped.postgresType }
  @inlinable public static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }

  @inlinable public var isPostgresNull: Bool {
    switch self {
    case .none: true
    case .some(let value): value.isPostgresNull
    }
  }

  @inlinable
  public func encode(into writer: inout PostgresWriter) {
    if let self { self.encode(into: &writer) }
  }

  @inlinable
  public static func encodeArray(_ values: [Wrapped?], into writer: inout PostgresWriter) {
    Wrapped.encodeOptionalArray(values, into: &writer)
  }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
  @inlinable public static var postgresType: PostgresType { Element.postgresArrayType }

  @inlinable
  public func encode(into writer: inout PostgresWriter) {
    Element.encodeArray(self, into: &writer)
  }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
  @inlinable public static var postgresType: PostgresType { RawValue.postgresType }

  @inlinable
  public func encode(into writer: inout PostgresWriter) {
    rawValue.encode(into: &writer)
  }
}
