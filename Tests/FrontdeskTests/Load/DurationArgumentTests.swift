import ArgumentParser
import Testing

@testable import CommandLineTool
@testable import Frontdesk

@Suite("Durations on the command line")
struct DurationArgumentTests {
  @Test(
    "Each duration has a unit, except zero",
    arguments: [
      ("250ms", 250), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000), ("1.5h", 5_400_000),
      ("0", 0), ("0s", 0), ("10000d", 864_000_000_000),
    ])
  func units(_ text: String, _ milliseconds: Int) throws {
    #expect(try DurationArgument.read(text).duration == .milliseconds(milliseconds))
  }

  @Test(
    "Invalid durations are refused, and the error lists the units",
    arguments: [
      "", "s", "24", "1.5", "-1s", "fast", "nan", "infs", "1e99h", "1e3s", "0x10s", "5 parsecs", "5 s", "10001d",
      "99999999999999999999d", "1..5s", ".", "5s\u{301}", "５s", "00",
    ])
  func wrong(_ text: String) {
    let error = #expect(throws: ValidationError.self) { try DurationArgument.read(text) }
    #expect(error?.message.contains("ms, s, m, h or d") == true)
  }

  @Test(
    "Every duration option lists the units in its error",
    arguments: [
      ["keys", "rotate", "01234567-89ab-7def-8edc-ba9876543210", "--grace", "24"], ["summary", "--since", "10"],
      ["summary", "--timeout", "60"], ["status", "--wait", "--timeout", "60"], ["ledger", "--wait", "30"],
      ["audit", "rules", "--since", "24"], ["bench", "--soak", "1"], ["send", "x", "--give-up", "5"],
      ["agents", "simulate", "1", "--handle-time", "2"], ["agents", "simulate", "1", "--for", "2"],
      ["health", "--timeout", "2"],
    ])
  func everywhere(_ arguments: [String]) {
    let error = #expect(throws: (any Error).self) { try FrontdeskCommand.parseAsRoot(arguments) }
    let text = error.map { FrontdeskCommand.fullMessage(for: $0) } ?? ""
    #expect(text.contains("with its unit, ms, s, m, h or d"), "\(text)")
    #expect(throws: Never.self) {
      try FrontdeskCommand.parseAsRoot(arguments.dropLast() + [arguments.last.map { $0 + "s" } ?? ""])
    }
  }
}
