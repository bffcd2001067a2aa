import ArgumentParser
import DeskCore
import Foundation
import TestKit
import Testing

@testable import Frontdesk

@Suite("Command lines")
struct CommandLineTests {
  private func message(_ arguments: [String]) -> String? {
    do {
      _ = try FrontdeskCommand.parseAsRoot(arguments)
      return nil
    } catch {
      return FrontdeskCommand.fullMessage(for: error)
    }
  }

  @Test(
    "The remedy names the missing or superfluous option",
    arguments: [
      (["--role", "agent"], "add --agent NAME"), (["--role", "lead"], "add --agent NAME"),
      (["--role", "channel"], "add --channel NAME"), (["--role", "agent", "--channel", "web"], "remove --channel"),
      (["--role", "operator", "--agent", "ann"], "remove --agent"),
      (["--role", "channel", "--channel", "web", "--agent", "ann"], "remove --agent"),
      ([], "say what the key is for"),
    ])
  func keys(_ arguments: [String], _ remedy: String) {
    let text = message(["keys", "create"] + arguments)
    #expect(text?.contains(remedy) == true, "\(text ?? "it was accepted")")
  }

  @Test("Out-of-range numbers are refused for every option")
  func numbers() {
    let calls = [
      ["scale", "router"], ["up", "--routers"], ["up", "--classifiers"], ["up", "--port-intake"],
      ["up", "--port-console"],
      ["up", "--second-look-percent"], ["keys", "create", "--channel", "web", "--days"],
      ["keys", "curve-create", "--channel", "web", "--days"],
      ["keys", "rotate", "01234567-89ab-7def-8edc-ba9876543210", "--days"], ["retention", "--days"],
      ["send", "--samples"], ["send", "x", "--count"], ["send", "x", "--batch"], ["send", "x", "--connections"],
      ["send", "x", "--rate"], ["send", "--samples", "1", "--return-after"], ["agents", "simulate"],
      ["agents", "simulate", "1", "--accept-share"], ["agents", "simulate", "1", "--interruption-rate"],
      ["chaos", "--faults"],
      ["chaos", "--messages-per-second"], ["bench", "--rates"], ["bench", "--live-tickets"],
      ["audit", "list", "--limit"],
      ["restore", "check", "--examples"], ["restore", "check", "--moment"], ["restore", "settle", "--moment"],
      ["audit", "rules", "--findings"], ["dead-letters", "list", "--limit"], ["train", "x", "--out", "y", "--folds"],
      ["train", "x", "--out", "y", "--seed"], ["promote", "x", "--over", "y", "--recent"],
      ["promote", "x", "--over", "y", "--shadowed"], ["audit", "verify", "--expect"],
    ]
    let numbers = ["-1", "99999999999999999999", "1e400", "nan", "inf", "-inf", "１", "", "1\u{301}"]
    for call in calls {
      for number in numbers {
        // An option's value may start with a hyphen only after an equals sign.
        let isOption = call.last?.hasPrefix("--") == true
        let arguments =
          isOption
          ? call.dropLast() + ["\(call.last ?? "")=\(number)"] : call + (number.hasPrefix("-") ? ["--"] : []) + [number]
        #expect(message(Array(arguments)) != nil, "\(arguments)")
      }
    }
  }

  @Test("No command line crashes the process")
  func fuzz() {
    let words = [
      "scale", "router", "up", "keys", "create", "rotate", "status", "report", "queue", "send", "audit", "list",
      "verify",
      "rules", "test", "--days", "--grace", "--limit", "--from", "--zone", "--json", "--", "-", "=", "--=", "--grace=",
      "1",
      "-1", "9223372036854775807", "-9223372036854775808", "1e308", "\u{1B}[2J", "\u{301}", "\u{FEFF}", "好", "\0",
      "a/b",
      "24h", "0", "", "2026-02-30", "--agent", "--channel", "--role", "agent", "--help", "train", "models", "health",
    ]
    var random = SeededGenerator(seed: 11)
    for _ in 0..<1_500 {
      let arguments = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        words.randomElement(using: &random) ?? "" + (Bool.random(using: &random) ? "\u{301}" : "")
      }
      _ = message(arguments)
    }
  }
}
