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
      """)

  @Argument(help: "The labelled messages.", completion: .file(extensions: ["csv"]))
  var csv: String

  @Option(help: "Where the model goes; one that is there is replaced.")
  var out: String

  @Option(help: "What everything drawn by lot is drawn from.")
  var seed: UInt64 = TrainingOptions().seed

  @Option(
    help: "In how many folds examples are held out in turn; by default five, or one part of seven above 6,000 examples."
  )
  var folds: Int?

  @Option(help: "An encoder pack that `deploy/encoder-pack` made, for a model that knows words it has not seen.")
  var encoder: String?

  @Option(help: "Where a picture of the confusions on held-out examples goes (SVG).")
  var picture: String?

  @Flag(help: "The report as JSON.")
  var json = false

  func run() async throws {
    var options = TrainingOptions()
    options.seed = seed
    if let folds { options.validation = .folds(folds) }
    let line = TrainingProgressLine(isInteractive: isatty(STDERR_FILENO) == 1)
    let report = try ModelMaker.train(csv: csv, out: out, encoder: encoder, options: options) { line.show($0) }
    line.clear()
    if let picture { try PictureFile.write(report.evaluation, path: picture) }
    Terminal.say(json ? try JSONText.of(report) : report.table() + "\nwritten to                   \(out)")
  }
}

/// Tells on standard error how far a training is: one line that changes on a terminal, elsewhere a line per step of the
/// search, so that a log of it stays short.
struct TrainingProgressLine {
  let isInteractive: Bool

  func show(_ progress: TrainingProgress) {
    guard let text = text(progress) else { return }
    FileHandle.standardError.write(Data(text.utf8))
  }

  func clear() {
    if isInteractive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
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
    do {
      try Data(ConfusionPicture(evaluation).svg.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw CommandFailure("\(path) cannot be written", remedy: "name a file in a folder that is there and is yours")
    }
  }
}

/// Training with the files around it.
enum ModelMaker {
  /// Trains and writes the model, as a whole or not at all.
  static func train(
    csv: String, out: String, encoder: String? = nil, options: TrainingOptions = TrainingOptions(),
    progress: (TrainingProgress) -> Void
  ) throws -> TrainingReport {
    try explaining {
      let examples = try LabelledCSV.read(path: csv)
      try ModelFile.checkWritable(path: out)
      var options = options
      if let encoder { options.encoder = try EncoderPack.read(path: encoder) }
      let outcome = try Trainer(options: options).train(examples, progress: progress)
      try ModelFile.write(outcome.model, path: out)
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
