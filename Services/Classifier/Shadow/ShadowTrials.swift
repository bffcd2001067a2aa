import Language
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Tries the model at the candidate's path while the file exists, and writes the counts.
struct ShadowTrials: WatchedService {
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
  /// The file's stamp at the last check; nil if there is none.
  private var seen: ModelFile.Stamp?

  init(path: String, shadow: Shadow, encoder: SentenceEncoder?, store: DeskStore, logger: Logger) {
    self.path = path
    self.shadow = shadow
    self.encoder = encoder
    self.store = store
    self.logger = logger
  }

  var tasks: [WatchedTask] { [writing, forgetting] }

  func run() async throws {
    let first = self
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await batch in shadow.batches { shadow.runOnce(batch) }
      }
      group.addTask {
        await cancelWhenGracefulShutdown {
          var trials = first
          while !Task.isCancelled {
            if trials.look() == .begun { await trials.forgetOld() }
            await trials.writeDown()
            try? await Task.sleep(for: ClassifierBounds.shadowPause)
          }
        }
        shadow.close()
      }
      await group.waitForAll()
    }
    await writeDown()
  }

  /// Checks the candidate's path once.
  mutating func look() -> Round {
    let stamp = ModelFile.stamp(path: path)
    guard stamp != seen else { return .unchanged }
    seen = stamp
    guard stamp != nil else {
      shadow.replace(by: nil)
      logger.notice("the candidate file was removed; the trial has ended")
      return .ended
    }
    do throws(LanguageError) {
      let model = try ModelFile.read(path: path)
      shadow.replace(by: MessageClassifier(model: model, encoder: encoder))
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
  func writeDown() async {
    let tallies = shadow.takeCounts()
    guard !tallies.isEmpty else { return }
    if await writing.attempt(logger, { try await store.add(tallies) }) == nil { shadow.giveBack(tallies) }
  }

  private func forgetOld() async {
    await forgetting.attempt(logger) {
      try await store.forgetShadowTrials(idleForDays: ClassifierBounds.shadowDaysKept)
    }
  }
}
