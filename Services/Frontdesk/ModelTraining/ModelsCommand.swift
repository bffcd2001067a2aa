package import ArgumentParser
import CommandLineTool
import Foundation
import Language
import Store

/// `frontdesk models`.
package struct ModelsCommand: AsyncParsableCommand {

  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List models, try one in shadow mode, and revert to the previous one.",
    discussion: """
      A candidate labels live messages in shadow mode, alongside the model in force: it has no effect and uses only spare time. \
      `frontdesk models report` shows how the two differ; `frontdesk promote` puts a better one into force.
      """,
    subcommands: [ListModels.self, TryModel.self, ReportTrial.self, StopTrial.self, RevertModel.self],
    defaultSubcommand: ListModels.self)
}

/// `frontdesk models list`.
struct ListModels: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the model in force, the candidate and the previous model.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let folder = try model.folder(of: desk)
    var table = TextTable([
      ("model", .left), ("version", .left), ("examples", .right), ("accuracy", .right), ("file", .left),
    ])
    try ModelMaker.explaining {
      for (name, path) in [
        ("in force", folder.live), ("candidate", folder.candidate), ("previous", folder.previous),
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
    commandName: "try", abstract: "Let a model label live messages in shadow mode, alongside the one in force.")

  @Argument(help: "The model file written by `frontdesk train`.", completion: .file())
  var file: String

  @OptionGroup var model: ModelOptions
  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let folder = try model.folder(of: desk)
    let version = try ModelMaker.explaining {
      let candidate = try ModelFile.read(path: file)
      guard try folder.version(folder.live) != candidate.version else {
        throw CommandFailure(
          "that model is already in force, there is nothing to compare", remedy: "name another one", status: .wrongCall)
      }
      try ModelFile.write(candidate, path: folder.candidate)
      return candidate.version
    }
    Terminal.say("\(version) now labels in shadow mode; `frontdesk models report` shows what it would change")
  }
}

/// `frontdesk models stop`.
struct StopTrial: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End the trial; its counts are kept.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let folder = try model.folder(of: desk)
    Terminal.say(try folder.remove(folder.candidate) ? "the trial has ended" : "no model is being tried")
  }
}

/// `frontdesk models back`.
struct RevertModel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "back", abstract: "Revert to the previous model; running it again undoes that.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let folder = try model.folder(of: desk)
    let (from, to) = try ModelMaker.explaining { try folder.goBack() }
    Terminal.say("\(to) takes over from \(from); running classifiers load it within seconds")
  }
}

/// `frontdesk models report`.
struct ReportTrial: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Show how the candidate labels live messages, compared with the model in force.",
    discussion: "Without versions, reports the newest trial. Exits with 1 when nothing was counted yet.")

  @Option(help: "The version of the candidate.")
  var challenger: String?

  @Option(help: "The version of the model in force during the trial.")
  var champion: String?

  @Flag(help: "Print the report as one JSON object.")
  var json = false

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let report = try await desk.withStore { store in
      try await ShadowReport.read(store, champion: champion, challenger: challenger)
    }
    guard let report else {
      Terminal.complain("frontdesk: no such trial has labelled a message yet; `frontdesk models try FILE` starts one")
      throw ExitCode.failure
    }
    if json { try ReportWriter.print(report) } else { Terminal.say(report.table()) }
  }
}
