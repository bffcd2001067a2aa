// The standard library's types. `Int` is `int8`, so that integer literals among the parameters are `int8`.

/// An integer that PostgreSQL stores as `int2`, `int4` or `int8`. Reading accepts the narrower ones too.
public protocol PostgresInteger: PostgresCodable, FixedWidthInteger {}

extension PostgresInteger {
  @inlinable public func encode(into writer: inout PostgresWriter) { writer.write(self) }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    guard let wide = value.widenedInteger(), let exact = Self(exactly: wide) else { return nil }
    self = exact
  }

  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { oid == postgresType.arrayOID }

  @inlinable
  public static func accepts(oid: UInt32) -> Bool {
    switch oid {
    case PostgresType.int2.oid: true
    case PostgresType.int4.oid: MemoryLayout<Self>.size >= 4
    case PostgresType.int8.oid: MemoryLayout<Self>.size >= 8
    default: false
    }
  }
}

extension Int: PostgresInteger {
  @inlinable public static var postgresType: PostgresType { .int8 }
}
extension Int64: PostgresInteger {
  @inlinable public static var postgresType: PostgresType { .int8 }
}
extension Int32: PostgresInteger {
  @inlinable public static var postgresType: PostgresType { .int4 }
}
extension Int16: PostgresInteger {
  @inlinable public static var postgresType: PostgresType { .int2 }
}

extension Double: PostgresCodable {
  @inlinable public static var postgresType: PostgresType { .float8 }
  @inlinable public func encode(into writer: inout PostgresWriter) { writer.write(bitPattern) }
  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { oid == PostgresType.float8.arrayOID }

  @inlinable public static func accepts(oid: UInt32) -> Bool {
    oid == PostgresType.float8.oid || oid == PostgresType.float4.oid
  }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    if let bits = value.integer(UInt64.self) {
      self.init(bitPattern: bits)
    } else if let bits = value.integer(UInt32.self) {
      self.init(Float(bitPattern: bits))
    } else {
      return nil
    }
  }
}

extension Float: PostgresCodable {
  @inlinable public static var postgresType: PostgresType { .float4 }
  @inlinable public func encode(into writer: inout PostgresWriter) { writer.write(bitPattern) }
  @inlinable public static func accepts(oid: UInt32) -> Bool { oid == PostgresType.float4.oid }
  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { oid == PostgresType.float4.arrayOID }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    guard let bits = value.integer(UInt32.self) else { return nil }
    self.init(bitPattern: bits)
  }
}

extension Bool: PostgresCodable {
  @inlinable public static var postgresType: PostgresType { .bool }
  @inlinable public func encode(into writer: inout PostgresWriter) { writer.write(UInt8(self ? 1 : 0)) }
  @inlinable public static func accepts(oid: UInt32) -> Bool { oid == PostgresType.bool.oid }
  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { oid == PostgresType.bool.arrayOID }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    guard let byte = value.integer(UInt8.self) else { return nil }
    self = byte != 0
  }
}

/// Text. As a parameter it is `text`; write `$1::text::kind` where the column is an enumeration. PostgreSQL rejects
/// text with a NUL character (SQLSTATE 22021).
extension String: PostgresCodable {
  @inlinable public static var postgresType: PostgresType { .text }
  @inlinable public func encode(into writer: inout PostgresWriter) { writer.write(utf8: self) }
  @inlinable public init?(postgresValue value: borrowing PostgresValue) { self = value.text() }
  public static func accepts(oid: UInt32) -> Bool { PostgresType.isTextual(oid) }
  public static func acceptsArray(oid: UInt32) -> Bool { PostgresType.isTextualArray(oid) }
}

/// Alone an `int2` from 0 to 255; `[UInt8]` is `bytea` and `[[UInt8]]` is `bytea[]`.
extension UInt8: PostgresCodable {
  @inlinable public static var postgresType: PostgresType { .int2 }
  @inlinable public static var postgresArrayType: PostgresType { .bytea }
  @inlinable public func encode(into writer: inout PostgresWriter) { writer.write(Int16(self)) }
  @inlinable public static func accepts(oid: UInt32) -> Bool { oid == PostgresType.int2.oid }
  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { oid == PostgresType.bytea.oid }

  @inlinable
  public static func encodeArray(_ values: [UInt8], into writer: inout PostgresWriter) {
    values.withUnsafeBytes { writer.write(bytes: $0) }
  }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    guard let wide = value.integer(Int16.self), let byte = UInt8(exactly: wide) else { return nil }
    self = byte
  }

  @inlinable
  public static func decodeArray(_ value: borrowing PostgresValue) -> [UInt8]? {
    Array(value.bytes)
  }
}
