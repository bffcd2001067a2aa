import Testing

@testable import DeskCore

@Suite("A sorted set in buckets")
struct SortedBucketsTests {
  @Test(arguments: UInt64(1)...5)
  func holdsTheElementsOfASetInOrder(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var buckets = SortedBuckets<Int>()
    var plain: Set<Int> = []
    for _ in 0..<6_000 {
      let number = Int.random(in: 0..<3_000, using: &random)
      if Int.random(in: 0..<3, using: &random) > 0 {
        buckets.insert(number)
        plain.insert(number)
      } else {
        let wasThere = plain.remove(number) != nil
        #expect(buckets.remove(number) == wasThere)
      }
    }
    let sorted = plain.sorted()
    #expect(Array(buckets) == sorted)
    #expect(buckets.count == sorted.count && buckets.first == sorted.first)
    #expect(buckets.last == sorted.last && buckets.elements(from: -1, limit: 9_999) == sorted)
    for probe in stride(from: -1, through: 3_001, by: 250) {
      #expect(buckets.count(before: probe) == sorted.count { $0 < probe })
      #expect(buckets.elements(from: probe, limit: 5) == Array(sorted.filter { $0 >= probe }.prefix(5)))
    }
  }

  @Test func anEmptySetHasNoElements() {
    var buckets = SortedBuckets<Int>()
    #expect(buckets.isEmpty && buckets.first == nil && buckets.last == nil)
    #expect(buckets.count(before: 5) == 0 && buckets.elements(from: 0, limit: 3).isEmpty)
    let wasThere = buckets.remove(5)
    #expect(!wasThere)
  }
}
