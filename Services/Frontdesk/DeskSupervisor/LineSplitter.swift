/// Splits a stream of bytes into lines, and lines that are too long into pieces.
struct LineSplitter: Sendable {
  private let limit: Int
  private var rest: [UInt8] = []

  init(limit: Int = UpBounds.logLineBytes) {
    self.limit = limit
  }

  /// Returns the lines completed by these bytes.
  mutating func lines(adding bytes: some Sequence<UInt8>) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        lines.append(takeRest())
      } else {
        rest.append(byte)
        if rest.count >= limit { lines.append(takeRest()) }
      }
    }
    return lines
  }

  /// Returns the bytes after the last line end; nil when there are none.
  mutating func lastLine() -> String? {
    rest.isEmpty ? nil : takeRest()
  }

  private mutating func takeRest() -> String {
    defer { rest.removeAll(keepingCapacity: true) }
    return String(decoding: rest.last == UInt8(ascii: "\r") ? rest.dropLast() : rest[...], as: UTF8.self)
  }
}
