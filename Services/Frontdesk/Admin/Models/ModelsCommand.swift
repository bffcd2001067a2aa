import ArgumentParser
import Foundation
import Language
import Store

/// `frontdesk models`.
struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "See which models label, try one on live messages, and go back.",
    discussion: """
      A candidate labels live messages beside the model in force, in shadow: it has no say, and takes only time that is left. \
      `frontdesk models report` tells how the two differ; `frontdesk promote` lets a better one take over.
      """,
    subcommands: [ListModels.self, TryModel.self, ReportTrial.self, StopTrial.self, GoBack.self],
    defaultSubcommand: ListModels.self)
}

/// `frontdesk models list`.
struct ListModels: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the model in force, the one that is tried, and the one before.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let folder = try model.folder(of: desk)
    var table = TextTable([
      ("model", .left), ("version", .left), ("examples", .right), ("accuracy", .right), ("file", .left),
    ])
    try ModelMaker.explaining {
      for (name, path) in [
        ("in force", folder.live), ("candidate", folder.candidate), ("before", folder.previous),
      ] where ModelFile.stamp(path: path) != nil {
        let model = try ModelFile.read(path: path)
        table.add([
          name, model.version, "\(model.summary.examples)", String(format: "%.1f %%", model.summary.accuracy * 100),
          path,
        ])
      }
    }
    Terminal.say(table.text)
  }
}

/// `frontdesk models try`.
struct TryModel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "try", abstract: "Let a model label live messages without a say, beside the one in force.")

  @Argument(help: "The model, as `frontdesk train` wrote it.", completion: .file())
  var file: String

  @OptionGroup var model: ModelOptions
  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let folder = try model.folder(of: desk)
    let version = try ModelMaker.explaining {
      let candidate = try ModelFile.read(path: file)
      guard try folder.version(folder.live) != candidate.version else {
        throw CommandFailure(
          "that model is in force already, there is nothing to compare", remedy: "name another", status: .wrongCall)
      }
      try ModelFile.write(candidate, path: folder.candidate)
      return candidate.version
    }
    Terminal.say("\(version) is tried from now on; `frontdesk models report` tells what it would change")
  }
}

/// `frontdesk models stop`.
struct StopTrial: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End the trial; what it counted stays.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let folder = try model.folder(of: desk)
    Terminal.say(try folder.remove(folder.candidate) ? "the trial has ended" : "no model is being tried")
  }
}

/// `frontdesk models back`.
struct GoBack: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "back", abstract: "Let the model before take over again; a second time undoes it.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let folder = try model.folder(of: desk)
    let (from, to) = try ModelMaker.explaining { try folder.goBack() }
    Terminal.say("\(to) takes over from \(from); running classifiers see it within seconds")
  }
}

/// `frontdesk models report`.
struct ReportTrial: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Tell how a model that is tried labels live messages, beside the one in force.",
    discussion: "Without versions it is about the newest trial. Ends with 1 when nothing was counted yet.")

  @Option(help: "The version of the model that is or was tried.")
  var challenger: String?

  @Option(help: "The version of the model in force meanwhile.")
  var champion: String?

  @Flag(help: "The report as one JSON object.")
  var json = false

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let report = try await desk.withStore { store in
      try await ShadowReport.read(store, champion: champion, challenger: challenger)
    }
    guard let report else {
      Terminal.complain("frontdesk: no such trial has labelled a message yet; `frontdesk models try FILE` begins one")
      throw ExitCode.failure
    }
    if json { try ReportWriter.print(report) } else { Terminal.say(report.table()) }
  }
}
