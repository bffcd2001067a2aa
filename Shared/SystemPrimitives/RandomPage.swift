internal import Glibc

/// Random words from the kernel, fetched many at a time and given out once each.
///
/// They are kept in a page of their own that the kernel empties in a forked child (`MADV_WIPEONFORK`), so that parent and child never give
/// out the same ones; a word is erased when it leaves. Without such a page each word is a kernel call of its own.
struct RandomPage {
  /// Bytes that the kernel returns at once without a gap (getrandom(2)).
  private static let bytesPerCall = 256
  /// Words in the page after the first, which counts those that are left: 0 in a new page, and again in a forked child.
  private static let words = bytesPerCall / MemoryLayout<UInt64>.size

  /// Nil if the kernel has no such pages. It is never returned to the system: the process has one.
  private let page: UnsafeMutablePointer<UInt64>?

  init() {
    let size = sysconf(Int32(_SC_PAGESIZE))
    let needed = (Self.words + 1) * MemoryLayout<UInt64>.size
    guard size >= needed,
      let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED
    else {
      page = nil
      return
    }
    guard madvise(start, size, MADV_WIPEONFORK) == 0 else {
      munmap(start, size)
      page = nil
      return
    }
    // Not in core files. A kernel that does not know this is no reason to do without the page.
    _ = madvise(start, size, MADV_DONTDUMP)
    page = start.bindMemory(to: UInt64.self, capacity: Self.words + 1)
  }

  /// Returns a word that was never returned before.
  mutating func next() -> UInt64 {
    guard let page else {
      var word: UInt64 = 0
      withUnsafeMutableBytes(of: &word) { Self.fill($0) }
      return word
    }
    if page[0] == 0 {
      Self.fill(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: page + 1, count: Self.words)))
      page[0] = UInt64(Self.words)
    }
    let place = Int(page[0])
    defer {
      page[place] = 0
      page[0] -= 1
    }
    return page[place]
  }

  private static func fill(_ bytes: UnsafeMutableRawBufferPointer) {
    // Cannot fail for so few bytes, except in a sandbox that forbids the call.
    let status = bytes.baseAddress.map { getentropy($0, bytes.count) } ?? -1
    precondition(status == 0, "the kernel returned no random bytes: errno \(errno)")
  }
}
