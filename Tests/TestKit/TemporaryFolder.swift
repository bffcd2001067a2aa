import Foundation
import Glibc

/// A folder with a unique, short name in `/tmp` that only its owner may enter.
///
/// It is removed with everything in it when the last reference ends. A local variable may be released after its last use: write
/// `defer { folder.remove() }` after it.
public final class TemporaryFolder: Sendable {
  public let path: String

  /// - Throws: the system's error when the folder cannot be created.
  public init() throws {
    var template = Array("/tmp/fd-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { remove() }

  /// Returns the path of a file or folder in it, which need not exist.
  public func path(_ name: String) -> String { "\(path)/\(name)" }

  public func remove() { try? FileManager.default.removeItem(atPath: path) }
}
