/// Reads the fields of one protobuf message in its binary encoding, in place: it copies nothing and allocates nothing.
///
/// Links carry every message several times, so their items are read by hand. It accepts exactly what implementations of the standard
/// accept: fields in any order, repeated or unknown ones, groups. The bytes must outlive the reader: create it inside
/// `withUnsafeBufferPointer`.
struct ProtobufReader {
  /// The bytes are not a protobuf message.
  struct Malformed: Error {}

  /// How the value of a field is encoded. The raw values are those of the standard.
  enum WireType: UInt32 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case groupStart = 3
    case groupEnd = 4
    case fixed32 = 5
  }

  /// What precedes a value: the number of its field and its encoding.
  struct Tag: Equatable {
    let raw: UInt32

    var field: UInt32 { raw >> 3 }
    var type: WireType? { WireType(rawValue: raw & 7) }

    static func bytes(_ field: UInt32) -> Tag { Tag(raw: field << 3 | WireType.bytes.rawValue) }
    static func varint(_ field: UInt32) -> Tag { Tag(raw: field << 3 | WireType.varint.rawValue) }
    static func fixed32(_ field: UInt32) -> Tag { Tag(raw: field << 3 | WireType.fixed32.rawValue) }
  }

  /// The maximum number of bytes of a tag.
  private static let tagBytes = 5

  private let all: UnsafeBufferPointer<UInt8>
  /// What is read next.
  private(set) var place: Int
  /// Where the tag of the current field begins.
  private(set) var fieldStart: Int
  private let end: Int

  /// Whether nothing is left.
  var isAtEnd: Bool { place >= end }

  /// Reads the message that is in a part of `bytes`.
  init(_ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a message outside its bytes")
    all = bytes
    place = range.lowerBound
    fieldStart = place
    end = range.upperBound
  }

  /// Reads a whole message.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.init(bytes, in: 0..<bytes.count)
  }

  // MARK: Fields

  /// The tag of the next field; nil at the end of the message. Its value must be read or skipped before the next call.
  mutating func next() throws(Malformed) -> Tag? {
    guard place < end else { return nil }
    fieldStart = place
    let tag = try innerTag()
    guard tag.type != .groupEnd else { throw Malformed() }
    return tag
  }

  /// Skips the value of a field that is not wanted.
  mutating func skip(_ tag: Tag) throws(Malformed) {
    guard tag.type == .groupStart else { return try skipValue(tag.type) }
    // The numbers of the groups that are open.
    var groups = [tag.field]
    while let group = groups.last {
      guard place < end else { throw Malformed() }
      let inner = try innerTag()
      switch inner.type {
      case .groupStart:
        guard groups.count < WireBounds.nestedGroups else { throw Malformed() }
        groups.append(inner.field)
      case .groupEnd:
        guard inner.field == group else { throw Malformed() }
        groups.removeLast()
      default: try skipValue(inner.type)
      }
    }
  }

  private mutating func innerTag() throws(Malformed) -> Tag {
    let start = place
    let number = try varint()
    guard place - start <= Self.tagBytes, let raw = UInt32(exactly: number), raw >> 3 > 0 else { throw Malformed() }
    return Tag(raw: raw)
  }

  private mutating func skipValue(_ type: WireType?) throws(Malformed) {
    switch type {
    case .varint: _ = try varint()
    case .fixed64: try advance(8)
    case .fixed32: try advance(4)
    case .bytes: _ = try bytes()
    case .groupStart, .groupEnd, nil: throw Malformed()
    }
  }

  // MARK: Values

  /// A number of up to ten bytes; bits beyond the 64th are ignored, as the standard demands.
  @inline(__always)
  mutating func varint() throws(Malformed) -> UInt64 {
    guard place < end else { throw Malformed() }
    let first = all[place]
    place += 1
    return first < 0x80 ? UInt64(first) : try longVarint(from: UInt64(first & 0x7F))
  }

  private mutating func longVarint(from first: UInt64) throws(Malformed) -> UInt64 {
    var value = first
    var shift: UInt64 = 7
    while shift < 70 {
      guard place < end else { throw Malformed() }
      let byte = all[place]
      place += 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Malformed()
  }

  /// A number whose sign is its lowest bit.
  mutating func zigZag() throws(Malformed) -> Int64 {
    let raw = try varint()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  /// A `float`.
  mutating func float() throws(Malformed) -> Float {
    let start = place
    try advance(4)
    let raw = UnsafeRawBufferPointer(all).loadUnaligned(fromByteOffset: start, as: UInt32.self)
    return Float(bitPattern: UInt32(littleEndian: raw))
  }

  /// Where the bytes of a value are: those of a string, of an embedded message or of packed numbers.
  @inline(__always)
  mutating func bytes() throws(Malformed) -> Range<Int> {
    let count = try varint()
    guard count <= UInt64(end - place) else { throw Malformed() }
    let start = place
    place += Int(count)
    return start..<place
  }

  /// Where the bytes of a string are, which must be UTF-8.
  mutating func text() throws(Malformed) -> Range<Int> {
    let range = try bytes()
    guard isUTF8(range) else { throw Malformed() }
    return range
  }

  private func isUTF8(_ range: Range<Int>) -> Bool {
    (try? UTF8Span(validating: UnsafeBufferPointer(rebasing: all[range]).span)) != nil
  }

  private mutating func advance(_ count: Int) throws(Malformed) {
    guard count <= end - place else { throw Malformed() }
    place += count
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The string in a range that `ProtobufReader.text` returned.
  func string(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: self[range]), as: UTF8.self)
  }
}
