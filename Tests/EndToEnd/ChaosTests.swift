import Foundation
import Testing

/// `frontdesk chaos` itself, short.
@Suite("Injected faults", .serialized)
struct ChaosTests {
  @Test("A short run loses nothing, reports that, and leaves nothing behind", .timeLimit(.minutes(6)))
  func shortRun() async throws {
    let command = try Command("frontdesk", ["chaos", "--seed", "7", "--faults", "8", "--json"])
    let ended = await command.end()
    #expect(ended.status == 0, "\(ended.output)")
    // Progress goes to standard error, which is read together with standard output here: the report is the last object.
    let start = try #require(ended.output.range(of: "\n{\n", options: .backwards)?.lowerBound)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(ended.output[start...].utf8)) as? [String: Any])
    #expect(report["faults"] as? Int == 8)
    #expect(report["lost"] as? Int == 0)
    #expect(report["doubled"] as? Int == 0)
    #expect(report["acknowledged"] as? Int ?? 0 > 0)
    #expect(report["recovery_seconds_max"] as? Double ?? -1 > 0)
    try expectNothingLeft(of: command)
  }

  @Test("Ctrl-C during a run stops it, and nothing is left behind", .timeLimit(.minutes(6)))
  func interrupted() async throws {
    let command = try Command("frontdesk", ["chaos", "--seed", "3", "--faults", "50", "--json"])
    for await line in command.lines where line.hasPrefix("2/50") { break }
    kill(command.processID, SIGINT)
    let ended = await command.end()
    #expect(ended.status == 1)
    #expect(ended.output.contains("interrupted"), "\(ended.output)")
    try expectNothingLeft(of: command)
  }

  @Test("The same seed gives the same schedule, another seed a different one", .timeLimit(.minutes(3)))
  func schedule() async throws {
    func schedule(_ seed: String) async throws -> Command.Ended {
      try await Command.run("frontdesk", ["chaos", "--schedule", "--faults", "30", "--seed", seed])
    }
    let first = try await schedule("7")
    #expect(first.status == 0)
    #expect(try await schedule("7").output == first.output)
    #expect(try await schedule("8").output != first.output)
  }

  @Test(
    "A usage error is reported before anything starts",
    arguments: [["--faults", "0"], ["--only", "earthquake"], ["--messages-per-second", "0"]])
  func wrongCall(arguments: [String]) async throws {
    let ended = try await Command.run("frontdesk", ["chaos"] + arguments)
    #expect(ended.status == 2)
    #expect(ended.output.contains(arguments[0]), "\(ended.output)")
  }

  private func expectNothingLeft(of command: Command) throws {
    let folder = "/tmp/frontdesk-chaos-\(command.processID)"
    #expect(!FileManager.default.fileExists(atPath: folder))
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int32(name) != nil {
      let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") ?? Data()
      #expect(!String(decoding: words, as: UTF8.self).contains(folder), "a process of the run is still running")
    }
  }
}
