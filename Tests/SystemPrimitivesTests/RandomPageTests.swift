import Glibc
import Testing

@testable import SystemPrimitives

@Suite struct RandomPageTests {
  private typealias Fork = @convention(c) () -> pid_t

  @Test("words are not repeated across several calls of the kernel, and none is left behind as zero")
  func wordsDoNotRepeat() {
    var page = RandomPage()
    let words = (0..<1_000).map { _ in page.next() }
    #expect(Set(words).count == words.count)
    #expect(!words.contains(0))
  }

  /// Swift hides `fork`, but a library may use it.
  @Test("a forked child gives out none of its parent's words")
  func childrenDrawTheirOwnWords() throws {
    let fork = unsafeBitCast(try #require(dlsym(nil, "fork")), to: Fork.self)
    var page = RandomPage()
    // From here on, words are left in the page for both.
    _ = page.next()
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let child = fork()
    if child == 0 {
      var word = page.next()
      let written = write(ends[1], &word, 8)
      _exit(written == 8 ? 0 : 1)
    }
    try #require(child > 0)
    close(ends[1])
    defer { close(ends[0]) }
    var theirs: UInt64 = 0
    #expect(read(ends[0], &theirs, 8) == 8)
    var status: Int32 = 0
    #expect(waitpid(child, &status, 0) == child && status == 0)
    let ours = (0..<100).map { _ in page.next() }
    #expect(theirs != 0 && !ours.contains(theirs))
  }
}
