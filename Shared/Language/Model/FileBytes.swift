#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Reads and writes whole files without Foundation.
enum FileBytes {
  static func read(path: String, limit: Int) throws(LanguageError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot be opened", path: path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot be examined", path: path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw LanguageError(.file, "\(path) is not a regular file", remedy: "specify a file")
    }
    guard status.st_size <= limit else {
      throw LanguageError(.file, "\(path) is larger than \(limit) bytes", remedy: "specify a smaller file")
    }
    let size = Int(status.st_size)
    var error: LanguageError?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while filled < size {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        let got = retrying { pread(descriptor, rest.baseAddress, rest.count, off_t(filled)) }
        guard got >= 0 else {
          error = failure("cannot be read", path: path)
          return
        }
        // The file was truncated while it was read; the parser reports that.
        guard got > 0 else { return }
        filled += got
      }
    }
    if let error { throw error }
    return bytes
  }

  static func stamp(path: String) -> ModelFile.Stamp? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    // Not the time of the last writing: new permissions can make a file readable.
    #if canImport(Darwin)
      let changed = status.st_ctimespec
    #else
      let changed = status.st_ctim
    #endif
    return ModelFile.Stamp(
      device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(truncatingIfNeeded: status.st_ino),
      size: Int64(status.st_size), seconds: Int(changed.tv_sec), nanoseconds: Int(changed.tv_nsec))
  }

  /// Creates and removes the file that `replace` would write first.
  static func checkReplaceable(path: String) throws(LanguageError) {
    var status = stat()
    guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw LanguageError(.file, "\(path) exists and is not a regular file", remedy: "specify a file")
    }
    let temporary = "\(path).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("cannot be created", path: temporary) }
    close(descriptor)
    unlink(temporary)
  }

  static func replace(path: String, with bytes: [UInt8]) throws(LanguageError) {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("cannot be created", path: temporary) }
    var written = 0
    var isSound = true
    bytes.withUnsafeBytes { buffer in
      while written < buffer.count {
        let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
        let put = retrying { write(descriptor, rest.baseAddress, rest.count) }
        guard put > 0 else {
          isSound = false
          return
        }
        written += put
      }
    }
    if !isSound || fsync(descriptor) != 0 {
      let error = failure("cannot be written", path: temporary)
      close(descriptor)
      unlink(temporary)
      throw error
    }
    close(descriptor)
    guard rename(temporary, path) == 0 else {
      let error = failure("cannot be replaced", path: path)
      unlink(temporary)
      throw error
    }
  }

  private static func retrying(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  private static func failure(_ what: String, path: String) -> LanguageError {
    LanguageError(
      .file, "\(path) \(what): \(String(cString: strerror(errno)))", remedy: "check the path and its permissions")
  }
}
