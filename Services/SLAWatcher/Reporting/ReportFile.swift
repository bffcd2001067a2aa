import Foundation
import SystemPrimitives

/// Files of scheduled reports. A reader of the folder sees a report completely or not at all.
enum ReportFile {
  /// A file that could not be written.
  struct Failure: Error, CustomStringConvertible {
    let path: String
    let code: Int32
    var description: String { "cannot write \(path): \(String(cString: strerror(code)))" }
  }

  /// Puts a file in place by an atomic rename, replacing one of the same name; on the disk when it returns.
  /// - Throws: `Failure`, or what writing throws; a file of that name is then unchanged.
  static func write(_ text: String, named name: String, in folder: String) throws {
    let path = "\(folder)/\(name)"
    // Random, not the process id: watchers in containers that share the folder may all be process 1.
    var random = SystemRandom()
    let draft = "\(folder)/.\(name).\(String(random.next() as UInt64, radix: 36)).new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data(text.utf8))
      try handle.synchronize()
      try handle.close()
      guard rename(draft, path) == 0 else { throw Failure(path: path, code: errno) }
    } catch {
      unlink(draft)
      throw error
    }
  }
}
