package import Foundation
import UntrustedInput

/// Files that only their owner may read.
package enum PrivateFile {
  /// Replaces a file atomically; another user can never read it.
  package static func write(_ bytes: Data, path: String) throws {
    try put(bytes, path: path) { draft in rename(draft, path) == 0 }
  }

  /// Creates a file that must not exist yet.
  /// - Throws: `CommandFailure` where it exists; it is not changed.
  package static func create(_ bytes: Data, path: String) throws {
    try put(bytes, path: path) { draft in
      // Unlike a rename, a link never replaces another file.
      guard link(draft, path) == 0 else {
        guard errno == EEXIST else { return false }
        throw CommandFailure(
          "\(path) already exists", remedy: "name another file, or remove it first", status: .wrongCall)
      }
      return unlink(draft) == 0
    }
  }

  private static func put(_ bytes: Data, path: String, _ place: (_ draft: String) throws -> Bool) throws {
    // The process id keeps concurrent writers' drafts apart.
    let draft = "\(path).\(getpid()).new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("write", path) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: bytes)
      try handle.synchronize()
      try handle.close()
      guard try place(draft) else { throw failure("write", path) }
    } catch {
      unlink(draft)
      throw error
    }
  }

  /// Creates a folder that only its owner may enter; an existing one keeps its mode.
  package static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o700) != 0, errno != EEXIST { throw failure("make", path) }
  }

  /// Returns the text of a file without the trailing line end; nil where there is no file or it is not UTF-8.
  package static func text(path: String) -> String? { try? secret(path: path) }

  /// Reads the text of a file that must not be mistaken for missing, because it would then be created again.
  /// - Returns: nil where there is no file.
  /// - Throws: `CommandFailure` where it is not UTF-8; the error contains none of its content.
  package static func secret(path: String) throws -> String? {
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    do {
      return try UTF8Text.read(bytes).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch {
      throw CommandFailure("\(path), \(error)", status: .wrongCall)
    }
  }

  /// Returns the size of a file in bytes; 0 where there is none.
  package static func size(path: String) -> UInt64 {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
  }

  /// Returns a failure with the system's last error for a path.
  package static func failure(_ verb: String, _ path: String) -> CommandFailure {
    CommandFailure("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
  }
}
