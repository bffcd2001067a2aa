import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import Synchronization
import TestStore
import Testing

@testable import DeskSupervisor
@testable import Store

/// What `up` starts and stops as wanted numbers change.
@Suite struct CapacityFollowerTests {
  private final class Orders: Sendable {
    private let given = Mutex<[String]>([])

    var all: [String] { given.withLock { $0 } }

    func give(_ kind: ServiceKind, _ count: Int) { given.withLock { $0.append("\(kind.rawValue) \(count)") } }
  }

  @Test func itActsWhenANumberIsDecidedAnewAndOnlyThen() async throws {
    try await TestDatabase.with { store in
      let folder = NSTemporaryDirectory() + UUID().uuidString
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let capacity = store.capacity
      let orders = Orders()
      let log = CombinedLog(path: folder + "/desk.log", showsServices: false)
      let follower = CapacityFollower(log: log, startedWith: try await capacity.wanted()) { orders.give($0, $1) }
      await follower.follow(try await capacity.wanted())
      #expect(orders.all == [], "as started")
      try await capacity.choose("router", 4, by: "olga")
      try await capacity.choose("intake", 3, by: "olga")
      for _ in 0..<2 { await follower.follow(try await capacity.wanted()) }
      #expect(orders.all == ["router 4"], "intake listens at one port")
      // The same number again is a decision, for whoever changed what runs over the control socket.
      try await capacity.choose("router", 4, by: "olga")
      try await capacity.choose("notifier", 2, by: "olga")
      await follower.follow(try await capacity.wanted())
      #expect(orders.all == ["router 4", "router 4", "notifier 2"])
      try await capacity.choose("classifier", 900, by: "olga")
      await follower.follow(try await capacity.wanted())
      #expect(orders.all.last == "classifier 32", "as many as `up` runs at most")
    }
  }

  @Test func aPeakThatIsOverIsRefusedByItsTime() throws {
    let now = try #require(RFC3339.instant("2026-11-30T10:00:00Z"))
    #expect(throws: Never.self) { try AddPeak.refuse(ended: now + .seconds(1), at: now) }
    for past in [Duration.zero, .seconds(20 * 86_400)] {
      let failure = #expect(throws: CommandFailure.self) { try AddPeak.refuse(ended: now - past, at: now) }
      #expect(failure?.status == .wrongCall)
      #expect(failure?.problem.contains(RFC3339.text(now - past)) == true)
    }
  }

  @Test func choicesAreNumbersOrAuto() throws {
    #expect(WorkerChoice(argument: "auto") == .auto && WorkerChoice(argument: "0") == .fixed(0))
    for text in ["", "-1", "33", "many", "1.5"] { #expect(WorkerChoice(argument: text) == nil) }
    #expect(throws: Never.self) { try ScaleCommand.parseAsRoot(["router", "auto"]) }
    #expect(throws: Never.self) { try ScaleCommand.parseAsRoot([]) }
    for arguments in [["router"], ["notifier", "auto"], ["router", "33"], ["postgres", "1"]] {
      #expect(throws: (any Error).self) { try ScaleCommand.parseAsRoot(arguments) }
    }
    let peak = ["peak", "add", "--name", "Double 11", "--from", "2026-11-10T20:00:00+08:00", "--to"]
    #expect(throws: Never.self) { try ScaleCommand.parseAsRoot(peak + ["2026-11-12T02:00:00+08:00", "--router", "8"]) }
    for more in [
      ["2026-11-10T20:00:00+08:00", "--router", "8"], ["2027-11-12T02:00:00+08:00", "--router", "8"],
      ["2026-11-12T02:00:00+08:00"], ["2026-11-12T02:00:00+08:00", "--router", "0"], ["tomorrow", "--router", "8"],
    ] {
      #expect(throws: (any Error).self) { try ScaleCommand.parseAsRoot(peak + more) }
    }
  }
}
