import SystemPrimitives
import Testing

@Suite struct SystemRandomTests {
  @Test func numbersDoNotRepeat() {
    var random = SystemRandom()
    let numbers = (0..<10_000).map { _ in random.next() }
    #expect(Set(numbers).count == numbers.count)
  }

  /// Each bit of 40,000 numbers is set 20,000 times, give or take 100 (one standard deviation).
  @Test func everyBitIsUsed() {
    var random = SystemRandom()
    var set = [Int](repeating: 0, count: UInt64.bitWidth)
    for _ in 0..<40_000 {
      let number = random.next()
      for bit in set.indices { set[bit] += Int(number >> UInt64(bit) & 1) }
    }
    #expect(set.allSatisfy { (19_000...21_000).contains($0) }, "\(set)")
  }

  @Test func copiesGiveDifferentNumbers() {
    var one = SystemRandom()
    _ = one.next()
    var other = one
    #expect(one.next() != other.next())
  }
}
