package import ArgumentParser
import CommandLineTool
import Foundation
package import Language

/// Trains a model on labelled messages.
package struct TrainCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model on labelled messages, and report its quality.",
    discussion: """
      The file is CSV with a header: text, label, and optionally urgency and sentiment. Rows labelled out_of_scope teach \
      the model what it must not force into a label. The same file, seed and build produce the same model.

      With --from-desk, corrections by agents and triage are used as well, with or without a file; one in five corrections is \
      held out, for `frontdesk promote` to compare models on. Use a new file for --out then: `promote` puts it into force.
      """)

  @Argument(help: "The labelled messages.", completion: .file(extensions: ["csv"]))
  var csv: String?

  @Option(help: "Output file for the model; an existing one is replaced.")
  var out: String

  @Flag(help: "Also train on the desk's corrections.")
  var fromDesk = false

  @OptionGroup var desk: DeskOptions

  @Option(help: "Random seed; the same seed reproduces the model.")
  var seed: UInt64 = TrainingOptions().seed

  @Option(
    help: "Number of cross-validation folds; default: five, or a single held-out seventh above 6,000 examples."
  )
  var folds: Int?

  @Option(
    help:
      "An encoder pack made by `deploy/encoder-pack`; adds a second stage that handles words not seen in training.")
  var encoder: String?

  @Option(help: "Output file for the confusion matrix on held-out examples (SVG).")
  var picture: String?

  @Flag(help: "Print the report as JSON.")
  var json = false

  package init() {}

  /// The allowed numbers of folds.
  static let folds = 2...100

  package func validate() throws {
    guard csv != nil || fromDesk else { throw ValidationError("name a labelled file, or --from-desk, or both") }
    if let folds, !TrainCommand.folds.contains(folds) {
      throw ValidationError("--folds must be from \(TrainCommand.folds.lowerBound) to \(TrainCommand.folds.upperBound)")
    }
  }

  package func run() async throws {
    var options = TrainingOptions()
    options.seed = seed
    if let folds { options.validation = .folds(folds) }
    var corrections: [LabelledExample] = []
    if fromDesk {
      let all = try await desk.withStore { try await CorrectedExamples.read($0) }
      corrections = all.learned
      Terminal.complain("corrections: \(all.learned.count) to learn from, \(all.heldOut.count) held out")
    }
    let line = TrainingProgressLine(isInteractive: isatty(STDERR_FILENO) == 1)
    let report = try ModelMaker.train(
      csv: csv, corrections: corrections, out: out, encoder: encoder, options: options
    ) { line.show($0) }
    line.clear()
    if let picture { try PictureFile.write(report.evaluation, path: picture) }
    if json {
      try ReportWriter.print(report)
    } else {
      Terminal.say(report.table() + "\nwritten to                   \(out)")
    }
  }
}

/// Shows training progress on standard error: one updated line on a terminal, elsewhere one line per step of the
/// search, so that a log stays short.
struct TrainingProgressLine {
  let isInteractive: Bool

  func show(_ progress: TrainingProgress) {
    guard let text = text(progress) else { return }
    Terminal.complain(TerminalText(ours: text))
  }

  func clear() {
    if isInteractive { Terminal.complain(TerminalText(ours: "\r\u{1B}[K")) }
  }

  /// Returns the output for this step, if any.
  func text(_ progress: TrainingProgress) -> String? {
    let line = "\(progress.phase.rawValue) \(progress.completed)/\(progress.total)"
    if isInteractive { return "\r\u{1B}[K\(line)" }
    return progress.phase == .reading ? nil : "\(line)\n"
  }
}

extension PictureFile {
  package static func write(_ evaluation: Evaluation, path: String) throws {
    try write(svg: ConfusionPicture(evaluation).svg, path: path)
  }
}

/// Trains and loads models from files.
package enum ModelMaker {
  /// Trains a model and writes it atomically.
  package static func train(
    csv: String?, corrections: [LabelledExample] = [], out: String, encoder: String? = nil,
    options: TrainingOptions = TrainingOptions(), progress: (TrainingProgress) -> Void
  ) throws -> TrainingReport {
    try explaining(csv) {
      var examples = try csv.map { try LabelledCSV.read(path: $0) } ?? []
      let adopted = CorrectedExamples.adopting(corrections, labelsOf: examples)
      examples += adopted.examples
      if adopted.leftOut > 0 {
        Terminal.complain("\(adopted.leftOut) corrections name a category with several intents and were left out")
      }
      try ModelFile.checkWritable(path: out)
      var options = options
      if let encoder { options.encoder = try EncoderPack.read(path: encoder) }
      let outcome = try Trainer(options: options).train(examples, progress: progress)
      try ModelFile.write(outcome.model, path: out)
      return outcome.report
    }
  }

  /// Returns the classifier of a model file, with its second stage where an encoder pack is named.
  package static func classifier(model: String, encoder: String?) throws -> MessageClassifier {
    try explaining {
      let model = try ModelFile.read(path: model)
      guard let encoder else { return MessageClassifier(model: model) }
      let classifier = MessageClassifier(model: model, encoder: try EncoderPack.readEncoder(path: encoder))
      guard classifier.looksAgain else {
        throw CommandFailure(
          model.hasSecondStage
            ? "the model was trained with another encoder pack"
            : "the model has no second stage, so it needs no encoder",
          remedy: model.hasSecondStage ? "name that pack" : "remove --encoder", status: .wrongCall)
      }
      return classifier
    }
  }

  /// Reports unusable training files as the caller's mistake.
  /// - Parameter file: the file of errors that do not name one, such as too few examples of a label.
  package static func explaining<Result>(_ file: String? = nil, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as LanguageError {
      throw CommandFailure("\(file.map { error.of(file: $0) } ?? error)", status: .wrongCall)
    }
  }
}
