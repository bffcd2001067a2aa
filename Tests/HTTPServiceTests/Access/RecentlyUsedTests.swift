import Testing

@testable import HTTPService

@Suite struct RecentlyUsedTests {
  @Test func theLeastRecentlyUsedEntryIsEvicted() {
    var entries = RecentlyUsed<Int, String>(capacity: 3)
    for key in 1...3 { entries.set("\(key)", for: key) }
    #expect(entries.value(for: 1) == "1")
    entries.set("4", for: 4)
    #expect(entries.value(for: 2) == nil)
    #expect([1, 3, 4].allSatisfy { entries.value(for: $0) == "\($0)" })
    #expect(entries.count == 3)
  }

  @Test func randomUsesMatchAnOrderedList() {
    var random = SystemRandomNumberGenerator()
    var entries = RecentlyUsed<Int, Int>(capacity: 5)
    var list: [(key: Int, value: Int)] = []
    for step in 0..<20_000 {
      let key = Int.random(in: 0..<12, using: &random)
      let known = list.firstIndex { $0.key == key }
      if Bool.random(using: &random) {
        #expect(entries.value(for: key) == known.map { list[$0].value })
        if let known { list.append(list.remove(at: known)) }
      } else {
        entries.set(step, for: key)
        if let known { list.remove(at: known) } else if list.count == 5 { list.removeFirst() }
        list.append((key, step))
      }
      #expect(entries.count == list.count)
    }
  }

  @Test func aNewSenderDoesNotRefillTheBucketsOfOthers() {
    let now = ContinuousClock.now
    let limiter = RateLimiter<Int>(perSecond: 1, burst: 1, capacity: 10)
    for sender in 0..<10 { #expect(limiter.take(1, for: sender, now: now) == nil) }
    #expect(limiter.take(1, for: 10, now: now) == nil)
    for sender in 1..<10 { #expect(limiter.take(1, for: sender, now: now) != nil, "sender \(sender)") }
  }
}
