public import DeskCore
public import PostgreSQL

// The encoding of the desk's values in PostgreSQL.

extension Identifier: PostgresUUIDConvertible {
  public init(uuidHigh: UInt64, uuidLow: UInt64) {
    self.init(high: uuidHigh, low: uuidLow)
  }

  public var uuidHigh: UInt64 { high }
  public var uuidLow: UInt64 { low }
}

extension Instant: PostgresTimestampConvertible {
  public init(microsecondsSinceUnixEpoch: Int64) {
    self.init(microseconds: microsecondsSinceUnixEpoch)
  }

  public var microsecondsSinceUnixEpoch: Int64 { microseconds }
}

extension Key: PostgresEncodable, PostgresDecodable {
  public static var postgresType: PostgresType { .text }

  public func encode(into writer: inout PostgresWriter) {
    rawValue.encode(into: &writer)
  }

  public static func accepts(oid: UInt32) -> Bool { String.accepts(oid: oid) }
  public static func acceptsArray(oid: UInt32) -> Bool { String.acceptsArray(oid: oid) }

  public init?(postgresValue value: borrowing PostgresValue) {
    guard let text = String(postgresValue: value) else { return nil }
    self.init(text)
  }
}

extension TicketState: PostgresEncodable, PostgresDecodable {}
extension CustomerTier: PostgresEncodable, PostgresDecodable {}
extension ProofKind: PostgresEncodable, PostgresDecodable {}
extension JoinOutcome: PostgresEncodable, PostgresDecodable {}
extension Presence: PostgresEncodable, PostgresDecodable {}
extension ReplyState: PostgresEncodable, PostgresDecodable {}
