import CommandLineTool
import ServiceSettings

/// The settings of the executor, in addition to those of every service.
struct ExecutorConfiguration: Sendable {
  private static let folder = ConfigurationKey(
    "folder", help: "folder of the desk that `frontdesk up` runs here; without it no services are scaled")
  private static let model = ConfigurationKey(
    "model",
    help: "the classifiers' model file, if it can be replaced from here; default: that of the desk in the folder")

  static let keys = [folder, model]

  /// The connection as the owner of the database.
  let postgres: String
  let isPlainPostgresAllowed: Bool
  let folder: String?
  private let namedModel: String?

  init(_ configuration: ServiceConfiguration) {
    postgres = configuration.string(StandardKeys.postgres.name)
    isPlainPostgresAllowed = configuration.bool(StandardKeys.plainPostgres.name)
    folder = configuration.optionalString(Self.folder.name)
    namedModel = configuration.optionalString(Self.model.name)
  }

  /// For tests.
  init(postgres: String, folder: String? = nil, model: String? = nil) {
    self.postgres = postgres
    isPlainPostgresAllowed = false
    self.folder = folder
    namedModel = model
  }

  /// The desk that `up` runs here, as it described it last; nil where none runs.
  var localDesk: LocalDesk? {
    guard let folder, let desk = try? LocalDesk.read(folder: folder), desk.supervisor != nil else { return nil }
    return desk
  }

  /// The classifiers' model file; nil where it cannot be replaced from here.
  var model: String? { namedModel ?? localDesk?.model }
}
