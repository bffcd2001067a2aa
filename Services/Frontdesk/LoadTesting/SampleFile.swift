import CommandLineTool
import DeskSupervisor
import Foundation
import Language

/// The project's own sample messages.
enum SampleFile {
  /// Returns the texts of a labelled CSV; without a path, of the samples in the checkout.
  static func texts(path: String?) throws -> [String] {
    try examples(path: path).map(\.text)
  }

  /// Returns the labelled messages of a CSV; without a path, of the samples in the checkout.
  static func examples(path: String?) throws -> [LabelledExample] {
    let found = SampleModel.samples(
      program: OwnProgram.path, workingFolder: FileManager.default.currentDirectoryPath)
    guard let path = path ?? found else {
      throw CommandFailure(
        "the samples were not found from here", remedy: "name a labelled CSV with --sample-file", status: .wrongCall)
    }
    let examples: [LabelledExample]
    do {
      examples = try LabelledCSV.read(path: path)
    } catch {
      throw CommandFailure("\(error)", status: .wrongCall)
    }
    guard !examples.isEmpty else { throw CommandFailure("\(path) contains no messages", status: .wrongCall) }
    return examples
  }
}

/// The running program.
enum OwnProgram {
  /// Its absolute path, symbolic links resolved.
  static var path: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }
}
