import ArgumentParser
import Foundation

/// Runs a whole desk on this machine: PostgreSQL, all services, a model, keys.
struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Run a whole desk on this machine, until Ctrl-C.",
    discussion: """
      Everything lies in one folder, the database too, and is there again at the next start. All services write into one \
      log, here and in FOLDER/log/desk.log. Those that die are started again. Ctrl-C lets them finish what they hold; a \
      second one does not wait.
      """)

  @Option(help: "Where everything lies (FRONTDESK_FOLDER; default: .frontdesk).")
  var folder: String?

  @Option(help: "Routers to start with.")
  var routers = 2

  @Option(help: "Classifiers to start with.")
  var classifiers = 1

  @Option(help: "The model to label with, as `frontdesk train` wrote it; without, one is learned from the samples.")
  var model: String?

  @Option(help: "Labelled messages to learn the model from, in place of the project's samples.")
  var samples: String?

  @Option(
    help:
      "An encoder pack of `deploy/encoder-pack` (FRONTDESK_ENCODER): the model learned from the samples gets a second stage, and classifiers look again at messages in doubt.",
    completion: .file())
  var encoder: String?

  @Option(
    help: "How much of a classifier's time may go into looking again, in percent (default: the classifier's own).")
  var secondLookPercent: Int?

  @Option(help: "A policy to put into force at the start.")
  var policy: String?

  @Flag(help: "Use no ZeroMQ between services: everything goes the slow way through PostgreSQL.")
  var linksBlocked = false

  @Option(help: "The port of intake's HTTP interface; without, a free one, and the same one at the next start.")
  var portIntake: Int?

  @Option(help: "The port of intake's ZeroMQ interface for channels.")
  var portChannel: Int?

  @Option(help: "The port of the console.")
  var portConsole: Int?

  @Option(help: "Let services reach the database's socket in this folder, where a go-between of yours listens.")
  var databaseDetour: String?

  @Flag(help: "End when standard input ends, because whoever started this is gone.")
  var supervised = false

  @Flag(help: "Show only what `up` says itself; the file gets everything.")
  var quiet = false

  func validate() throws {
    for (name, count) in [("--routers", routers), ("--classifiers", classifiers)]
    where !UpBounds.instancesOfService.contains(count) {
      throw ValidationError("\(name) must be from 0 to \(UpBounds.instancesOfService.upperBound)")
    }
    for port in [portIntake, portChannel, portConsole].compactMap(\.self) where !(1...65_535).contains(port) {
      throw ValidationError("a port is a number from 1 to 65535")
    }
    if let secondLookPercent, !(0...100).contains(secondLookPercent) {
      throw ValidationError("--second-look-percent must be from 0 to 100")
    }
    if model != nil, samples != nil { throw ValidationError("--model and --samples exclude each other") }
  }

  func run() async throws {
    var options = DeskOptions()
    options.folder = folder
    options.postgres = nil
    try await UpSession(
      command: self, policy: policy.map { try PolicyFile(path: $0) }, folder: DeskFolder.take(options.folderPath)
    ).run()
  }
}
