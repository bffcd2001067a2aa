import ArgumentParser
import ServiceSettings

/// A setting of one service, as on the command line of `up`: `router.credit-window=16`.
struct ServiceSetting: Sendable, Equatable, ExpressibleByArgument {
  let service: ServiceKind
  /// The key's variable in the environment, such as `FRONTDESK_CREDIT_WINDOW`.
  let variable: String
  let value: String

  /// Nil when the text is not of this form. The service itself refuses a key or value that it does not know.
  init?(argument: String) {
    guard let dot = argument.firstIndex(of: "."), let equals = argument[dot...].firstIndex(of: "="),
      let service = ServiceKind(rawValue: String(argument[..<dot]))
    else { return nil }
    let key = argument[argument.index(after: dot)..<equals]
    guard !key.isEmpty, key.utf8.allSatisfy({ (97...122).contains($0) || $0 == 45 || $0 == 46 }) else { return nil }
    self.service = service
    variable = ConfigurationKey(String(key), help: "").environmentName
    value = String(argument[argument.index(after: equals)...])
  }
}
