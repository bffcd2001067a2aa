import Foundation

/// Reads what is appended to files of acknowledgements.
struct AcknowledgementTail {
  private var offsets: [String: UInt64] = [:]

  /// The acknowledgements that have been completed since the last call; a line under way is left for the next one.
  /// - Throws: `CommandFailure` for a line that is no acknowledgement.
  mutating func read(_ files: [String]) throws -> [Acknowledgement] {
    var found: [Acknowledgement] = []
    for path in files {
      guard let handle = FileHandle(forReadingAtPath: path) else { continue }
      defer { try? handle.close() }
      let offset = offsets[path] ?? 0
      try handle.seek(toOffset: offset)
      guard let bytes = try handle.readToEnd(), let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { continue }
      let whole = bytes[bytes.startIndex...end]
      offsets[path] = offset + UInt64(whole.count)
      found += try AcknowledgementLog.parse(whole, path: path)
    }
    return found
  }
}
