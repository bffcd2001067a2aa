public import DeskCore

/// What an operator asked for on a page, and what became of it. Services write it; the executor, which works as the owner, carries it out.
public struct Intent: Sendable, Hashable {
  /// What is to be done. The raw values are stored.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Changes how many processes of a service a desk of `up` runs.
    case scaleWorkers = "workers.scale"
    /// Replays a counted and frozen set of dead letters.
    case replayDeadLetters = "dead_letters.replay"
    /// Revokes an API key.
    case revokeKey = "key.revoke"
    /// Puts a policy into force.
    case applyPolicy = "policy.apply"
    /// Puts an earlier version of the policy into force again, as a new version.
    case restorePolicy = "policy.restore"
    /// Replaces the model in force by the candidate, if that is better.
    case promoteModel = "model.promote"
    /// Puts the previous model into force again.
    case revertModel = "model.back"
    /// Verifies the audit chain.
    case verifyAudit = "audit.verify"
  }

  /// Where it is on its way.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// No executor has taken it yet.
    case pending
    /// An executor works on it.
    case running
    /// It was done.
    case done
    /// A check found that it must not be done; nothing was changed.
    case refused
    /// It could not be done.
    case failed

    /// Whether nothing more happens to it.
    public var isFinal: Bool { self == .done || self == .refused || self == .failed }
  }

  /// Its identifier; begins with the time.
  public let id: IntentID
  /// What is to be done: the raw value of a `Kind`, or one that another build knows.
  public let kind: String
  /// What it is to be done with: an object.
  public let parameters: JSONValue
  /// The text of a policy, with placeholders for its secrets; nil in lists, and where there is none.
  public let document: String?
  /// Why the person wants it.
  public let reason: String
  /// The person's key or session.
  public let requestedBy: Identifier<APIKey>
  /// The label of the key or session: who the person is.
  public let label: String
  /// When it was asked for.
  public let requestedAt: Instant
  /// After which it is no longer begun.
  public let expiresAt: Instant
  /// Where it is on its way.
  public let state: State
  /// How often it was claimed.
  public let term: Int32
  /// When all checks had passed and acting began.
  public let begunAt: Instant?
  /// What the checks found that carrying it out again depends on: an object; nil while it is not begun.
  public let plan: JSONValue?
  /// When it was done, refused or failed.
  public let finishedAt: Instant?
  /// An object: `code`, and what it was about; nil while it is not finished.
  public let result: JSONValue?
}

/// The identifier of an intent.
public typealias IntentID = Identifier<Intent>

/// An intent that a caller wants to write.
public struct IntentRequest: Sendable {
  /// What is to be done.
  public var kind: Intent.Kind
  /// What it is to be done with.
  public var parameters: [JSONValue.Field]
  /// The text of a policy, masked.
  public var document: String?
  /// Why, 1 to 500 characters.
  public var reason: String

  /// Describes a request.
  public init(_ kind: Intent.Kind, _ parameters: [JSONValue.Field], document: String? = nil, reason: String) {
    self.kind = kind
    self.parameters = parameters
    self.document = document
    self.reason = reason
  }
}

/// An intent that an executor has claimed, and what the database says about it at that moment.
public struct ClaimedIntent: Sendable, Hashable {
  /// The intent, `running`.
  public let intent: Intent
  /// Whether it waited longer than it may, and was never begun.
  public let isExpired: Bool
  /// Whether the key or session of who asked for it is still an operator's, valid, and may change things.
  public let isByOperator: Bool
}

/// The services whose number of processes can be changed, and to how many.
public enum ScalableService: String, Sendable, Hashable, CaseIterable {
  case classifier, router
  case slaWatcher = "sla-watcher"
  case notifier

  /// Processes of one service.
  public static let counts = 0...32

  /// Those whose number can follow the load.
  public static let elastic = allCases.filter { ElasticService(rawValue: $0.rawValue) != nil }
}
