// Types that PostgreSQL has and the standard library lacks. The protocols let a module's own types be read and
// written directly, without passing through the structures below.

// MARK: - uuid

/// An identifier of 16 bytes, stored as `uuid`.
public protocol PostgresUUIDConvertible: PostgresCodable {
  /// The first and the last eight bytes, each read as a big-endian integer.
  init(uuidHigh: UInt64, uuidLow: UInt64)
  var uuidHigh: UInt64 { get }
  var uuidLow: UInt64 { get }
}

extension PostgresUUIDConvertible {
  @inlinable public static var postgresType: PostgresType { .uuid }
  @inlinable public static func accepts(oid: UInt32) -> Bool { oid == PostgresType.uuid.oid }
  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { oid == PostgresType.uuid.arrayOID }

  @inlinable
  public func encode(into writer: inout PostgresWriter) {
    writer.write(uuidHigh)
    writer.write(uuidLow)
  }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    guard value.bytes.count == 16 else { return nil }
    self.init(
      uuidHigh: UInt64(bigEndian: value.bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
      uuidLow: UInt64(bigEndian: value.bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }
}

/// A plain `uuid`.
public struct PostgresUUID: PostgresUUIDConvertible, Hashable, Sendable {
  public let uuidHigh: UInt64
  public let uuidLow: UInt64

  public init(uuidHigh: UInt64, uuidLow: UInt64) {
    self.uuidHigh = uuidHigh
    self.uuidLow = uuidLow
  }
}

// MARK: - timestamptz

/// An instant, stored as `timestamptz`, in microseconds since 1970-01-01T00:00:00Z.
///
/// PostgreSQL's `infinity` and `-infinity` are read as the greatest and the least `Int64`, and instants that are out of
/// its range are written as these.
public protocol PostgresTimestampConvertible: PostgresCodable {
  init(microsecondsSinceUnixEpoch: Int64)
  var microsecondsSinceUnixEpoch: Int64 { get }
}

/// PostgreSQL counts from 2000-01-01T00:00:00Z.
@usableFromInline let microsecondsFromUnixToPostgresEpoch: Int64 = 946_684_800_000_000

extension PostgresTimestampConvertible {
  @inlinable public static var postgresType: PostgresType { .timestamptz }
  @inlinable public static func accepts(oid: UInt32) -> Bool { oid == PostgresType.timestamptz.oid }
  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { oid == PostgresType.timestamptz.arrayOID }

  @inlinable
  public func encode(into writer: inout PostgresWriter) {
    let instant = microsecondsSinceUnixEpoch
    let (shifted, overflow) = instant.subtractingReportingOverflow(microsecondsFromUnixToPostgresEpoch)
    writer.write(instant == .max ? .max : overflow ? .min : shifted)
  }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    guard let raw = value.integer(Int64.self) else { return nil }
    let (shifted, overflow) = raw.addingReportingOverflow(microsecondsFromUnixToPostgresEpoch)
    self.init(microsecondsSinceUnixEpoch: raw == .min ? .min : overflow ? .max : shifted)
  }
}

/// A plain `timestamptz`.
public struct PostgresTimestamp: PostgresTimestampConvertible, Hashable, Sendable {
  public let microsecondsSinceUnixEpoch: Int64

  public init(microsecondsSinceUnixEpoch: Int64) {
    self.microsecondsSinceUnixEpoch = microsecondsSinceUnixEpoch
  }
}

// MARK: - jsonb

/// A JSON document as text, stored as `jsonb`. PostgreSQL checks it (SQLSTATE 22P02) and may reorder its keys.
public struct PostgresJSON: PostgresCodable, Hashable, Sendable {
  public let text: String

  public init(_ text: String) {
    self.text = text
  }

  @inlinable public static var postgresType: PostgresType { .jsonb }

  @inlinable public static func accepts(oid: UInt32) -> Bool {
    oid == PostgresType.jsonb.oid || oid == PostgresType.json.oid
  }

  @inlinable public static func acceptsArray(oid: UInt32) -> Bool {
    oid == PostgresType.jsonb.arrayOID || oid == PostgresType.json.arrayOID
  }

  public func encode(into writer: inout PostgresWriter) {
    writer.write(Self.binaryVersion)
    writer.write(utf8: text)
  }

  public init?(postgresValue value: borrowing PostgresValue) {
    guard value.oid == PostgresType.jsonb.oid else {
      self.init(value.text())
      return
    }
    guard value.bytes.first == Self.binaryVersion else { return nil }
    self.init(String(decoding: value.bytes.dropFirst(), as: UTF8.self))
  }

  /// The format version, the first byte of binary `jsonb`.
  private static let binaryVersion: UInt8 = 1
}
