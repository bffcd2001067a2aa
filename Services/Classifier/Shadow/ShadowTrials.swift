import Language
import Logging
import ServiceHealth
import ServiceLifecycle
import Store
import SystemPrimitives

/// Tries the model at the candidate's path while the file exists, and writes the counts.
final class ShadowTrials: WatchedService {
  /// The outcome of one check of the candidate's path.
  enum Round: Equatable {
    case unchanged
    /// A trial has begun.
    case begun
    /// The file was removed, which ends the trial.
    case ended
    /// The file is not a valid model; no trial runs.
    case refused
  }

  let path: String
  let shadow: Shadow
  let encoder: SentenceEncoder?
  let store: DeskStore
  let logger: Logger
  let writing = WatchedTask("shadow_figures")
  let forgetting = WatchedTask("shadow_retention")

  private struct State {
    /// The file's stamp at the last check; nil if there is none.
    var seen: ModelFile.Stamp?
    /// Whether a trial has begun and old trials are not deleted yet.
    var isForgettingDue = false
  }

  private let state = PthreadMutex(State())

  init(path: String, shadow: Shadow, encoder: SentenceEncoder?, store: DeskStore, logger: Logger) {
    self.path = path
    self.shadow = shadow
    self.encoder = encoder
    self.store = store
    self.logger = logger
  }

  var tasks: [WatchedTask] { [writing, forgetting] }

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await batch in self.shadow.batches { self.shadow.runOnce(batch) }
      }
      group.addTask {
        await PeriodicTask(self.writing, every: ClassifierBounds.shadowPause, logger: self.logger).run {
          _ = self.look()
          await self.forgetOld()
          try await self.writeDown()
          return .regular
        }
        self.shadow.close()
      }
      await group.waitForAll()
    }
    await writing.attempt(logger) { try await self.writeDown() }
  }

  /// Checks the candidate's path once.
  func look() -> Round {
    let stamp = ModelFile.stamp(path: path)
    let isChanged = state.withLock { state in
      defer { state.seen = stamp }
      return state.seen != stamp
    }
    guard isChanged else { return .unchanged }
    guard stamp != nil else {
      shadow.replace(by: nil)
      logger.notice("the candidate file was removed; the trial has ended")
      return .ended
    }
    do throws(LanguageError) {
      let model = try ModelFile.read(path: path)
      shadow.replace(by: MessageClassifier(model: model, encoder: encoder))
      state.withLock { $0.isForgettingDue = true }
      logger.notice(
        "shadow trial started", metadata: ["version": "\(model.version)", "labels": "\(model.labels.count)"])
      return .begun
    } catch {
      shadow.replace(by: nil)
      logger.error("the candidate is refused; no trial runs", metadata: ["error": "\(error)"])
      return .refused
    }
  }

  /// Writes the counts. Counts that cannot be written now are kept for the next time.
  func writeDown() async throws {
    let tallies = shadow.takeCounts()
    guard !tallies.isEmpty else { return }
    do {
      try await store.learning.add(tallies)
    } catch {
      shadow.giveBack(tallies)
      throw error
    }
  }

  /// Deletes old trials once per new one.
  func forgetOld() async {
    guard state.withLock({ $0.isForgettingDue }) else { return }
    let deleted: Void? = await forgetting.attempt(logger) {
      try await store.learning.forgetShadowTrials(idleForDays: ClassifierBounds.shadowDaysKept)
    }
    if deleted != nil { state.withLock { $0.isForgettingDue = false } }
  }
}
