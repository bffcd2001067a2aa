import CommandLineTool
import Foundation

/// The services of a desk, as `up` runs them.
package enum ServiceKind: String, CaseIterable, Codable, Sendable {
  case intake
  case classifier
  case router
  case slaWatcher = "sla-watcher"
  case notifier
  case console
  case executor

  /// The program, in the same folder as this one.
  package var program: String { self == .executor ? "frontdesk" : "frontdesk-\(rawValue)" }

  /// The arguments of the program: the executor does what commands do, so it is one.
  package var arguments: [String] { self == .executor ? ["operate"] : [] }

  /// The reason there is exactly one of it; nil where any number may run.
  var reasonForBeingOne: String? {
    switch self {
    case .intake, .console: "it listens at a fixed port"
    case .executor: "it carries out what operators ask for one after the other"
    case .classifier, .router, .slaWatcher, .notifier: nil
    }
  }
}

/// The shared settings of a desk's services, from which each one's environment is derived.
struct ServiceEnvironment: Sendable {
  let postgres: String
  /// The connection through a proxy of the operator's, and the services that use it.
  var detouredPostgres: String?
  var detoured: Set<ServiceKind> = []
  /// What the operator set for single services; it overrides what follows from the others.
  var settings: [ServiceSetting] = []
  /// The connection as the owner of the database, for the executor alone.
  let ownersPostgres: String
  /// The desk's folder.
  let folder: String
  let ports: LocalDesk.Ports
  let model: String
  /// The encoder pack for the second stage, if one is used.
  let encoder: String?
  /// The share of a classifier's time for the second stage; nil means the classifier's default.
  let secondLookPercent: Int?
  /// Intake's CURVE secret key, Z85.
  let channelSecretKey: String
  /// The file of the keys that contacts are encrypted with.
  let contactKeys: String
  /// The file of the keys that words are encrypted with; nil for a desk that stores them as they are.
  var wordKeys: String?
  let linksAreBlocked: Bool
  /// The folder of the programs.
  let programs: String

  /// The variables that differ from `up`'s own; nil removes one.
  /// - Parameter operationsPort: the port of `/readyz` and `/metrics`.
  func environment(of kind: ServiceKind, operationsPort: Int, path: String?) -> [String: String?] {
    var variables: [String: String?] = [
      "PATH": "\(programs):\(path ?? "/usr/bin:/bin")",
      "FRONTDESK_POSTGRES": detoured.contains(kind) ? detouredPostgres ?? postgres : postgres,
      "FRONTDESK_OPERATIONS_LISTEN": "127.0.0.1:\(operationsPort)",
      "FRONTDESK_LINK_LISTEN": "tcp://127.0.0.1:*",
      "FRONTDESK_LINKS_BLOCKED": "\(linksAreBlocked)",
      "FRONTDESK_LOG_FORMAT": "text",
      "FRONTDESK_SUPERVISED": "true",
      // A user's settings for another desk must not leak into this one.
      "FRONTDESK_CONFIG": nil,
      "FRONTDESK_HTTP_LISTEN": nil,
      "FRONTDESK_CHANNEL_LISTEN": nil,
      "FRONTDESK_CHANNEL_SECRET_KEY": nil,
      "FRONTDESK_CHANNEL_SECRET_KEY_FILE": nil,
      "FRONTDESK_CHANNEL_ADVERTISE": nil,
      "FRONTDESK_MODEL": nil,
      "FRONTDESK_CONTACT_KEYS": nil,
      "FRONTDESK_WORD_KEYS": wordKeys,
      "FRONTDESK_WORD_KEYS_COMMAND": nil,
      "FRONTDESK_ENCODER": nil,
      "FRONTDESK_CANDIDATE": nil,
      "FRONTDESK_FOLDER": nil,
      "FRONTDESK_POSTGRES_READER": nil,
    ]
    switch kind {
    case .intake:
      variables["FRONTDESK_CONTACT_KEYS"] = contactKeys
      variables["FRONTDESK_HTTP_LISTEN"] = "127.0.0.1:\(ports.intake)"
      variables["FRONTDESK_CHANNEL_LISTEN"] = "tcp://127.0.0.1:\(ports.channel)"
      variables["FRONTDESK_CHANNEL_SECRET_KEY"] = channelSecretKey
    case .console:
      variables["FRONTDESK_CONTACT_KEYS"] = contactKeys
      variables["FRONTDESK_HTTP_LISTEN"] = "127.0.0.1:\(ports.console)"
    case .classifier:
      variables["FRONTDESK_MODEL"] = model
      variables["FRONTDESK_ENCODER"] = encoder
      if let secondLookPercent { variables["FRONTDESK_SECOND_LOOK_PERCENT"] = "\(secondLookPercent)" }
    case .router, .slaWatcher, .notifier:
      break
    case .executor:
      variables["FRONTDESK_POSTGRES"] = ownersPostgres
      variables["FRONTDESK_FOLDER"] = folder
    }
    for setting in settings where setting.service == kind { variables[setting.variable] = setting.value }
    return variables
  }

  /// - Throws: `CommandFailure` that names the missing programs.
  func checkPrograms() throws {
    let missing = ServiceKind.allCases.map(\.program)
      .filter { !FileManager.default.isExecutableFile(atPath: "\(programs)/\($0)") }
    guard missing.isEmpty else {
      throw CommandFailure(
        "missing in \(programs): \(missing.joined(separator: ", "))",
        remedy: "build them: \(missing.map { "swift build --product \($0)" }.joined(separator: "; "))")
    }
  }
}
