import ArgumentParser
import Foundation
import Language

/// Learns a model from labelled messages.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Learn a model from labelled messages, and tell how good it is.",
    discussion: """
      The file is CSV with a header: text, label, and if you like urgency and sentiment. Rows labelled out_of_scope teach \
      the model what it must not force into a label. The same file, seed and program give the same model.

      With --from-desk what agents and triage corrected is learned too, beside the file or alone; one in five corrections is \
      left out, for `frontdesk promote` to compare models on. Let --out be a new file then: `promote` brings it in.
      """)

  @Argument(help: "The labelled messages.", completion: .file(extensions: ["csv"]))
  var csv: String?

  @Option(help: "Where the model goes; one that is there is replaced.")
  var out: String

  @Flag(help: "Learn from the desk's corrections too.")
  var fromDesk = false

  @OptionGroup var desk: DeskOptions

  @Option(help: "What everything drawn by lot is drawn from.")
  var seed: UInt64 = TrainingOptions().seed

  @Option(
    help: "In how many folds examples are held out in turn; by default five, or one part of seven above 6,000 examples."
  )
  var folds: Int?

  @Option(
    help:
      "An encoder pack that `deploy/encoder-pack` made, for a model that knows words it has not seen and looks twice.")
  var encoder: String?

  @Option(help: "Where a picture of the confusions on held-out examples goes (SVG).")
  var picture: String?

  @Flag(help: "The report as JSON.")
  var json = false

  /// Parts that examples may be held out in.
  static let folds = 2...100

  func validate() throws {
    guard csv != nil || fromDesk else { throw ValidationError("name a labelled file, or --from-desk, or both") }
    if let folds, !TrainCommand.folds.contains(folds) {
      throw ValidationError("--folds must be from \(TrainCommand.folds.lowerBound) to \(TrainCommand.folds.upperBound)")
    }
  }

  func run() async throws {
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

/// Tells on standard error how far a training is: one line that changes on a terminal, elsewhere a line per step of the
/// search, so that a log of it stays short.
struct TrainingProgressLine {
  let isInteractive: Bool

  func show(_ progress: TrainingProgress) {
    guard let text = text(progress) else { return }
    Terminal.complain(TerminalText(ours: text))
  }

  func clear() {
    if isInteractive { Terminal.complain(TerminalText(ours: "\r\u{1B}[K")) }
  }

  /// What is written for this step, if anything.
  func text(_ progress: TrainingProgress) -> String? {
    let line = "\(progress.phase.rawValue) \(progress.completed)/\(progress.total)"
    if isInteractive { return "\r\u{1B}[K\(line)" }
    return progress.phase == .reading ? nil : "\(line)\n"
  }
}

/// Pictures beside the figures.
enum PictureFile {
  static func write(_ evaluation: Evaluation, path: String) throws {
    try write(svg: ConfusionPicture(evaluation).svg, path: path)
  }

  static func write(svg: String, path: String) throws {
    do {
      try Data(svg.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw CommandFailure("\(path) cannot be written", remedy: "name a file in a folder that is there and is yours")
    }
  }
}

/// Training with the files around it.
enum ModelMaker {
  /// Trains and writes the model, as a whole or not at all.
  static func train(
    csv: String?, corrections: [LabelledExample] = [], out: String, encoder: String? = nil,
    options: TrainingOptions = TrainingOptions(), progress: (TrainingProgress) -> Void
  ) throws -> TrainingReport {
    try explaining(csv) {
      var examples = try csv.map { try LabelledCSV.read(path: $0) } ?? []
      let adopted = CorrectedExamples.adopting(corrections, labelsOf: examples)
      examples += adopted.examples
      if adopted.leftOut > 0 {
        Terminal.complain("\(adopted.leftOut) corrections name a category of several intents and are left out")
      }
      try ModelFile.checkWritable(path: out)
      var options = options
      if let encoder { options.encoder = try EncoderPack.read(path: encoder) }
      let outcome = try Trainer(options: options).train(examples, progress: progress)
      try ModelFile.write(outcome.model, path: out)
      return outcome.report
    }
  }

  /// The classifier of a model file, with its second stage where an encoder pack is named.
  static func classifier(model: String, encoder: String?) throws -> MessageClassifier {
    try explaining {
      let model = try ModelFile.read(path: model)
      guard let encoder else { return MessageClassifier(model: model) }
      let classifier = MessageClassifier(model: model, encoder: try EncoderPack.readEncoder(path: encoder))
      guard classifier.looksAgain else {
        throw CommandFailure(
          model.hasSecondStage
            ? "the model was trained with another encoder pack"
            : "the model has no second stage, so it needs no encoder",
          remedy: model.hasSecondStage ? "name that one" : "leave --encoder out", status: .wrongCall)
      }
      return classifier
    }
  }

  /// Files that cannot be learned from are the caller's mistake.
  /// - Parameter file: what an error is about that names no file, such as too few examples of a label.
  static func explaining<Result>(_ file: String? = nil, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as LanguageError {
      throw CommandFailure("\(file.map { error.of(file: $0) } ?? error)", status: .wrongCall)
    }
  }
}
