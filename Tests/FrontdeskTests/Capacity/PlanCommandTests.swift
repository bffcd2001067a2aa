import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import Testing

@testable import CapacityPlanning
@testable import Frontdesk

@Suite("The command plan")
struct PlanCommandTests {
  private let known = ["plan", "--forecast", "x.csv", "--handling", "6m", "--within", "5m"]

  private func message(_ arguments: [String]) -> String {
    do {
      _ = try FrontdeskCommand.parseAsRoot(arguments)
      return ""
    } catch {
      return FrontdeskCommand.fullMessage(for: error)
    }
  }

  /// Writes files into a folder of their own, and runs the command with their paths.
  private func run(_ files: [String: String], _ arguments: (String) -> [String]) async throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    let parsed = try FrontdeskCommand.parseAsRoot(arguments(folder.path))
    let command = try #require(parsed as? PlanCommand)
    try await command.run()
    return folder
  }

  private let forecast = """
    queue,start,expected,lower,upper
    orders,2026-11-11T01:00:00Z,120,100,150
    orders,2026-11-11T01:30:00Z,140,110,170
    returns,2026-11-11T01:00:00Z,6,2,12
    """

  @Test func aForecastNeedsWhatItDoesNotSay() {
    #expect(message(known).isEmpty)
    #expect(message(["plan"]).contains("--history"))
    #expect(message(["plan", "--history", "--forecast", "x.csv"]).contains("--history"))
    #expect(message(["plan", "--forecast", "x.csv", "--within", "5m"]).contains("--handling"))
    #expect(message(["plan", "--forecast", "x.csv", "--handling", "6m"]).contains("--within"))
    #expect(message(known + ["--date", "2026-11-11"]).contains("--history"))
    #expect(message(known + ["--staff", "3"]).contains("--shifts"))
    #expect(message(known + ["--json", "--csv"]).contains("--json"))
  }

  @Test func numbersOutOfRangeAreRefused() {
    for option in ["--target", "--shrinkage", "--tickets-per-agent", "--messages-per-ticket", "--worker-capacity"] {
      for number in ["-1", "nan", "1e400", "", "99999999999999999999", "inf"] {
        #expect(!message(known + ["\(option)=\(number)"]).isEmpty, "\(option)=\(number)")
      }
    }
    #expect(!message(known + ["--rule", "erlang"]).isEmpty && !message(known + ["--language", "fr"]).isEmpty)
  }

  @Test func aForecastAndShiftsBecomeAPictureInBothLanguages() async throws {
    // Tests/FrontdeskTests/Capacity is three folders below it.
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL
    let shifts = try String(contentsOf: root.appending(path: "deploy/shifts.yaml"), encoding: .utf8)
    for (language, word) in [("zh", "所需客服"), ("en", "agents required")] {
      let folder = try await run(["f.csv": forecast, "s.yaml": shifts]) { folder in
        [
          "plan", "--forecast", folder + "/f.csv", "--handling", "6m", "--within", "1m", "--patience", "5m", "--shifts",
          folder + "/s.yaml", "--zone", "Asia/Shanghai", "--language", language, "--picture", folder + "/plan.svg",
        ]
      }
      defer { try? FileManager.default.removeItem(at: folder) }
      let picture = try String(contentsOf: folder.appending(path: "plan.svg"), encoding: .utf8)
      #expect(picture.contains(word) && picture.contains("2026-11-11"))
    }
  }

  @Test func mistakesOfFilesHaveTheirPlacesAndAreWrongCalls() async throws {
    for (text, place) in [(forecast + "\norders,today,1,1,1\n", "f.csv:5:8"), ("queue,start\n", "f.csv:1:1")] {
      let failure = await #expect(throws: CommandFailure.self) {
        try await run(["f.csv": text]) { folder in
          ["plan", "--forecast", folder + "/f.csv", "--handling", "6m", "--within", "1m"]
        }
      }
      #expect(failure?.status == .wrongCall && failure?.problem.contains(place) == true)
    }
    let impossible = await #expect(throws: CommandFailure.self) {
      try await run(["f.csv": forecast]) { folder in
        ["plan", "--forecast", folder + "/f.csv", "--handling", "0", "--within", "1m"]
      }
    }
    #expect(impossible?.problem.contains("the handling time") == true)
  }
}
