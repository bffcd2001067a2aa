import ArgumentParser
import CommandLineTool
import Foundation
import Language

/// Selects the model files that a command applies to.
struct ModelOptions: ParsableArguments {
  @Option(help: "The classifiers' model file; default: the one of the desk of `up`.", completion: .file())
  var model: String?

  /// - Throws: `CommandFailure` where neither a file nor a desk of `up` was named.
  func folder(of desk: DeskOptions) throws -> ModelFolder {
    if let model { return ModelFolder(live: model) }
    guard let local = desk.localDeskIfAny() else {
      throw CommandFailure(
        "no model was named, and there is no desk of `up` to ask for its model",
        remedy: "name it with --model FILE, or the desk with --folder", status: .wrongCall)
    }
    return ModelFolder(live: local.model)
  }
}

/// The paths of the live, candidate and previous models.
package struct ModelFolder: Sendable {
  /// The classifiers' model file.
  let live: String

  package var candidate: String { ModelPlaces.candidate(of: live) }
  package var previous: String { ModelPlaces.previous(of: live) }
  /// The model that `goBack` replaces, until it is the previous one.
  private var replaced: String { previous + ".next" }

  package init(live: String) {
    self.live = live
  }

  /// The versions of the models that are there, in force, to be tried, and before; nil where there is none.
  package func versions() throws -> (live: String?, candidate: String?, previous: String?) {
    try ModelMaker.explaining { (try version(live), try version(candidate), try version(previous)) }
  }

  /// Puts a model into force and keeps the previous one.
  func takeOver(_ model: LinearModel) throws {
    let before = try ModelFile.read(path: live)
    if before.version != model.version { try ModelFile.write(before, path: previous) }
    try ModelFile.write(model, path: live)
    if try version(candidate) == model.version { try remove(candidate) }
  }

  /// Puts the previous model back into force; the one in force becomes the previous one.
  /// A call that was interrupted can be repeated: no model is lost.
  /// - Returns: the versions replaced and restored.
  package func goBack() throws -> (from: String, to: String) {
    try finishGoingBack()
    guard ModelFile.stamp(path: previous) != nil else {
      throw CommandFailure(
        "there is no previous model: \(previous) does not exist",
        remedy: "`frontdesk promote` creates it when a new model takes over", status: .wrongCall)
    }
    let before = try ModelFile.read(path: previous)
    let now = try ModelFile.read(path: live)
    try ModelFile.write(now, path: replaced)
    try ModelFile.write(before, path: live)
    try finishGoingBack()
    return (now.version, before.version)
  }

  /// Makes the model that was replaced the previous one, after an interruption between the two steps.
  package func finishGoingBack() throws {
    guard ModelFile.stamp(path: replaced) != nil else { return }
    let waiting = try ModelFile.read(path: replaced)
    // Before the model in force was replaced nothing had happened yet.
    if try version(live) != waiting.version { try ModelFile.write(waiting, path: previous) }
    try remove(replaced)
  }

  /// Returns the version of a model file; nil where there is none.
  func version(_ path: String) throws -> String? {
    guard ModelFile.stamp(path: path) != nil else { return nil }
    return try ModelFile.read(path: path).version
  }

  /// - Returns: whether it existed.
  @discardableResult
  func remove(_ path: String) throws -> Bool {
    guard ModelFile.stamp(path: path) != nil else { return false }
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw CommandFailure("\(path) cannot be removed", remedy: "check its permissions")
    }
    return true
  }
}
