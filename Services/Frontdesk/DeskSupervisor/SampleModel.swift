import CommandLineTool
import Foundation
import Language
import ModelTraining

/// The model of a new desk, trained on the project's own samples.
package enum SampleModel {
  private static let sourcePath = "Services/Classifier/Samples/concerns.csv"
  private static let installedPath = "share/frontdesk/concerns.csv"

  /// Finds the samples: next to one of the parent folders of the program or of the working folder.
  package static func samples(program: String, workingFolder: String) -> String? {
    candidates(program: program, workingFolder: workingFolder)
      .first { FileManager.default.isReadableFile(atPath: $0) }
  }

  /// Returns the possible paths of the samples, the likeliest first.
  package static func candidates(program: String, workingFolder: String) -> [String] {
    let above = { (path: String) -> [String] in
      var folders: [String] = []
      var folder = (path as NSString).deletingLastPathComponent
      while folder.count > 1 {
        folders.append(folder)
        folder = (folder as NSString).deletingLastPathComponent
      }
      return folders
    }
    return (above(program) + [workingFolder] + above(workingFolder)).flatMap { folder in
      ["\(folder)/\(sourcePath)", "\(folder)/\(installedPath)"]
    }
  }

  /// Trains the model where it is missing, or was written in an older format that this build cannot read.
  /// - Returns: whether it was trained now.
  static func makeIfMissing(
    at path: String, samples named: String?, encoder: String?, program: String,
    say: @escaping @Sendable (String) async -> Void
  ) async throws -> Bool {
    if named == nil, FileManager.default.fileExists(atPath: path) {
      do throws(LanguageError) {
        _ = try ModelFile.read(path: path)
        return false
      } catch {
        await say("retraining the model: \(error.message)")
      }
    }
    let working = FileManager.default.currentDirectoryPath
    guard let csv = named ?? samples(program: program, workingFolder: working) else {
      throw CommandFailure(
        "the samples to train a model on were not found",
        remedy: "name them with --samples FILE, or a model with --model FILE", status: .wrongCall)
    }
    await say(
      "training the sample model on \(csv)"
        + (encoder == nil ? "" : ", with the encoder pack: this takes a minute or two, only once"))
    // It computes for seconds: not on a shared thread.
    let report = try await Task.detached(priority: .userInitiated) {
      try ModelMaker.train(csv: csv, out: path, encoder: encoder) { _ in }
    }.value
    await say("trained it: \(report.evaluation.labels.count) labels, \(report.summary.examples) examples")
    return true
  }
}
