import CommandLineTool
import DeskCore
import Foundation
import PolicyReading
import Simulator

/// Reads a scenario and the files that it names, relative to its own folder.
enum ScenarioFile {
  /// A scenario under one policy.
  struct Variant: Sendable {
    let name: String
    let scenario: Scenario
  }

  /// Reads a scenario once for each policy.
  /// - Parameters:
  ///   - policies: policy files instead of the scenario's own; none for that.
  /// - Throws: `CommandFailure` with every mistake and its position.
  static func variants(of path: String, policies: [String]) throws -> [Variant] {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(
        "\(path) cannot be read", remedy: "name a scenario such as deploy/scenarios/sale-day.yaml", status: .wrongCall)
    }
    guard bytes.count <= SimulatorBounds.scenarioBytes else {
      throw CommandFailure(
        "\(path) is larger than \(SimulatorBounds.scenarioBytes) bytes", remedy: "keep recordings in their own files",
        status: .wrongCall)
    }
    if policies.isEmpty {
      let name = URL(filePath: path).deletingPathExtension().lastPathComponent
      return [Variant(name: name, scenario: try read(bytes, path: path, policy: nil))]
    }
    return try policies.map { file in
      let policy = try PolicyFile(path: file, secretsElsewhere: true).policy
      return Variant(name: file, scenario: try read(bytes, path: path, policy: policy))
    }
  }

  private static func read(_ bytes: Data, path: String, policy: Policy?) throws -> Scenario {
    let folder = URL(filePath: path).deletingLastPathComponent()
    func named(_ file: String) -> String {
      file.hasPrefix("/") ? file : folder.appending(path: file).path(percentEncoded: false)
    }
    var failure: (any Error)?
    do {
      var scenario = try ScenarioDocument.read(bytes, replacing: policy) { name in
        do {
          return try PolicyFile(path: named(name), secretsElsewhere: true).policy
        } catch {
          failure = error
          return nil
        }
      }
      if let file = scenario.recordingFile {
        RecordingReplay(try RecordingFile.read(path: named(file))).add(to: &scenario)
      }
      return scenario
    } catch let error as PolicyMistakes {
      let why = failure.map { "\n\($0)" } ?? ""
      throw CommandFailure("the scenario has mistakes\n" + error.text(file: path) + why, status: .wrongCall)
    }
  }
}
