import DeskCore
import Foundation
import TestKit
import Testing

@testable import Language

@Suite struct DualSolverTests {
  /// Texts of random words, each label with its own words among common ones.
  private func rows(labels: Int, count: Int) -> (rows: TrainingRows, targets: [Int]) {
    var generator = SeededGenerator(seed: 7)
    var texts = CountedTexts()
    var counter = GramCounter()
    var targets: [Int] = []
    for index in 0..<count {
      let label = index % labels
      let words = (0..<8).map { _ in
        Bool.random(using: &generator)
          ? "own\(label)x\(Int.random(in: 0..<6, using: &generator))"
          : "all\(Int.random(in: 0..<40, using: &generator))"
      }
      FeatureExtractor().count(Normaliser().normalise(words.joined(separator: " ")), into: &counter)
      texts.append(counter)
      targets.append(label)
    }
    let all = Array(0..<count)
    let space = FeatureSpace(documents: texts, indices: all, minimumDocuments: 1)
    return (TrainingRows(documents: texts, indices: all, space: space), targets)
  }

  /// Both stop at the same tolerance, at different points near the single minimum.
  @Test("agrees with LIBLINEAR", arguments: [2, 3, 10])
  func agrees(labels: Int) throws {
    let (rows, targets) = rows(labels: labels, count: 300)
    let theirs = try LinearSolver.train(rows, labels: targets, labelCount: labels, cost: 1, seed: 3)
    let ours = DualSolver.train(rows, labels: targets, labelCount: labels, cost: 1, seed: 3)
    var largest: Float = 0
    for row in 0..<rows.count {
      let (first, second) = (rows.margins(row, of: theirs), rows.margins(row, of: ours))
      for label in 0..<labels {
        largest = max(largest, abs(first[label >> 3][label & 7] - second[label >> 3][label & 7]))
      }
    }
    #expect(largest < 0.08, "margins differ by \(largest)")
  }

  @Test func anAbsentLabelNeverWins() {
    let (rows, targets) = rows(labels: 3, count: 90)
    let fitted = DualSolver.train(rows, labels: targets, labelCount: 4, cost: 1, seed: 3)
    #expect(fitted.bias[0][3] == LinearSolver.absentBias)
  }

  @Test func unlabelledRowsAreNegativesForEveryLabel() throws {
    let (rows, targets) = rows(labels: 3, count: 90)
    let third = targets.map { $0 == 2 ? 2 : $0 }
    for fitted in [
      DualSolver.train(rows, labels: third, labelCount: 2, cost: 1, seed: 3),
      try LinearSolver.train(rows, labels: third, labelCount: 2, cost: 1, seed: 3),
    ] {
      let outside = (0..<rows.count).filter { third[$0] == 2 }
      let refused = outside.count { row in
        let margins = rows.margins(row, of: fitted)
        return max(margins[0][0], margins[0][1]) < 0
      }
      #expect(Double(refused) > 0.9 * Double(outside.count))
    }
  }

  /// Compares the library's weights with those that `liblinear-train` writes, if it is installed.
  @Test(.enabled(if: LiblinearTools.train != nil, "liblinear-train not found: install Debian's liblinear-tools"))
  func agreesWithTheCommandLineTools() throws {
    let tool = try #require(LiblinearTools.train)
    let (rows, targets) = rows(labels: 3, count: 240)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var lines = ""
    for row in 0..<rows.count {
      let pairs = (rows.offsets[row]..<rows.offsets[row + 1]).map { "\(rows.features[$0] + 1):\(rows.values[$0])" }
      lines += "\(targets[row]) " + pairs.joined(separator: " ") + "\n"
    }
    let data = URL(filePath: folder.path("rows"))
    let written = URL(filePath: folder.path("model"))
    try Data(lines.utf8).write(to: data)
    let process = Process()
    process.executableURL = URL(filePath: tool)
    process.arguments = ["-s", "1", "-c", "1", "-B", "1", "-e", "0.1", "-q", data.path, written.path]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let theirs = try LiblinearTools.weights(String(contentsOf: written, encoding: .utf8), features: rows.featureCount)
    let ours = try LinearSolver.train(rows, labels: targets, labelCount: 3, cost: 1, seed: 1)
    for row in 0..<rows.count {
      let (first, second) = (rows.margins(row, of: theirs), rows.margins(row, of: ours))
      for label in 0..<3 {
        #expect(abs(first[0][label] - second[0][label]) < 0.08)
      }
    }
  }
}

/// The package `liblinear-tools`.
private enum LiblinearTools {
  static let train = ["/usr/bin/liblinear-train", "/usr/local/bin/liblinear-train"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Reads a model of three labels: a header, then a line of weights per feature, the bias last.
  static func weights(_ text: String, features: Int) throws -> LinearWeights {
    let lines = text.split(separator: "\n")
    let order = try #require(lines.first { $0.hasPrefix("label ") }).split(separator: " ").dropFirst().compactMap {
      Int($0)
    }
    let start = try #require(lines.firstIndex(of: "w")) + 1
    var result = LinearWeights(weights: [], bias: [.zero])
    for (place, line) in lines[start...].enumerated() {
      var block = SIMD8<Float>.zero
      for (label, value) in zip(order, line.split(separator: " ").compactMap { Float($0) }) {
        block[label] = value
      }
      if place == features { result.bias = [block] } else { result.weights.append(block) }
    }
    return result
  }
}
