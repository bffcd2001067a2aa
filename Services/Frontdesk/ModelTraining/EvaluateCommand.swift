package import ArgumentParser
import CommandLineTool
import Foundation
import Language

/// Evaluates a model on labelled messages.
package struct EvaluateCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Evaluate a model on labelled messages that it was not trained on.",
    discussion: "Rows labelled out_of_scope measure how well the model detects what it was not trained for.")

  @Argument(help: "The model that `frontdesk train` wrote.", completion: .file())
  var model: String

  @Argument(help: "The labelled messages.", completion: .file(extensions: ["csv"]))
  var csv: String

  @Option(help: "The encoder pack that the model was trained with: with it the second stage is evaluated too.")
  var encoder: String?

  @Flag(help: "The figures as one JSON object.")
  var json = false

  @Option(help: "Output file for the confusion matrix (SVG).", completion: .file(extensions: ["svg"]))
  var picture: String?

  package init() {}

  package func run() async throws {
    let classifier = try ModelMaker.classifier(model: model, encoder: encoder)
    let figures = try ModelMaker.explaining {
      let (evaluation, heads) = classifier.evaluate(try LabelledCSV.read(path: csv))
      return EvaluationFigures(modelVersion: classifier.model.version, evaluation: evaluation, heads: heads)
    }
    if let picture { try PictureFile.write(figures.evaluation, path: picture) }
    if json { try ReportWriter.print(figures) } else { Terminal.say(figures.table()) }
  }
}

/// The report of `frontdesk evaluate`: the evaluation's fields together with the model and heads, in one object.
struct EvaluationFigures: Encodable {
  let modelVersion: String
  let evaluation: Evaluation
  let heads: HeadAgreement

  private enum CodingKeys: String, CodingKey {
    case modelVersion = "model_version"
    case heads
  }

  func encode(to encoder: any Encoder) throws {
    try evaluation.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(modelVersion, forKey: .modelVersion)
    try container.encode(heads, forKey: .heads)
  }

  /// The figures as lines for a terminal.
  func table() -> String {
    [
      "model                        \(modelVersion)", evaluation.table(), evaluation.labelTable(), heads.table(),
    ].compactMap { $0 }.joined(separator: "\n")
  }
}
