import Language
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Tries the model that lies in the candidate's place, from when it comes until it goes, and writes down what was counted.
struct ShadowTrials: WatchedService {
  /// What one look at the candidate's place came to.
  enum Round: Equatable {
    case unchanged
    /// A model is tried from now on.
    case begun
    /// The file is gone, and with it the trial.
    case ended
    /// The file is no sound model; nothing is tried.
    case refused
  }

  let path: String
  let shadow: Shadow
  let encoder: SentenceEncoder?
  let store: DeskStore
  let logger: Logger
  let writing = WatchedTask("shadow_figures")
  let forgetting = WatchedTask("shadow_retention")
  /// The file as it was when last looked into; nil while there is none.
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

  /// Looks at the candidate's place once.
  mutating func look() -> Round {
    let stamp = ModelFile.stamp(path: path)
    guard stamp != seen else { return .unchanged }
    seen = stamp
    guard stamp != nil else {
      shadow.replace(by: nil)
      logger.notice("the candidate is gone, nothing is tried any more")
      return .ended
    }
    do throws(LanguageError) {
      let model = try ModelFile.read(path: path)
      shadow.replace(by: MessageClassifier(model: model, encoder: encoder))
      logger.notice(
        "a model is tried without a say", metadata: ["version": "\(model.version)", "labels": "\(model.labels.count)"])
      return .begun
    } catch {
      shadow.replace(by: nil)
      logger.error("the candidate is refused, nothing is tried", metadata: ["error": "\(error)"])
      return .refused
    }
  }

  /// Writes down what was counted. What cannot be written now is kept for the next time.
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
