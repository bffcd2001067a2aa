import Language
import SystemPrimitives

/// The current model. A batch takes it once and keeps it to its end, so that a change falls between two batches and each label names the
/// model that produced it.
final class LiveModel: Sendable {
  private let current: PthreadMutex<MessageClassifier>
  /// The encoder for the second stage, if used; it stays when models change.
  let encoder: SentenceEncoder?

  init(_ model: LinearModel, encoder: SentenceEncoder? = nil) {
    self.encoder = encoder
    current = PthreadMutex(MessageClassifier(model: model, encoder: encoder))
  }

  var classifier: MessageClassifier { current.withLock { $0 } }

  /// Why the second stage is disabled although it could be used, if so.
  var hindrance: String? {
    let now = classifier
    if now.looksAgain { return nil }
    if now.model.hasSecondStage {
      return encoder == nil ? "its encoder pack is not configured" : "it was trained with another encoder pack"
    }
    return encoder == nil ? nil : "it was trained without an encoder pack"
  }

  func replace(by model: LinearModel) {
    let classifier = MessageClassifier(model: model, encoder: encoder)
    current.withLock { $0 = classifier }
  }
}
