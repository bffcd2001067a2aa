import Foundation
import Language
import Observability
import ServiceHealth
import TestKit
import TestService
import Testing
import Wire

@testable import Classifier

@Suite struct ModelWatcherTests {
  /// A model of two labels whose names distinguish it from others.
  private static func model(_ name: String) throws -> LinearModel {
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .folds(2)
    let texts = ["refund me", "my parcel is late", "please refund", "where is the parcel", "refund", "parcel"]
    return try Trainer(options: options).train(
      texts.enumerated().map { LabelledExample(text: $1, label: $0 % 2 == 0 ? "\(name) refund" : "\(name) parcel") }
    ).model
  }

  private static func inFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try await body(folder.path("desk.model"))
  }

  private static func watcher(_ path: String, _ live: LiveModel) -> ModelWatcher {
    let metrics = MetricsRegistry()
    return ModelWatcher(
      path: path, seen: ModelFile.stamp(path: path), model: live, drift: DriftMetrics(metrics), metrics: metrics,
      logger: .silent)
  }

  @Test func loadsOnlyNewModels() async throws {
    try await Self.inFolder { path in
      let first = try Self.model("first")
      let second = try Self.model("second")
      try ModelFile.write(first, path: path)
      let live = LiveModel(first)
      let watcher = Self.watcher(path, live)
      #expect(watcher.runOnce() == .unchanged)
      try ModelFile.write(first, path: path)
      #expect(watcher.runOnce() == .same)
      try ModelFile.write(second, path: path)
      #expect(watcher.runOnce() == .takenOver)
      #expect(live.classifier.model.version == second.version)
      #expect(watcher.runOnce() == .unchanged)
    }
  }

  @Test func aDamagedOrMissingFileChangesNothing() async throws {
    try await Self.inFolder { path in
      let first = try Self.model("first")
      try ModelFile.write(first, path: path)
      let live = LiveModel(first)
      let watcher = Self.watcher(path, live)
      let second = try Self.model("second")
      let sound = ModelFile.encode(second)
      try Data(sound.dropLast(10)).write(to: URL(filePath: path))
      #expect(watcher.runOnce() == .refused)
      #expect(watcher.runOnce() == .unchanged, "reported once")
      try FileManager.default.removeItem(atPath: path)
      #expect(watcher.runOnce() == .unchanged)
      #expect(live.classifier.model.version == first.version)
      try Data(sound).write(to: URL(filePath: path))
      #expect(watcher.runOnce() == .takenOver)
    }
  }

  @Test func newPermissionsAreAChange() async throws {
    try await Self.inFolder { path in
      try ModelFile.write(try Self.model("first"), path: path)
      let before = ModelFile.stamp(path: path)
      #expect(ModelFile.stamp(path: path) == before)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      #expect(ModelFile.stamp(path: path) != before)
    }
  }

  @Test func aRefusedFileIsReportedUntilItIsReplaced() async throws {
    try await Self.inFolder { path in
      let first = try Self.model("first")
      try ModelFile.write(first, path: path)
      let watcher = Self.watcher(path, LiveModel(first))
      func check() async { await watcher.task.attempt(watcher.logger) { try watcher.check() } }
      await check()
      #expect(watcher.task.failuresTotal == 0)
      try Data("not a model".utf8).write(to: URL(filePath: path))
      for _ in 0..<TaskBounds.failuresBeforeWarning { await check() }
      #expect(watcher.tasks.compactMap(\.problem).map(\.task) == ["model_file"])
      try ModelFile.write(try Self.model("second"), path: path)
      await check()
      #expect(watcher.task.problem == nil)
    }
  }

  @Test func changesUnderLoadLeaveNoMessageUnlabelled() async throws {
    try await Self.inFolder { path in
      let models = [try Self.model("first"), try Self.model("second")]
      try ModelFile.write(models[0], path: path)
      let live = LiveModel(models[0])
      let metrics = MetricsRegistry()
      let labeller = Labeller(
        live, articles: LiveArticles(), secondLooks: SharedSecondStageBudget(share: 0.25), drift: DriftMetrics(metrics),
        shadow: Shadow(share: 0, metrics: ShadowMetrics(metrics)) { 0.5 }, metrics: metrics)
      let items = (0..<64).map { UnlabelledText(subject: "", text: "refund me \($0)", opensTicket: true) }
      let batches = try await withThrowingTaskGroup(of: [[LinkLabels]].self) { group in
        for _ in 0..<3 {
          group.addTask { (0..<200).map { _ in labeller.label(items) } }
        }
        group.addTask {
          let watcher = Self.watcher(path, live)
          for round in 1...20 {
            try ModelFile.write(models[round % 2], path: path)
            #expect(watcher.runOnce() == .takenOver)
          }
          return []
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(batches.count == 600)
      for batch in batches {
        #expect(batch.count == items.count)
        let versions = Set(batch.map(\.modelVersion))
        #expect(versions.count == 1, "a batch has one model")
        let name = versions == [models[0].version] ? "first" : "second"
        #expect(batch.allSatisfy { $0.category == "\(name) refund" })
      }
    }
  }
}
