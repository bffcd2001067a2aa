package import ArgumentParser
import CommandLineTool
import Foundation

/// Runs a whole desk on this machine: PostgreSQL, all services, a model, keys.
package struct UpCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Run a whole desk on this machine, until Ctrl-C.",
    discussion: """
      Everything, including the database, is in one folder and persists until the next start. All services write to one \
      log, here and in FOLDER/log/desk.log. Those that die are restarted. Ctrl-C lets them finish their work; a second \
      Ctrl-C does not wait.
      """)

  @Option(help: "The desk's folder (FRONTDESK_FOLDER; default: .frontdesk).")
  var folder: String?

  @Option(
    help: """
      The number of routers, or auto: as many as the load asks for (default: as last chosen; in a new desk auto).
      """)
  var routers: WorkerChoice?

  @Option(help: "The number of classifiers, or auto.")
  var classifiers: WorkerChoice?

  @Option(help: "A model file written by `frontdesk train`; default: one trained on the samples.")
  var model: String?

  @Option(help: "Labelled messages to train the model on, instead of the project's samples.")
  var samples: String?

  @Option(
    help:
      "An encoder pack of `deploy/encoder-pack` (FRONTDESK_ENCODER): the model trained on the samples gets a second stage, which classifiers use for uncertain messages.",
    completion: .file())
  var encoder: String?

  @Option(
    help: "The maximum share of a classifier's time for the second stage, in percent (default: the classifier's own).")
  var secondLookPercent: Int?

  @Option(help: "A policy to apply at start.")
  var policy: String?

  @Flag(help: "Use no ZeroMQ between services: everything uses the database fallback through PostgreSQL.")
  var linksBlocked = false

  @Option(help: "The port of intake's HTTP interface; default: a free one, reused at the next start.")
  var portIntake: Int?

  @Option(help: "The port of intake's ZeroMQ interface for channels.")
  var portChannel: Int?

  @Option(help: "The port of the console.")
  var portConsole: Int?

  @Option(help: "Connect services to a database socket in this folder, where a proxy of yours listens.")
  var databaseDetour: String?

  @Option(help: "With --database-detour: only these services take it; default: all.")
  var detourOf: [ServiceKind] = []

  @Option(
    help: "A setting of a service for its command line, such as router.credit-window=16; may be repeated.")
  var setting: [ServiceSetting] = []

  @Option(
    help: """
      A setting of the desk's PostgreSQL, such as shared_buffers=1GB; may be repeated. It applies when PostgreSQL starts. \
      Those for durability and for its socket are fixed.
      """)
  var postgresSetting: [PostgresSetting] = []

  @Flag(help: "Stop when standard input ends, because the parent process has exited.")
  var supervised = false

  @Flag(help: "Show only the output of `up` itself; the log file gets everything.")
  var quiet = false

  package init() {}

  package func validate() throws {
    for port in [portIntake, portChannel, portConsole].compactMap(\.self) where !(1...65_535).contains(port) {
      throw ValidationError("a port must be a number from 1 to 65535")
    }
    if let secondLookPercent, !(0...100).contains(secondLookPercent) {
      throw ValidationError("--second-look-percent must be from 0 to 100")
    }
    guard detourOf.isEmpty || databaseDetour != nil else {
      throw ValidationError("--detour-of needs --database-detour")
    }
    if model != nil, samples != nil { throw ValidationError("--model and --samples exclude each other") }
  }

  package func run() async throws {
    var options = DeskOptions()
    options.folder = folder
    options.postgres = nil
    try await UpSession(
      command: self, policy: policy.map { try PolicyFile(path: $0) }, folder: DeskFolder.take(options.folderPath)
    ).run()
  }
}
