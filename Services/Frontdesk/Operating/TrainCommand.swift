import ArgumentParser
import Foundation
import Language

/// Learns a model from labelled messages.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Learn a model from labelled messages, and tell how good it is.",
    discussion: "The file is CSV with a header: text, label, and if you like urgency and sentiment.")

  @Argument(help: "The labelled messages.", completion: .file(extensions: ["csv"]))
  var csv: String

  @Option(help: "Where the model goes; one that is there is replaced.")
  var out: String

  @Option(help: "What everything drawn by lot is drawn from.")
  var seed: UInt64 = TrainingOptions().seed

  @Flag(help: "The report as JSON.")
  var json = false

  func run() async throws {
    var options = TrainingOptions()
    options.seed = seed
    let showsProgress = isatty(STDERR_FILENO) == 1
    let report = try ModelMaker.train(csv: csv, out: out, options: options) { progress in
      guard showsProgress else { return }
      FileHandle.standardError.write(
        Data("\r\u{1B}[K\(progress.phase.rawValue) \(progress.completed)/\(progress.total)".utf8))
    }
    if showsProgress { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    Terminal.say(json ? try JSONText.of(report) : report.table() + "\nwritten to                   \(out)")
  }
}

/// Measures a model against labelled messages.
struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model against labelled messages that it has not seen.")

  @Argument(help: "The model that `frontdesk train` wrote.", completion: .file())
  var model: String

  @Argument(help: "The labelled messages.", completion: .file(extensions: ["csv"]))
  var csv: String

  @Flag(help: "The figures as JSON.")
  var json = false

  func run() async throws {
    let figures = try ModelMaker.explaining {
      let examples = try LabelledCSV.read(path: csv)
      return try MessageClassifier(model: ModelFile.read(path: model)).evaluate(examples)
    }
    Terminal.say(
      json
        ? try JSONText.of(Figures(evaluation: figures.evaluation, heads: figures.heads))
        : figures.evaluation.table() + "\n" + figures.evaluation.labelTable())
  }

  private struct Figures: Encodable {
    let evaluation: Evaluation
    let heads: HeadAgreement
  }
}

/// Training with the files around it.
enum ModelMaker {
  /// Trains and writes the model, as a whole or not at all.
  static func train(
    csv: String, out: String, options: TrainingOptions = TrainingOptions(), progress: (TrainingProgress) -> Void
  ) throws -> TrainingReport {
    try explaining {
      let examples = try LabelledCSV.read(path: csv)
      let outcome = try Trainer(options: options).train(examples, progress: progress)
      let draft = "\(out).\(getpid()).new"
      try ModelFile.write(outcome.model, path: draft)
      guard rename(draft, out) == 0 else { throw PrivateFile.failure("write", out) }
      return outcome.report
    }
  }

  /// Files that cannot be learned from are the caller's mistake.
  static func explaining<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as LanguageError {
      throw CommandFailure("\(error)", status: .wrongCall)
    }
  }
}

/// What programs read.
enum JSONText {
  /// A value with its keys in order.
  static func of(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
