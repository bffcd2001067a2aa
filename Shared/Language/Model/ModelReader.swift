/// Appends little-endian values. All supported machines are little-endian, so arrays are written in their memory layout.
struct ModelWriter {
  private(set) var bytes: [UInt8] = []

  mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func double(_ value: Double) { integer(value.bitPattern) }

  mutating func string(_ value: String) {
    integer(UInt32(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  mutating func raw(_ value: [UInt8]) { bytes.append(contentsOf: value) }

  mutating func array<Element: BitwiseCopyable>(_ values: [Element]) {
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

/// Reads little-endian values and never past the end of the buffer, which must outlive it.
struct ModelReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var remaining: Int { bytes.count - position }

  /// Returns the checksum of the bytes read since a position.
  func checksum(from start: Int) -> UInt64 {
    Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
  }

  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type = Value.self
  ) throws(LanguageError) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw ModelFile.damaged("it ends within a number") }
    defer { position += size }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
  }

  mutating func double() throws(LanguageError) -> Double {
    Double(bitPattern: try integer(UInt64.self))
  }

  mutating func string(limit: Int) throws(LanguageError) -> String {
    let count = Int(try integer(UInt32.self))
    guard count <= limit, count <= remaining else { throw ModelFile.damaged("a string is too long") }
    defer { position += count }
    guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else {
      throw ModelFile.damaged("a string is not UTF-8")
    }
    return text
  }

  mutating func array<Element: BitwiseCopyable>(count: Int, of: Element.Type) throws(LanguageError) -> [Element] {
    let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard count >= 0, !overflow, size <= remaining else { throw ModelFile.damaged("a table is truncated") }
    let source = UnsafeRawBufferPointer(rebasing: bytes[position..<position + size])
    let result = [Element](unsafeUninitializedCapacity: count) { target, filled in
      UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
      filled = count
    }
    position += size
    return result
  }
}

/// A 64-bit checksum over eight bytes per step.
///
/// Each step is a bijection of the state for a given word, and of the word for a given state. Two inputs of the same
/// length that differ within one word therefore never have the same sum, and other damage goes undetected once in 2^64. It
/// guards against damage, not against forgery.
enum Checksum {
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var state = UInt64(bytes.count) ^ 0x27D4_EB2F_1656_67C5
    var index = 0
    while index + 8 <= bytes.count {
      state = step(state, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
      index += 8
    }
    var last: UInt64 = 0
    var shift: UInt64 = 0
    while index < bytes.count {
      last |= UInt64(bytes[index]) << shift
      shift += 8
      index += 1
    }
    return step(step(state, last), 0x9E37_79B9_7F4A_7C15)
  }

  @inline(__always)
  private static func step(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word) &* 0x9FB2_1C65_1E98_DF25
    return product ^ product >> 32
  }
}
