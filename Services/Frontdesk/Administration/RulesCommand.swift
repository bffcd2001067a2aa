package import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import PolicyReading
import Store

/// `frontdesk rules`.
package struct RulesCommand: AsyncParsableCommand {

  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Test the rules of a policy.", subcommands: [RulesTestCommand.self])
}

/// `frontdesk rules test`.
struct RulesTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run examples through the rules and report which differ from the expected result, and why.",
    discussion: """
      The examples are YAML: under `examples:` a list of `name`, `message` (the facts) and `expect` (queue, priority, rule, \
      triage, callback). See deploy/desk.examples.yaml. Exits with 1 when one differs, with 2 when a file has mistakes.
      """)

  @Argument(help: "The examples.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(help: "The policy file whose rules are tested; default: the policy in force.")
  var policy: String?

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let policy = try await chosenPolicy()
    guard let bytes = FileManager.default.contents(atPath: file) else {
      throw CommandFailure(
        "\(file) cannot be read", remedy: "name a file of examples such as deploy/desk.examples.yaml",
        status: .wrongCall)
    }
    let examples: [RuleExample]
    do {
      examples = try RuleExamples(bytes: bytes, for: policy).examples
    } catch {
      throw CommandFailure("the examples have mistakes\n" + error.text(file: file), status: .wrongCall)
    }
    let report = RulesReport(examples, under: policy, file: file)
    Terminal.say(report.text)
    if report.failed > 0 { throw ExitCode(1) }
  }

  private func chosenPolicy() async throws -> Policy {
    // Testing rules delivers nothing, so secrets are not needed.
    if let policy { return try PolicyFile(path: policy, secretsElsewhere: true).policy }
    return try await desk.withStore { store in
      guard let stored = try await store.access.newestPolicy() else {
        throw CommandFailure("no policy is in force", remedy: "name a file with --policy", status: .wrongCall)
      }
      do {
        return try stored.policy()
      } catch {
        throw CommandFailure(
          "this build cannot read version \(stored.version) of the policy", remedy: "name a file with --policy")
      }
    }
  }
}

/// The results of examples.
struct RulesReport: Sendable {
  let text: String
  let failed: Int

  init(_ examples: [RuleExample], under policy: Policy, file: String) {
    var lines: [String] = []
    var failed = 0
    for example in examples {
      guard let difference = example.difference(under: policy) else { continue }
      failed += 1
      lines.append("\(file):\(example.line): \(example.name)")
      lines += difference.differences.map { "    \($0)" }
      lines += RulesReport.reasons(for: example, difference.explanation).map { "    \($0)" }
    }
    lines.append(
      failed == 0
        ? "\(examples.count) examples, all as expected" : "\(examples.count) examples, \(failed) not as expected")
    text = lines.joined(separator: "\n")
    self.failed = failed
  }

  /// Returns why the expected rule did not decide, and which did.
  private static func reasons(for example: RuleExample, _ explanation: RoutingExplanation) -> [String] {
    let decision = explanation.decision
    var reasons: [String] = []
    if decision.needsTriage {
      reasons.append("confidence \(decision.labels.confidence) is too low for any rule")
    }
    if let wanted = explanation.rules.first(where: { $0.rule == example.rule }) {
      switch wanted.outcome {
      case .failed:
        let failures = wanted.trace.failures.map { failure in
          "\(failure.asked)" + (failure.seen.map { " (it is \($0))" } ?? "")
        }
        reasons.append("rule “\(wanted.rule)” does not match, it needs: \(failures.joined(separator: "; "))")
      case .later: reasons.append("rule “\(decision.rule ?? "")” matches before “\(wanted.rule)”")
      case .decided, .uncertain: break
      }
    } else if let rule = decision.rule {
      reasons.append("rule “\(rule)” decided")
    }
    return reasons
  }
}
