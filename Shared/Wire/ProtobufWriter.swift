/// Writes the fields of one protobuf message in its binary encoding. Fields with their default value are left out, as proto3 demands.
struct ProtobufWriter {
  /// What was written.
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  /// Writes a string.
  mutating func add(_ field: UInt32, _ text: String) {
    if !text.isEmpty { always(field, text) }
  }

  /// Writes an element of a repeated string, which may be empty.
  mutating func always(_ field: UInt32, _ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      begin(field, byteCount: utf8.count)
      bytes.append(contentsOf: utf8)
    }
  }

  /// Writes bytes, or a message that is encoded already.
  mutating func always(_ field: UInt32, encoded value: some Collection<UInt8>) {
    begin(field, byteCount: value.count)
    append(value)
  }

  /// Begins a field of bytes; that many must follow.
  mutating func begin(_ field: UInt32, byteCount: Int) {
    tag(field, .bytes)
    varint(UInt64(byteCount))
  }

  /// Writes what is encoded already.
  mutating func append(_ encoded: some Collection<UInt8>) {
    bytes.append(contentsOf: encoded)
  }

  /// Writes the sixteen bytes of an id.
  mutating func always(_ field: UInt32, _ id: ItemID) {
    begin(field, byteCount: ItemID.byteCount)
    for word in [id.high, id.low] { withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) } }
  }

  mutating func add(_ field: UInt32, _ number: UInt64) {
    if number != 0 { always(field, number) }
  }

  mutating func always(_ field: UInt32, _ number: UInt64) {
    tag(field, .varint)
    varint(number)
  }

  mutating func add(_ field: UInt32, _ isTrue: Bool) { add(field, isTrue ? 1 : 0 as UInt64) }

  /// Writes an `int32`, whose negative values have the ten bytes of 64 bits.
  mutating func add(_ field: UInt32, _ number: Int32) { add(field, UInt64(bitPattern: Int64(number))) }

  /// Writes an `sint64`.
  mutating func addZigZag(_ field: UInt32, _ number: Int64) {
    add(field, UInt64(bitPattern: number << 1 ^ number >> 63))
  }

  /// Writes a `float`. Minus zero is not the default.
  mutating func add(_ field: UInt32, _ number: Float) {
    guard number.bitPattern != 0 else { return }
    tag(field, .fixed32)
    float(number)
  }

  /// Writes packed numbers.
  mutating func add(_ field: UInt32, _ numbers: some Collection<Float>) {
    guard !numbers.isEmpty else { return }
    begin(field, byteCount: 4 * numbers.count)
    for number in numbers { float(number) }
  }

  /// The bytes of a text's field, of a number below 16.
  static func byteCount(of text: String) -> Int {
    let count = text.utf8.count
    if count == 0 { return 0 }
    var lengthBytes = 1
    while count >> (7 * lengthBytes) > 0 { lengthBytes += 1 }
    return 1 + lengthBytes + count
  }

  /// The bytes of a `float`'s field, of a number below 16.
  static func byteCount(of number: Float) -> Int { number.bitPattern == 0 ? 0 : 5 }

  private mutating func float(_ number: Float) {
    withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func tag(_ field: UInt32, _ type: ProtobufReader.WireType) {
    varint(UInt64(field << 3 | type.rawValue))
  }

  private mutating func varint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
