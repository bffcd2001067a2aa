import DeskCore
import DeskReporting
import Foundation
import Testing

@testable import DeskSupervisor
@testable import LoadTesting

@Suite("What a benchmark measures")
struct BenchMeasurementTests {
  @Test("A decision's latency begins when its request was due, and ends with the commit")
  func latencies() async throws {
    let load = BenchMeasurement.Load(
      messages: 4, schedule: ArrivalSchedule(messagesPerSecond: 1000), batch: 2,
      traffic: SampleTraffic(samples: ["hello"], channels: [ChannelID("email")], prefix: "m-"))
    let times = [(0, 3000, 4000), (1, 3000, 4000), (2, 3000, 7000), (3, 3000, 7000)].map {
      position, accepted, decided in
      BenchCommitTimes.Times(
        externalID: "m-\(position)", accepted: Instant(microseconds: 1_000_000 + accepted),
        decided: Instant(microseconds: 1_000_000 + decided))
    }
    let outcome = BenchMeasurement.Outcome(
      perSecond: 0, cost: BenchCost(), acknowledged: .init(), beginning: Instant(microseconds: 1_000_000), times: times)
    let (sinceDue, sinceAccepted) = try await BenchMeasurement.latencies(outcome, of: load)
    // The second request is due after two milliseconds.
    #expect(sinceDue.count == 4)
    #expect(sinceDue.milliseconds(atPercent: 50).map { abs($0 - 4) < 0.01 } == true)
    #expect(sinceDue.milliseconds(atPercent: 100).map { abs($0 - 5) < 0.01 } == true)
    #expect(sinceAccepted.milliseconds(atPercent: 50) == 1)
    #expect(sinceAccepted.milliseconds(atPercent: 100).map { abs($0 - 4) < 0.01 } == true)
  }

  @Test("The parts of a benchmark are named, and only those")
  func parts() {
    #expect(BenchPart.read("raw,saturation") == [.raw, .saturation])
    #expect(BenchPart.read(BenchPart.names) == Set(BenchPart.allCases))
    for text in ["", "raw,", "Raw", "raw saturation"] { #expect(BenchPart.read(text) == nil, "\(text)") }
  }

  @Test("A sender that has an end sends nothing after it, and one that gives up at once sends each message once")
  func sendsOnce() async throws {
    let tally = SendTally()
    let way = RefusingTransport()
    let schedule = ArrivalSchedule(messagesPerSecond: nil)
    func run(until end: ContinuousClock.Instant?) async throws {
      let line = MessageLine(count: 6, batchLimit: 2, schedule: schedule) {
        SentMessage(channel: "web", id: "\($0)", customer: "c", text: "t", subject: nil)
      }
      try await SendRun(
        line: line, schedule: schedule, choice: .zeromq, http: nil, zeroMQ: way, connections: 1, giveUpAfter: .zero,
        log: nil, tally: tally, end: end
      ).run()
    }
    try await run(until: nil)
    #expect(tally.counts.sent == 6 && tally.counts.abandoned == 6 && tally.counts.repetitions == 0)
    #expect(tally.counts.reasons == ["zeromq: too-many-requests": 6])
    try await run(until: .now)
    #expect(tally.counts.sent == 6)
  }

  private struct RefusingTransport: MessageTransport {
    func send(_ messages: [SentMessage], on channel: ChannelID) async throws -> [MessageFate] {
      messages.map { _ in .later(reason: "zeromq: too-many-requests") }
    }

    func close() async {}
  }

  @Test("The machine is busy when it is neither idle nor waiting for a device")
  func machine() throws {
    let earlier = try #require(MachineTime("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3"))
    let later = try #require(MachineTime("cpu  150 10 120 880 20 5 5 10 7 0"))
    #expect(later.busyShare(since: earlier) == 0.5)
    #expect(earlier.busyShare(since: earlier) == nil)
    #expect(MachineTime("cpu0 1 2 3 4 5 6 7 8") == nil && MachineTime("cpu 1 2") == nil && MachineTime("") == nil)
  }

  @Test("A process's processor time grows with its work, and that of one that exited counts for its parent")
  func processorClock() throws {
    let before = try #require(ProcessorClock.seconds(of: getpid()))
    var words = 0
    while (ProcessorClock.seconds(of: getpid()) ?? 0) < before + 0.02 { words += "a b c".split(separator: " ").count }
    #expect(words > 0)
    let childrenBefore = ProcessorClock.secondsOfExitedChildren(of: getpid())
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sh")
    child.arguments = ["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"]
    try child.run()
    child.waitUntilExit()
    #expect(ProcessorClock.secondsOfExitedChildren(of: getpid()) > childrenBefore)
    #expect(ProcessorClock.seconds(of: child.processIdentifier) == nil)
  }

  @Test("A setting of PostgreSQL is a name and a value, which is quoted")
  func postgresSetting() throws {
    let setting = try #require(PostgresSetting(argument: "shared_buffers=1GB"))
    #expect(setting.line == "shared_buffers = '1GB'")
    #expect(PostgresSetting(argument: "log_line_prefix=it's=\\x\n")?.line == "log_line_prefix = 'it''s=\\\\x\\n'")
    for text in [
      "shared_buffers", "=1", "include=/x", "include_dir=/x", "a b=1", "A=1", "a\n=1", "fsync=off", "port=1",
    ] {
      #expect(PostgresSetting(argument: text) == nil, "\(text)")
    }
  }
}
