import EventThread
import Language

/// The model that labels now. A batch takes it once and keeps it to its end, so that a change falls between two batches and
/// each label names the model that it came from.
final class LiveModel: Sendable {
  private let current: PthreadMutex<MessageClassifier>

  init(_ model: LinearModel) {
    current = PthreadMutex(MessageClassifier(model: model))
  }

  var classifier: MessageClassifier { current.withLock { $0 } }

  func replace(by model: LinearModel) {
    let classifier = MessageClassifier(model: model)
    current.withLock { $0 = classifier }
  }
}
