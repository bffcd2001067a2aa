import PolicyReading

/// Limits on everything that the console accepts, holds or repeats.
enum ConsoleBounds {
  // MARK: Requests

  /// Bytes of a request's body; the longest reply fits however it is escaped.
  static let bodyBytes = 256 << 10
  /// Bytes of a request with a policy, whose lines and quotes are escaped; all other bodies have at most `bodyBytes`.
  static let policyBodyBytes = PolicyLimits.bytes * 2 + (64 << 10)
  /// Versions, keys, audit entries and dead letters in one response.
  static let policyVersionsPerPage = 100
  static let keysPerList = 1_000
  static let auditEntriesPerPage = 100
  static let deadLettersPerPage = 200
  /// Tickets that a policy is tried on: at most, and by default.
  static let dryRunTickets = 2_000
  static let dryRunDefault = 500
  /// Dead letters replayed per second: how many may be asked for, and how many by default.
  static let replayRates = 1...1000
  static let replayRate = 50
  /// Characters (Unicode scalars) of a reason, of a follow-up's outcome and of a break's reason. Limits shared with other endpoints are in
  /// `InputBounds`.
  static let reasonCharacters = 500
  /// Characters of what inspectors, agents and leads write about an inspection: comment, remark, appeal and decision.
  static let remarkCharacters = 1_000
  /// Characters of a consult's question and answer.
  static let consultCharacters = 4_000
  /// Consults in one response, the newest ones of an agent or product line that a stream is compared with in each poll, and how long an
  /// answer is sent to a stream that opens.
  static let consultsPerPage = 100
  static let consultsPerLook = 20
  static let consultNewsTime: Duration = .seconds(15 * 60)
  /// How often a step of an inspection is tried against concurrent ones.
  static let inspectionRounds = 5
  /// Entity tags in one `If-Match`.
  static let expectedTags = 16
  /// References to files in one reply.
  static let attachments = 10
  /// Rules that one reply acknowledges.
  static let acknowledgements = PolicyLimits.replyRules
  /// How far ahead the end of a break may be.
  static let longestBreakDays = 366
  static let longestBreak: Duration = .seconds(longestBreakDays * 86_400)
  /// How long an agent has to answer a transfer of a ticket that is in no queue of the policy.
  static let transferTime: Duration = .seconds(30)
  /// Deliveries per second that become due for a resumed hook.
  static let resumedDeliveriesPerSecond = 50
  /// How often a change of a crisis case is repeated because another came first, and the highest number of a point of its checklist.
  static let crisisAttempts = 5
  static let crisisItems = 1_000
  /// Rows per response for follow-ups, feedback and crises.
  static let rowsPerList = 200
  /// Live tickets in one response.
  static let ticketsPerPage = 100
  /// Call-backs in one response.
  static let callBacksPerPage = 100
  /// How far ahead a call-back can be promised.
  static let longestCallBackDays = 90
  static let longestCallBack: Duration = .seconds(longestCallBackDays * 86_400)
  /// Values of one filter of a list.
  static let valuesPerFilter = 32
  /// Characters (Unicode scalars) of a text that is searched.
  static let searchCharacters = 2...100
  /// The database timeout of a list of tickets; usually it takes a tenth of a second at most.
  static let listTimeout: Duration = .seconds(5)
  /// Tickets on a page of a search, and customers beside them.
  static let foundTicketsPerPage = 50
  static let foundCustomers = 5
  /// How long a search may take, and how many run at once.
  static let searchTimeout: Duration = .seconds(2)
  static let searchesAtOnce = 4
  /// Rows of a report on intercepted replies, the most frequent ones.
  static let rowsPerInterceptionReport = 1_000
  /// The database timeout of a report. Shorter than the server waits for a response.
  static let reportTimeout: Duration = .seconds(20)
  /// When to retry a request that arrived while another report was being computed.
  static let reportPause: Duration = .seconds(5)
  /// Rows of an export.
  static let rowsPerExport = 10_000
  /// Merged tickets that are shown with the ticket they became part of.
  static let absorbedTickets = 20
  /// Messages of a conversation, entries of a timeline, and decisions in one response; `StoreBounds.pageBytes` limits their size.
  static let messagesPerPage = 100
  static let entriesPerPage = 200
  static let decisionsPerPage = 50
  /// Notices in one response, and the newest ones that a stream is compared with in each poll.
  static let noticesPerPage = 100
  static let noticesPerLook = 20
  /// Tickets of a person in one response.
  static let ticketsPerHistory = 100
  /// How long a page that says nothing more counts as looking at a ticket. Pages say it every eight seconds.
  static let viewerLease: Duration = .seconds(20)
  /// How long a ticket waits for the stored answer of the CRM.
  static let lookUpTimeout: Duration = .milliseconds(500)
  /// Names that a remedy lists.
  static let namesInRemedy = 60

  // MARK: Sessions

  /// How long a session lasts, and how long without use. Both can be configured up to the limit.
  static let sessionLifetime = "12h"
  static let sessionIdle = "2h"
  static let longestSession: Duration = .seconds(7 * 86_400)
  /// Requests per second of one session, and the seconds' worth of them that it may send at once.
  static let sessionRequests = 50
  static let sessionBurstSeconds = 4
  /// Characters of a sign-in link's secret that are read.
  static let signInSecretCharacters = 128
  /// Sessions in one list.
  static let sessionsPerList = 1_000

  // MARK: Streams

  /// Open streams of this process, and of one agent.
  static let streams = 1_000
  static let streamsPerAgent = 4
  /// Events that may wait for a slow reader; beyond that the stream ends, and the reader reconnects.
  static let eventsPerStream = 64
  /// Messages of a customer in an offer.
  static let messagesPerOffer = 20
  /// How often the database is polled for offers, independent of hints.
  static let offerPause: Duration = .seconds(1)
  /// The interval of keep-alives on a stream, and of presence updates in the database.
  static let pingPause: Duration = .seconds(10)
  /// How often an agent's requests are recorded as signs of life; a router takes an agent to be offline after nine times as long.
  static let signOfLifePause: Duration = .seconds(5)
  /// Agents whose tickets are read in one poll; the others follow in the next.
  static let agentsPerLook = 256
}
