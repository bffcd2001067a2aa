/// Reads bytes from outside that must be text.
///
/// A repairing decoder (`String(decoding:as:)`) turns a file in another encoding into one that looks valid and means something else.
/// Here such bytes are rejected with their position.
public enum UTF8Text {
  /// Where bytes stop being UTF-8.
  public struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// The column, from 1, counted in Unicode scalars.
    public let column: Int

    /// The problem, without its position.
    public static let problem = "the file is not UTF-8"
    /// The remedy.
    public static let remedy = "save it as UTF-8, not as GBK, Latin-1 or UTF-16"

    public var description: String { "line \(line), column \(column): \(Self.problem); \(Self.remedy)" }
  }

  /// What some editors put before the text.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Returns the text of a file, without a byte order mark.
  /// - Throws: `Mistake` with the position of the first invalid byte.
  public static func read(_ bytes: some Collection<UInt8>) throws(Mistake) -> String {
    if bytes.starts(with: byteOrderMark) { return try read(Array(bytes.dropFirst(byteOrderMark.count))) }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let all = Array(bytes)
    let end = all.withUnsafeBufferPointer { UTF8Check.firstInvalid(in: $0) } ?? all.count
    let before = all[..<end]
    let line = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // Continuation bytes are not separate characters.
    throw Mistake(line: line.count, column: (line.last ?? []).count { $0 & 0xC0 != 0x80 } + 1)
  }
}
