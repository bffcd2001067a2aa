/// A value that can be read from a column of a result, in PostgreSQL's binary format.
public protocol PostgresDecodable {
  /// The type's name in errors, such as `Int64`.
  static var postgresTypeName: String { get }

  /// Whether columns of this type can be read as this value.
  static func accepts(oid: UInt32) -> Bool

  /// Whether columns of this type can be read as an array of this value.
  static func acceptsArray(oid: UInt32) -> Bool

  /// Reads a value that is not NULL; `nil` when the bytes are malformed.
  init?(postgresValue value: borrowing PostgresValue)

  /// The value for NULL; `nil` when NULL is an error.
  static var postgresNull: Self? { get }

  /// Reads a whole array; `nil` when the bytes are malformed, or an element is NULL and must not be.
  static func decodeArray(_ value: borrowing PostgresValue) -> [Self]?
}

extension PostgresDecodable {
  @inlinable public static var postgresTypeName: String { "\(Self.self)" }
  @inlinable public static var postgresNull: Self? { nil }

  @inlinable
  public static func decodeArray(_ value: borrowing PostgresValue) -> [Self]? {
    guard var elements = PostgresArrayReader(value), accepts(oid: elements.elementOID) else { return nil }
    var result: [Self] = []
    result.reserveCapacity(elements.count)
    while elements.remaining > 0 {
      switch elements.next() {
      case .malformed: return nil
      case .null:
        guard let null = postgresNull else { return nil }
        result.append(null)
      case .bytes(let bytes):
        guard let element = Self(postgresValue: PostgresValue(bytes: bytes, oid: elements.elementOID)) else {
          return nil
        }
        result.append(element)
      }
    }
    return result
  }
}

public typealias PostgresCodable = PostgresEncodable & PostgresDecodable

/// The bytes of one value. It is valid only while the result is read, so it cannot be copied or kept.
public struct PostgresValue: ~Copyable {
  public let bytes: UnsafeRawBufferPointer
  /// The server's type of the column or element.
  public let oid: UInt32

  @inlinable
  init(bytes: UnsafeRawBufferPointer, oid: UInt32) {
    self.bytes = bytes
    self.oid = oid
  }

  public var count: Int { bytes.count }

  /// The value as an integer of exactly this width; `nil` when the width differs.
  @inlinable
  public func integer<Integer: FixedWidthInteger>(_ type: Integer.Type = Integer.self) -> Integer? {
    guard bytes.count == MemoryLayout<Integer>.size else { return nil }
    return Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
  }

  /// The value as a signed integer of 2, 4 or 8 bytes; `nil` for other widths.
  @inlinable
  public func widenedInteger() -> Int64? {
    switch bytes.count {
    case 8: integer(Int64.self)
    case 4: integer(Int32.self).map(Int64.init)
    case 2: integer(Int16.self).map(Int64.init)
    default: nil
    }
  }

  /// The bytes as UTF-8 text, which the connection's encoding guarantees them to be.
  @inlinable
  public func text() -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}

/// Iterates over the binary form of an array of at most one dimension.
@usableFromInline
struct PostgresArrayReader {
  @usableFromInline
  enum Element {
    case null
    case bytes(UnsafeRawBufferPointer)
    case malformed
  }

  @usableFromInline let bytes: UnsafeRawBufferPointer
  @usableFromInline let elementOID: UInt32
  @usableFromInline let count: Int
  @usableFromInline var remaining: Int
  @usableFromInline var offset: Int

  @usableFromInline
  init?(_ value: borrowing PostgresValue) {
    bytes = value.bytes
    guard bytes.count >= 12 else { return nil }
    let dimensions = Self.load(bytes, at: 0)
    elementOID = UInt32(bitPattern: Self.load(bytes, at: 8))
    if dimensions == 0 {
      count = 0
      offset = 12
    } else {
      guard dimensions == 1, bytes.count >= 20 else { return nil }
      count = Int(Self.load(bytes, at: 12))
      // Each element takes at least its length field: a larger count is rejected before memory is reserved for it.
      guard count >= 0, count <= (bytes.count - 20) / 4 else { return nil }
      offset = 20
    }
    remaining = count
  }

  @usableFromInline
  mutating func next() -> Element {
    guard offset + 4 <= bytes.count else { return .malformed }
    let length = Int(Self.load(bytes, at: offset))
    offset += 4
    remaining -= 1
    guard length >= 0 else { return .null }
    guard length <= bytes.count - offset else { return .malformed }
    defer { offset += length }
    return .bytes(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
  }

  private static func load(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int32 {
    Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
  }
}

// MARK: - Containers

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  @inlinable public static var postgresTypeName: String { Wrapped.postgresTypeName + "?" }
  @inlinable public static func accepts(oid: UInt32) -> Bool { Wrapped.accepts(oid: oid) }
  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { Wrapped.acceptsArray(oid: oid) }
  @inlinable public static var postgresNull: Wrapped?? { .some(nil) }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    guard let wrapped = Wrapped(postgresValue: value) else { return nil }
    self = .some(wrapped)
  }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
  @inlinable public static var postgresTypeName: String { "[\(Element.postgresTypeName)]" }
  @inlinable public static func accepts(oid: UInt32) -> Bool { Element.acceptsArray(oid: oid) }
  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { oid == Element.nestedArrayOID }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    guard let elements = Element.decodeArray(value) else { return nil }
    self = elements
  }
}

extension PostgresDecodable {
  /// Only byte arrays can be elements of arrays: `bytea[]`.
  @usableFromInline static var nestedArrayOID: UInt32 {
    acceptsArray(oid: PostgresType.bytea.oid) ? PostgresType.bytea.arrayOID : 0
  }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
  @inlinable public static func accepts(oid: UInt32) -> Bool { RawValue.accepts(oid: oid) }
  @inlinable public static func acceptsArray(oid: UInt32) -> Bool { RawValue.acceptsArray(oid: oid) }

  @inlinable
  public init?(postgresValue value: borrowing PostgresValue) {
    guard let rawValue = RawValue(postgresValue: value) else { return nil }
    self.init(rawValue: rawValue)
  }
}
