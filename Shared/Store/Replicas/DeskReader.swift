public import DeskCore
internal import PostgreSQL
internal import SystemPrimitives

/// Reads from a replica where one may answer, and otherwise from the primary.
///
/// For what is only looked at: reports, searches, explanations, overviews. What a person answers, what is compared and set, and permissions
/// are always read from the primary. A read that fails on a replica is repeated on the primary, so it must not write anything,
/// and must be harmless when it is done twice.
public final class DeskReader: Sendable {
  /// What is read from.
  public struct Source: Sendable {
    /// The age of a replica's data.
    public struct Age: Sendable, Hashable {
      /// Everything that was committed on the primary until then is there.
      public let asOf: Instant
      /// How long ago that was when the reading began.
      public let age: Duration
    }

    public let store: DeskStore
    /// Nil for the primary.
    public let replica: Age?

    /// Up to when it has everything: for the primary, now.
    public func knowsUntil() async throws -> Instant {
      if let replica { return replica.asOf }
      return try await store.now()
    }
  }

  /// The ages of a replica's data at which something happens.
  public struct Limits: Sendable {
    /// From this age on answers say how old they are.
    public var notice: Duration
    /// Beyond this age the primary answers.
    public var limit: Duration

    public init(notice: Duration = ReplicaBounds.noticeAge, limit: Duration = ReplicaBounds.limitAge) {
      (self.notice, self.limit) = (notice, limit)
    }
  }

  /// Why the primary answered instead of a replica.
  public enum Reason: String, Sendable, CaseIterable {
    /// No replica answers.
    case unreachable
    /// The data of those that answer is too old.
    case late
    /// The replica cancelled a statement, because it could not replay the primary's changes otherwise.
    case conflict
    /// The replica does not have what was asked for.
    case missing
    /// Another error of the replica, or of the connection to it.
    case failed
  }

  /// Thrown by a reader that did not find in a replica what the primary may have.
  public struct Missing: Error {
    public init() {}
  }

  /// How often replicas answered, and how often the primary did instead, with the reason.
  public struct Counts: Sendable {
    public fileprivate(set) var answered: Int64 = 0
    public fileprivate(set) var fellBack: [Reason: Int64] = [:]
  }

  /// In the order in which they are preferred.
  public let replicas: [DeskReplica]
  public let limits: Limits
  private let primary: DeskStore
  private let now: @Sendable () -> Instant
  private let counted = PthreadMutex(Counts())

  /// - Parameters:
  ///   - replicas: none to read from the primary alone.
  ///   - now: the primary's clock.
  public init(
    primary: DeskStore, replicas: [DeskReplica] = [], limits: Limits = Limits(), now: @escaping @Sendable () -> Instant
  ) {
    self.primary = primary
    self.replicas = replicas
    self.limits = limits
    self.now = now
  }

  public var counts: Counts { counted.withLock { $0 } }

  /// Reads.
  /// - Parameter body: runs once, or a second time with the primary.
  /// - Throws: what `body` throws of the primary, or of a replica that answered.
  public func read<Value>(_ body: (Source) async throws -> Value) async throws -> Value {
    let fromPrimary = Source(store: primary, replica: nil)
    guard !replicas.isEmpty else { return try await body(fromPrimary) }
    let now = now()
    guard let source = replicas.lazy.compactMap({ $0.source(at: now, limit: self.limits.limit) }).first else {
      note(replicas.contains { $0.isReachable(at: now) } ? .late : .unreachable)
      return try await body(fromPrimary)
    }
    do {
      let value = try await body(source)
      counted.withLock { $0.answered += 1 }
      return value
    } catch {
      guard !Task.isCancelled, let reason = Self.reason(toRepeatAfter: error) else { throw error }
      note(reason)
      return try await body(fromPrimary)
    }
  }

  private func note(_ reason: Reason) {
    counted.withLock { $0.fellBack[reason, default: 0] += 1 }
  }

  /// Why a read is repeated on the primary; nil where the error is the answer, such as a report that takes too long.
  static func reason(toRepeatAfter error: any Error) -> Reason? {
    if error is Missing { return .missing }
    guard let error = error as? PostgresError else { return nil }
    // The server itself has ended the statement, at its deadline.
    if error.sqlState == "57014", error.code == .timedOut { return nil }
    return error.isConflict ? .conflict : .failed
  }
}
