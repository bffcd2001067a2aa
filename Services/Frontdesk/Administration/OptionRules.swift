import ArgumentParser
import Foundation
import UntrustedInput

/// Validates options with the rules shared by all interfaces.
enum OptionRules {
  /// - Throws: `ValidationError` that names the option and what to write instead.
  static func check(_ option: String, _ rule: () throws(InputFault) -> Void) throws(ValidationError) {
    do throws(InputFault) {
      try rule()
    } catch {
      throw ValidationError("\(option): \(error.detail) \(error.remedy)")
    }
  }

  /// Validates the address of pages or of intake.
  static func checkURL(_ option: String, _ url: String) throws(ValidationError) {
    guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme), parts.host?.isEmpty == false
    else { throw ValidationError("\(option) must be like https://desk.example.com") }
  }

  /// Validates a key's label; it may be empty.
  static func checkLabel(_ label: String) throws(ValidationError) {
    guard !label.isEmpty else { return }
    try check("--label") { () throws(InputFault) in try InputRules.name(label) }
  }
}
