import DeskCore
import Store
import TestKit
import Testing

@testable import Intake

@Suite("FairLine")
struct FairLineTests {
  @Test("senders take turns, each in the order of its own elements")
  func sendersTakeTurns() {
    var line = FairLine<String, String>()
    for element in ["a1", "a2", "a3", "b1", "c1", "b2"] { line.append(element, cost: 1, of: String(element.prefix(1))) }
    #expect(line.take(units: 4) == ["a1", "b1", "c1", "a2"])
    #expect(line.take(units: 4) == ["b2", "a3"])
    #expect(line.isEmpty && line.take(units: 4).isEmpty)
  }

  @Test("a large element accumulates allowance for its turn, and leaves alone when it is larger than a batch")
  func largeElementsAccumulateAllowance() {
    var line = FairLine<String, String>()
    line.append("a big", cost: 3, of: "a")
    for number in 1...4 { line.append("b\(number)", cost: 1, of: "b") }
    #expect(line.take(units: 4) == ["b1", "b2", "b3", "b4"], "in its third turn the large one no longer fits")
    line.append("b5", cost: 1, of: "b")
    #expect(line.take(units: 4) == ["a big", "b5"])
    line.append("huge", cost: 9, of: "a")
    #expect(line.take(units: 5) == ["huge"])
  }

  @Test("removes the oldest elements of every sender")
  func removesTheOldestElementsOfEverySender() {
    var line = FairLine<String, Int>()
    for element in [1, 5, 2] { line.append(element, cost: 1, of: "a") }
    for element in [3, 1] { line.append(element, cost: 1, of: "b") }
    line.append(1, cost: 1, of: "c")
    #expect(line.removeOldest { $0 < 4 }.sorted() == [1, 1, 1, 3])
    #expect(line.count == 2)
    #expect(line.take(units: 9) == [5, 2])
  }

  /// Whatever the others submit, a sender's oldest element of one unit is in the next batch, as long as there are fewer senders than units.
  @Test("no sender is overtaken by a flood, and nothing is lost or reordered", arguments: 1...40 as ClosedRange<UInt64>)
  func noSenderIsOvertakenByAFlood(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var line = FairLine<Int, (sender: Int, number: Int, cost: Int)>()
    let units = 16
    var waiting: [Int: [(number: Int, cost: Int)]] = [:]
    var last = 0
    for _ in 0..<400 {
      for _ in 0..<Int.random(in: 0...30, using: &random) {
        // The first sender floods.
        let sender = Bool.random(using: &random) ? 0 : Int.random(in: 1..<12, using: &random)
        let cost = sender == 0 ? Int.random(in: 1...units, using: &random) : 1
        last += 1
        line.append((sender, last, cost), cost: cost, of: sender)
        waiting[sender, default: []].append((last, cost))
      }
      let heads = waiting.compactMapValues(\.first)
      let batch = line.take(units: units)
      #expect(batch.reduce(0) { $0 + $1.cost } <= units, "seed \(seed)")
      #expect(batch.isEmpty == heads.isEmpty, "seed \(seed)")
      for element in batch {
        let expected = waiting[element.sender]?.removeFirst()
        #expect(expected?.number == element.number, "seed \(seed)")
        if waiting[element.sender]?.isEmpty == true { waiting[element.sender] = nil }
      }
      let isFull = batch.reduce(0) { $0 + $1.cost } > units - 12
      for (sender, head) in heads where sender != 0 && !isFull {
        #expect(batch.contains { $0.sender == sender && $0.number == head.number }, "seed \(seed)")
      }
      #expect(line.count == waiting.values.reduce(0) { $0 + $1.count })
    }
  }
}
