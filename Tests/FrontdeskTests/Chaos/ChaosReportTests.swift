import Foundation
import TestKit
import Testing

@testable import LoadTesting

@Suite("Chaos report")
struct ChaosReportTests {
  private static func outcome(_ number: Int, _ kind: FaultKind, _ recovery: Double?) -> FaultOutcome {
    let fault = Fault(number: number, kind: kind, service: nil, instance: 0, length: .zero, amount: 0)
    return FaultOutcome(fault: fault, recoverySeconds: recovery)
  }

  private static func report(_ outcomes: [FaultOutcome]) -> ChaosReport {
    ChaosReport(seed: 7, outcomes: outcomes, acknowledged: 500, planned: outcomes.count, seconds: 12)
  }

  private static func object(_ report: ChaosReport) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
  }

  @Test("The JSON has the figures under their documented names")
  func json() throws {
    let object = try Self.object(
      Self.report([
        Self.outcome(1, .kill, 1.5), Self.outcome(2, .kill, 0.5), Self.outcome(3, .databaseStop, 2.25),
      ]))
    #expect(object["seed"] as? Int == 7)
    #expect(object["faults"] as? Int == 3)
    #expect(object["acknowledged"] as? Int == 500)
    #expect(object["lost"] as? Int == 0)
    #expect(object["doubled"] as? Int == 0)
    #expect(object["recovery_seconds_max"] as? Double == 2.25)
    #expect(object["verdict"] as? String == "good")
    let kinds = try #require(object["by_kind"] as? [String: [String: Any]])
    #expect(Set(kinds.keys) == ["kill", "database-stop"])
    #expect(kinds["kill"]?["count"] as? Int == 2)
    #expect(kinds["kill"]?["recovery_seconds_median"] as? Double == 1)
    #expect(kinds["kill"]?["recovery_seconds_max"] as? Double == 1.5)
  }

  @Test("The verdict is good only when nothing was lost or duplicated and all faults were recovered from")
  func verdict() {
    #expect(Self.report([Self.outcome(1, .kill, 1)]).isGood)
    #expect(!Self.report([Self.outcome(1, .kill, nil)]).isGood)
    var lost = Self.outcome(1, .kill, 1)
    lost.lost = 1
    #expect(!Self.report([lost]).isGood)
    var doubled = Self.outcome(1, .kill, 1)
    doubled.doubled = 1
    #expect(!Self.report([doubled]).isGood)
    var odd = Self.outcome(1, .poison, 1)
    odd.findings = ["a bad request was answered with 500"]
    #expect(!Self.report([odd]).isGood)
    var short = Self.report([Self.outcome(1, .kill, 1)])
    short.planned = 2
    #expect(!short.isGood)
    var strayed = Self.report([Self.outcome(1, .hookRedirect, 1)])
    strayed.hook.strayed = 1
    #expect(!strayed.isGood)
  }

  @Test("Findings of the final check count, and nothing counts twice")
  func finalCheck() {
    var outcome = Self.outcome(1, .kill, 1)
    outcome.lost = 2
    var report = Self.report([outcome])
    report.final.lost = 3
    #expect(report.lost == 3)
    report.final.lost = 0
    #expect(report.lost == 2)
  }

  @Test("The text has each kind, the kinds left out, and the total")
  func text() {
    var report = Self.report([Self.outcome(1, .kill, 1), Self.outcome(2, .linksCut, nil)])
    report.leftOut = [.clockJump: "libfaketime is not installed"]
    let text = report.text
    #expect(text.contains("kill"))
    #expect(text.contains("1 never recovered"))
    #expect(text.contains("left out: clock-jump, libfaketime is not installed"))
    #expect(text.contains("500 messages acknowledged, 0 lost, 0 doubled, 1 faults without recovery: BAD"))
  }
}

@Suite("Memory of processes")
struct MemoryWatchTests {
  @Test("Kibibytes from the kernel are converted to mebibytes")
  func resident() {
    #expect(MemoryWatch.resident(status: "Name:\tx\nVmRSS:\t   20480 kB\nThreads:\t3\n") == 20)
    #expect(MemoryWatch.resident(status: "Name:\tx\n") == nil)
  }
}

@Suite("Reading acknowledgements while they are written")
struct AcknowledgementTailTests {
  @Test("Complete lines are read once, and a partial line once it is complete")
  func tail() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("file")
    let line = #"{"channel":"web","external_id":"1","message_id":"m","ticket_id":"t"}"#
    var tail = AcknowledgementTail()
    #expect(try tail.read([path]).isEmpty)
    try Data("\(line)\n\(line.prefix(20))".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try tail.read([path]).count == 1)
    #expect(try tail.read([path]).isEmpty)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("\(line.dropFirst(20))\n".utf8))
    try handle.close()
    #expect(try tail.read([path]).count == 1)
  }
}
