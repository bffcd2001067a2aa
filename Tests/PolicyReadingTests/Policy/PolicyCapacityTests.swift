import DeskCore
import Foundation
import Testing

@testable import PolicyReading

@Suite struct PolicyCapacityTests {
  private static let environment = ["REPLY_SECRET": "whsec_\(Data(repeating: 7, count: 32).base64EncodedString())"]

  private func capacity(_ section: String) throws -> CapacityPolicy {
    try PolicyDocument.load(yaml: PolicySamples.sound + section, version: 1).life.capacity
  }

  @Test func missingServicesAndSettingsHaveTheirUsualValues() throws {
    #expect(try capacity("") == CapacityPolicy())
    let policy = try capacity("capacity: { router: { base: 10 } }\n")
    #expect(policy[.router].base == 10 && policy[.router].limit == 10 && policy[.router].reserve == 2)
    #expect(policy[.classifier] == .usual(.classifier))
  }

  @Test func everySettingIsRead() throws {
    let policy = try capacity(
      """
      capacity:
        classifier:
          { base: 3, reserve_percent: 50, limit: 9, cool_down: 1m, step_pause: 2s, allowed: 4s, busy_percent: 60, lead: 0s }

      """)
    #expect(
      policy[.classifier]
        == CapacitySettings(
          base: 3, reserveShare: 0.5, limit: 9, coolDown: .seconds(60), stepPause: .seconds(2), allowed: .seconds(4),
          busyTarget: 0.6, lead: .zero))
  }

  @Test func mistakesNameFieldAndRemedy() {
    let section = """
      capacity:
        router: { base: 4, limit: 3, busy_percent: 0 }
        notifier: { base: 2 }
        intake: { base: 0, cool_down: 2d }

      """
    let mistakes = PolicySamples.mistakes(in: PolicySamples.sound + section, environment: Self.environment)
    #expect(mistakes.count == 5, "\(mistakes)")
    #expect("\(mistakes)".contains("the limit is below the base of 4"))
  }
}
