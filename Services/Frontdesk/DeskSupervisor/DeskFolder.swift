import CommandLineTool
import Foundation
import UseCases

/// The folder of a local desk, and the lock that ensures that only one `up` works in it.
package struct DeskFolder: Sendable {
  package let path: String
  /// Held for the lifetime of this process: the kernel releases the lock however it ends.
  private let lock: FileHandle

  package var log: String { "\(path)/log/desk.log" }
  package var keys: String { "\(path)/keys" }
  package var secrets: String { "\(path)/secrets" }
  /// The path of the model trained on the samples; a separate one per encoder pack, so that switching back and forth does not retrain.
  package func model(for pack: EncoderChoice?) -> String {
    pack.map { "\(path)/model/sample-\($0.fingerprint).model" } ?? "\(path)/model/sample.model"
  }
  /// A folder, or a link to one elsewhere where PostgreSQL has no access here.
  package var postgres: String { "\(path)/postgres" }

  /// Creates what is missing and acquires the lock.
  /// - Throws: `CommandFailure` when another `up` holds it.
  package static func take(_ path: String) throws -> DeskFolder {
    do {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure("cannot create the folder \(path)", remedy: "name another with --folder")
    }
    try PrivateFile.makeFolder(path)
    let lockPath = "\(path)/up.lock"
    let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw PrivateFile.failure("write", lockPath) }
    let lock = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let other = PrivateFile.text(path: lockPath).flatMap { $0.isEmpty ? nil : " (process \($0))" } ?? ""
      throw CommandFailure(
        "another `frontdesk up`\(other) runs in \(path)", remedy: "stop it first, or name another folder with --folder")
    }
    try lock.truncate(atOffset: 0)
    try lock.write(contentsOf: Data("\(getpid())\n".utf8))
    for folder in ["log", "keys", "secrets", "model"] { try PrivateFile.makeFolder("\(path)/\(folder)") }
    return DeskFolder(path: path, lock: lock)
  }

  /// Returns a secret that is created at the first call and stays the same from then on.
  package func secret(_ name: String) throws -> String {
    let path = "\(secrets)/\(name)"
    if let text = try PrivateFile.secret(path: path), !text.isEmpty { return text }
    let text = KeySecret.random().text
    try PrivateFile.write(Data((text + "\n").utf8), path: path)
    return text
  }

  /// Returns the path of the contact keys, created at the first call.
  package func contactKeys() throws -> String {
    let path = DeskFolder.contactKeys(in: path)
    if PrivateFile.size(path: path) == 0 {
      try PrivateFile.write(Data((ContactKeys.freshLine(name: "first") + "\n").utf8), path: path)
    }
    return path
  }

  /// The path of the word keys; nil if the desk has none.
  var wordKeys: String? {
    let path = DeskOptions.wordKeys(in: path)
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// - Throws: `CommandFailure` when a file of keys cannot be used: no service would start with it.
  func checkKeyFiles() async throws {
    if let wordKeys { _ = try await WordKeyPlace.file(wordKeys, flag: nil).vault() }
    let path = try contactKeys()
    do {
      _ = try ContactKeyFile(path: path)
    } catch {
      throw CommandFailure("\(error)", status: .wrongCall)
    }
  }

  /// Returns their path.
  package static func contactKeys(in folder: String) -> String { "\(folder)/secrets/contact-keys" }

  /// Returns a folder where a Unix socket of this name fits: the given one if its path is short enough, else a new temporary one.
  static func socketFolder(preferring folder: String, socketName: String) throws -> String {
    if socketFits(folder: folder, name: socketName) { return folder }
    return try temporaryFolder(in: "/tmp")
  }

  /// Returns whether the path of a socket is short enough.
  static func socketFits(folder: String, name: String) -> Bool {
    folder.utf8.count + 1 + name.utf8.count <= UpBounds.socketPathBytes
  }

  /// Creates a folder with a unique name that only its owner may enter.
  static func temporaryFolder(in parent: String) throws -> String {
    var template = Array("\(parent)/frontdesk-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw PrivateFile.failure("make a folder in", parent) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
