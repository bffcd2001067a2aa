import CommandLineTool
import Foundation
import Simulator

/// Recordings as files, which only their owner may read.
enum RecordingFile {
  /// Writes a file that must not exist yet; it appears when it is whole.
  /// - Parameter body: gets a function that appends bytes.
  /// - Throws: `CommandFailure`, or what `body` throws; nothing is left then.
  static func create<Result>(
    path: String, _ body: (_ append: ([UInt8]) throws -> Void) async throws -> Result
  ) async throws -> Result {
    let exists = CommandFailure(
      "\(path) already exists", remedy: "name another file, or remove it first", status: .wrongCall)
    guard access(path, F_OK) != 0 else { throw exists }
    let draft = "\(path).\(getpid()).new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw PrivateFile.failure("write", path) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    defer { unlink(draft) }
    let result = try await body { bytes in
      do { try handle.write(contentsOf: bytes) } catch { throw CommandFailure("cannot write \(path): \(error)") }
    }
    try handle.synchronize()
    try handle.close()
    // Unlike a rename, a link never replaces another file.
    guard link(draft, path) == 0 else { throw errno == EEXIST ? exists : PrivateFile.failure("write", path) }
    return result
  }

  /// Reads a file in pieces.
  /// - Throws: `CommandFailure` with the line of the first mistake.
  static func read(path: String) throws -> Recording {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw CommandFailure(
        "\(path) cannot be read", remedy: "write a recording with `frontdesk record`", status: .wrongCall)
    }
    defer { try? handle.close() }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw CommandFailure("\(path) is a folder", remedy: "name a recording in it", status: .wrongCall)
    }
    var reader = RecordingReader()
    var rest: [UInt8] = []
    do {
      while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
        rest += piece
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
          try reader.read(rest[start..<end])
          start = end + 1
        }
        rest.removeFirst(start)
        // A longer line is refused before it is whole.
        if rest.count > RecordingBounds.lineBytes { break }
      }
      if !rest.isEmpty { try reader.read(rest) }
      return try reader.finish()
    } catch let error as RecordingError {
      throw CommandFailure("\(path) is not a usable recording\n  \(error)", status: .wrongCall)
    }
  }
}
