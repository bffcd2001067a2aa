import Testing

@testable import HTTPService

/// Tests which keys are looked up when, with a clock that the tests control.
@Suite struct KeyLookUpsTests {
  private typealias Machine = KeyLookUps<Int, String>

  private static let limits = Machine.Limits(
    lifetime: .seconds(1), keysRemembered: 3, keysPerLookUp: 4, interval: .milliseconds(20), keysWaiting: 8)
  private static let start = ContinuousClock.now

  private static func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

  /// A short description of effects.
  private static func descriptions(_ effects: [Machine.Effect]) -> [String] {
    effects.map { effect in
      switch effect {
      case .answer(let ticket, .success(let value)): "\(ticket): \(value ?? "no")"
      case .answer(let ticket, .failure(let error)): "\(ticket): \(type(of: error))"
      case .lookUp(let lane, let keys): "\(lane) \(keys)"
      case .wake(let time): "wake \(start.duration(to: time))"
      }
    }.sorted()
  }

  @Test func aValidKeyIsCachedFromItsRequestTime() {
    var machine = Machine(Self.limits)
    #expect(Self.descriptions(machine.ask(1, ticket: 1, now: Self.at(0))) == ["unknown [1]"])
    #expect(Self.descriptions(machine.found([1: "one"], .unknown, now: Self.at(300))) == ["1: one"])
    #expect(Self.descriptions(machine.ask(1, ticket: 2, now: Self.at(999))) == ["2: one"])
    #expect(Self.descriptions(machine.ask(1, ticket: 3, now: Self.at(1000))) == ["known [1]"])
    #expect(Self.descriptions(machine.found([:], .known, now: Self.at(1001))) == ["3: no"])
  }

  @Test func requestsForOneKeyShareALookUp() {
    var machine = Machine(Self.limits)
    #expect(Self.descriptions(machine.ask(1, ticket: 1, now: Self.at(0))) == ["unknown [1]"])
    #expect(machine.ask(1, ticket: 2, now: Self.at(1)).isEmpty)
    #expect(Self.descriptions(machine.found([1: "one"], .unknown, now: Self.at(2))) == ["1: one", "2: one"])
  }

  @Test func unknownKeysAreLookedUpInOneBatch() {
    var machine = Machine(Self.limits)
    #expect(Self.descriptions(machine.ask(0, ticket: 0, now: Self.at(0))) == ["unknown [0]"])
    for key in 1...6 { #expect(machine.ask(key, ticket: key, now: Self.at(1)).isEmpty) }
    #expect(Self.descriptions(machine.found([:], .unknown, now: Self.at(5))) == ["0: no", "wake 0.02 seconds"])
    #expect(machine.ask(7, ticket: 7, now: Self.at(6)).isEmpty, "the wake-up is already scheduled")
    #expect(Self.descriptions(machine.timePassed(now: Self.at(20))) == ["unknown [1, 2, 3, 4]"])
    #expect(
      Self.descriptions(machine.found([:], .unknown, now: Self.at(50)))
        == ["1: no", "2: no", "3: no", "4: no", "unknown [5, 6, 7]"])
  }

  @Test func manyUnknownKeysDoNotAffectAKnownOne() {
    var machine = Machine(Self.limits)
    _ = machine.ask(1, ticket: 1, now: Self.at(0))
    _ = machine.found([1: "one"], .unknown, now: Self.at(1))
    // More wrong keys than are cached, and more than may be pending.
    var refused = 0
    for key in 100..<200 {
      for word in Self.descriptions(machine.ask(key, ticket: key, now: Self.at(30))) where word.contains("Exhausted") {
        refused += 1
      }
    }
    #expect(refused == 100 - 1 - Self.limits.keysWaiting, "one is looked up, and the maximum number is pending")
    #expect(Self.descriptions(machine.ask(1, ticket: 2, now: Self.at(500))) == ["2: one"])
    // When it is requested again, it does not wait behind the others.
    #expect(Self.descriptions(machine.ask(1, ticket: 3, now: Self.at(1500))) == ["known [1]"])
    #expect(Self.descriptions(machine.found([1: "one"], .known, now: Self.at(1501))) == ["3: one"])
    _ = machine.found([:], .unknown, now: Self.at(1502))
    #expect(Self.descriptions(machine.ask(1, ticket: 4, now: Self.at(1600))) == ["4: one"])
  }

  @Test func aFailedLookUpIsReportedAndNotCached() {
    struct Away: Error {}
    var machine = Machine(Self.limits)
    _ = machine.ask(1, ticket: 1, now: Self.at(0))
    #expect(Self.descriptions(machine.failed(Away(), .unknown, now: Self.at(1))) == ["1: Away"])
    #expect(Self.descriptions(machine.ask(1, ticket: 2, now: Self.at(30))) == ["unknown [1]"])
  }

  @Test func everyRequestIsAnsweredExactlyOnce() {
    var random = SystemRandomNumberGenerator()
    var machine = Machine(Self.limits)
    var (now, asked, answers) = (0, 0, [Int: Int]())
    var running: [Machine.Lane: [Int]] = [:]
    func take(_ effects: [Machine.Effect]) {
      for effect in effects {
        switch effect {
        case .answer(let ticket, _): answers[ticket, default: 0] += 1
        case .lookUp(let lane, let keys):
          #expect(running[lane] == nil && keys.count <= Self.limits.keysPerLookUp)
          running[lane] = keys
        case .wake: break
        }
      }
    }
    for step in 0..<20_000 {
      now += Int.random(in: 0..<10, using: &random)
      let settles = step >= 19_000
      switch Int.random(in: settles ? 1..<3 : 0..<3, using: &random) {
      case 0:
        take(machine.ask(Int.random(in: 0..<12, using: &random), ticket: asked, now: Self.at(now)))
        asked += 1
      case 1:
        guard let lane = Machine.Lane.allCases.first(where: { running[$0] != nil }), let keys = running[lane] else {
          continue
        }
        running[lane] = nil
        let valid = keys.filter { $0 < 6 }
        take(machine.found(Dictionary(uniqueKeysWithValues: valid.map { ($0, "v") }), lane, now: Self.at(now)))
      default: take(machine.timePassed(now: Self.at(now)))
      }
    }
    #expect(answers.count == asked && answers.values.allSatisfy { $0 == 1 })
  }
}

@Suite struct KeyCacheTests {
  @Test func theCacheLooksUpInBatchesAndAnswersAll() async throws {
    let cache = KeyCache<Int, String> { keys in
      #expect(keys.count <= AccessBounds.keysPerLookUp)
      return Dictionary(uniqueKeysWithValues: keys.filter { $0 % 2 == 0 }.map { ($0, "\($0)") })
    }
    try await withThrowingTaskGroup(of: (Int, String?).self) { group in
      for key in 0..<1000 { group.addTask { (key, try await cache.value(for: key)) } }
      for try await (key, value) in group { #expect(value == (key % 2 == 0 ? "\(key)" : nil)) }
    }
  }

  @Test func cachedKeysAreAnsweredWhileUnknownLookUpsBlock() async throws {
    let (entered, enter) = AsyncStream.makeStream(of: Void.self)
    let (released, release) = AsyncStream.makeStream(of: Void.self)
    let cache = KeyCache<Int, String> { keys in
      guard !keys.contains(1) else { return [1: "one"] }
      enter.yield()
      for await _ in released { break }
      return [:]
    }
    #expect(try await cache.value(for: 1) == "one")
    let wrong = Task { try await cache.value(for: 2) }
    for await _ in entered { break }
    #expect(try await cache.value(for: 1) == "one")
    release.finish()
    #expect(try await wrong.value == nil)
  }
}
