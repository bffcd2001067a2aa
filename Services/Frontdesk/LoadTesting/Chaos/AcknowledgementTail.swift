import DeskReporting
import Foundation

/// Reads lines appended to acknowledgement files.
struct AcknowledgementTail {
  private var offsets: [String: UInt64] = [:]

  /// Returns the acknowledgements completed since the last call; a partial line is left for the next one.
  /// - Throws: `CommandFailure` for a line that is not an acknowledgement.
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
