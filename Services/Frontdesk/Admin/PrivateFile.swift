import Foundation
import ServiceKit

/// Files that only their owner may read.
enum PrivateFile {
  /// Replaces a file as a whole; at no moment could another user read it.
  static func write(_ bytes: Data, path: String) throws {
    try put(bytes, path: path) { draft in rename(draft, path) == 0 }
  }

  /// Makes a file that must not be there yet.
  /// - Throws: `CommandFailure` where it is; its content stays as it is.
  static func create(_ bytes: Data, path: String) throws {
    try put(bytes, path: path) { draft in
      // Unlike a rename, a link never takes another file's place.
      guard link(draft, path) == 0 else {
        guard errno == EEXIST else { return false }
        throw CommandFailure(
          "\(path) is there already", remedy: "name another file, or remove it first", status: .wrongCall)
      }
      return unlink(draft) == 0
    }
  }

  private static func put(_ bytes: Data, path: String, _ place: (_ draft: String) throws -> Bool) throws {
    // The process id keeps two that write at once from writing into one another.
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

  /// Makes a folder that only its owner may enter; one that is there keeps its mode.
  static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o700) != 0, errno != EEXIST { throw failure("make", path) }
  }

  /// The text of a file without the line end behind it; nil where there is none, or it is not UTF-8.
  static func text(path: String) -> String? { try? secret(path: path) }

  /// The text of a file that must not be taken for missing, because another would be made in its place.
  /// - Returns: nil where there is no file.
  /// - Throws: `CommandFailure` where it is not UTF-8; nothing of it is told.
  static func secret(path: String) throws -> String? {
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    do {
      return try UTF8Text.read(bytes).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch {
      throw CommandFailure("\(path), \(error)", status: .wrongCall)
    }
  }

  /// The bytes of a file; 0 where there is none.
  static func size(path: String) -> UInt64 {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
  }

  /// What the system said about a path just now.
  static func failure(_ verb: String, _ path: String) -> CommandFailure {
    CommandFailure("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
  }
}
