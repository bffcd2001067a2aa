import DequeModule
import SystemPrimitives

/// A bounded handover of elements in batches, from a thread to one task: an asynchronous sequence whose element is all that waits, up to
/// a maximum.
///
/// One wake-up per batch instead of one per message makes the handover cheap. The producer stops when `push` says so and continues when
/// `whenRoom` is called, so a slow consumer slows down the producer's senders.
public final class BatchQueue<Element: Sendable>: AsyncSequence, Sendable {
  private typealias Continuation = CheckedContinuation<[Element]?, Never>

  private struct State {
    var elements: Deque<Element> = []
    var weight = 0
    var isFinished = false
    var isProducerPaused = false
    var consumer: (id: UInt64, continuation: Continuation)?
    var nextConsumer: UInt64 = 0
    var cancelledConsumers: Set<UInt64> = []
  }

  /// Elements that may wait before the producer is asked to pause.
  public let limit: Int

  /// The maximum number of elements in one batch.
  public let batchLimit: Int

  private let weightLimit: Int
  private let weight: @Sendable (Element) -> Int
  private let whenRoom: @Sendable () -> Void
  private let state = PthreadMutex(State())

  /// Creates an empty queue.
  /// - Parameters:
  ///   - limit: elements that may wait before `push` asks for a pause, 1 or more. The batch that exceeds it is kept.
  ///   - batchLimit: the maximum number of elements that the consumer gets at once, 1 or more.
  ///   - weightLimit: the total weight of elements that may wait before `push` asks for a pause, 1 or more.
  ///   - weight: the weight of an element, such as its bytes.
  ///   - whenRoom: called once after a pause, on the consumer's thread, when less than half of the limit waits.
  public init(
    limit: Int, batchLimit: Int = 1024, whenRoom: @escaping @Sendable () -> Void = {}, weightLimit: Int = .max,
    weight: @escaping @Sendable (Element) -> Int = { _ in 0 }
  ) {
    precondition(limit > 0 && batchLimit > 0 && weightLimit > 0)
    self.weightLimit = weightLimit
    self.weight = weight
    self.limit = limit
    self.batchLimit = batchLimit
    self.whenRoom = whenRoom
  }

  /// The number of elements that wait.
  public var count: Int { state.withLock { $0.elements.count } }

  /// Adds elements; after `finish()` they are discarded.
  /// - Returns: false when the producer must pause until `whenRoom` is called.
  @discardableResult
  public func push(_ elements: some Collection<Element>) -> Bool {
    var handOver: (consumer: Continuation, batch: [Element])?
    let mayGoOn = state.withLock { state in
      guard !state.isFinished else { return true }
      state.elements.append(contentsOf: elements)
      if weightLimit < .max { state.weight += elements.reduce(0) { $0 + weight($1) } }
      if let consumer = state.consumer, !state.elements.isEmpty {
        state.consumer = nil
        handOver = (consumer.continuation, take(&state))
      }
      state.isProducerPaused = state.elements.count >= limit || state.weight >= weightLimit
      return !state.isProducerPaused
    }
    if let handOver { handOver.consumer.resume(returning: handOver.batch) }
    return mayGoOn
  }

  /// Ends the sequence after the waiting elements.
  public func finish() {
    let consumer = state.withLock { state in
      state.isFinished = true
      defer { state.consumer = nil }
      return state.consumer
    }
    consumer?.continuation.resume(returning: nil)
  }

  /// The iterator of the one consumer.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let queue: BatchQueue

    /// The next batch, never empty; nil after `finish()` or when the task is cancelled.
    public mutating func next() async -> [Element]? { await queue.next() }
  }

  /// Starts consuming.
  public func makeAsyncIterator() -> Iterator { Iterator(queue: self) }

  // MARK: Consuming

  private func next() async -> [Element]? {
    let id = state.withLock { state in
      state.nextConsumer += 1
      return state.nextConsumer
    }
    let batch = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready = state.withLock { state -> [Element]?? in
          if state.cancelledConsumers.remove(id) != nil { return .some(nil) }
          if !state.elements.isEmpty { return take(&state) }
          if state.isFinished { return .some(nil) }
          precondition(state.consumer == nil, "a batch queue allows only one consumer")
          state.consumer = (id, continuation)
          return .none
        }
        if let ready { continuation.resume(returning: ready) }
      }
    } onCancel: {
      let consumer = state.withLock { state -> Continuation? in
        guard let consumer = state.consumer, consumer.id == id else {
          state.cancelledConsumers.insert(id)
          return nil
        }
        state.consumer = nil
        return consumer.continuation
      }
      consumer?.resume(returning: nil)
    }
    let hasRoomAgain = state.withLock { state in
      state.cancelledConsumers.remove(id)
      guard state.isProducerPaused, state.elements.count <= limit / 2, state.weight <= weightLimit / 2 else {
        return false
      }
      state.isProducerPaused = false
      return true
    }
    if hasRoomAgain { whenRoom() }
    return batch
  }

  private func take(_ state: inout State) -> [Element] {
    let count = Swift.min(batchLimit, state.elements.count)
    let batch = Array(state.elements.prefix(count))
    state.elements.removeFirst(count)
    if weightLimit < .max { state.weight -= batch.reduce(0) { $0 + weight($1) } }
    return batch
  }
}
