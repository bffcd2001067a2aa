import DeskCore

/// The limits of policy files, all in one place.
public enum PolicyLimits {
  /// The largest file, in bytes.
  public static let bytes = 1 << 20
  /// The maximum number of reported mistakes; the rest is only counted.
  public static let mistakes = 200
  /// The maximum nesting depth of conditions.
  public static let conditionDepth = 16
  /// The maximum number of parts, values or keywords of one condition.
  public static let conditionParts = 1_000
  /// How many words of the file may look like an alias (`*name`) before the file is rejected unread, because a chain of
  /// aliases grows without bound while it is composed. Fewer are rejected one by one, each at its place.
  public static let aliasLikeWords = 16
  /// The maximum number of agents.
  public static let agents = 20_000
  /// The maximum number of names that are searched for a similar one when a name is unknown; the search reads every letter of each.
  public static let namesCompared = 500
  /// The maximum number of entries in any other section.
  public static let entries = 2_000
  /// The maximum length of a title, keyword or category, in characters.
  public static let textCharacters = 200
  /// The maximum length of a hook's URL, in characters.
  public static let addressCharacters = 2_048
  /// The maximum number of secrets of a hook.
  public static let secrets = 4
  /// The maximum number of warnings before a breach.
  public static let warnings = 9
  /// The maximum number of steps of an escalation ladder.
  public static let escalationSteps = 20
  /// The capacity of an agent, in weight.
  public static let capacity: ClosedRange<Int> = 1...1_000
  /// The weight of a channel's tickets.
  public static let weight: ClosedRange<Int> = 1...1_000
  /// Concurrent deliveries to one hook.
  public static let parallelDeliveries: ClosedRange<Int> = 1...64
  /// The range of N, where every Nth offer goes to the most overdue ticket.
  public static let overdueTurn: ClosedRange<Int> = 2...1_000
  /// How much earlier than its target a ticket of a priority class or of a customer tier may count as due.
  public static let headStart: ClosedRange<Duration> = .zero...(.seconds(24 * 3_600))
  /// The range of a queue's limit, in tickets.
  public static let queueLimit: ClosedRange<Int> = 1...1_000_000
  /// How long an offer may stay open.
  public static let offerTime: ClosedRange<Duration> = .seconds(1)...(.seconds(3_600))
  /// How long an agent may leave a customer without a reply.
  public static let reclaimAfter: ClosedRange<Duration> = .seconds(10)...(.seconds(30 * 86_400))
  /// The minimum number of tickets of one kind per quarter of an hour to be hot.
  public static let hotIssueTickets: ClosedRange<Int> = 2...1_000_000
  /// How many kinds must be hot at once for a crisis case, and how many tickets must mention a topic.
  public static let crisisKinds: ClosedRange<Int> = 2...100
  public static let crisisMentions: ClosedRange<Int> = 1...10_000
  /// The maximum numbers of topics, of points of the checklist and of prepared answers of `crises:`. Every message is searched for the
  /// words of every topic.
  public static let crisisTopics = 50
  public static let crisisPoints = 50
  public static let crisisAnswers = 50
  /// The maximum numbers of articles, of question variants and steps of each, and of characters of an answer, a question or a step.
  public static let articles = 500
  public static let articleLines = 50
  public static let articleCharacters = 4_000
  /// The maximum number of article files of a policy, one for each language of an article, and the bytes of one.
  public static let articleFiles = 1_000
  public static let articleFileBytes = 1 << 16
  /// The maximum numbers of reply rules, and of the terms and patterns of all of them: each reply is searched for all.
  public static let replyRules = 100
  public static let replyTerms = 5_000
  public static let replyPatterns = 200
  /// The maximum number of criteria of the inspection form, the weight of one, and its best score.
  public static let inspectionCriteria = 30
  public static let criterionWeight: ClosedRange<Int> = 1...100
  public static let criterionScale: ClosedRange<Int> = 1...100
  /// The scores of all scales.
  public static let scores: ClosedRange<Int> = 0...criterionScale.upperBound
  /// How long an agent may have for an appeal.
  public static let appealTime: ClosedRange<Duration> = .seconds(60)...(.seconds(365 * 86_400))
  /// How many calmer messages in a row may pass before the anger or urgency of a conversation falls.
  public static let calmAfter: ClosedRange<Int> = 1...20
  /// The maximum number of phrases in each list of `conversation:`; each is looked for in every short message.
  public static let phrases = 200
  /// How long a ticket that only greets may wait for the concern.
  public static let greetingWait: ClosedRange<Duration> = .zero...(.seconds(600))
  /// How long a state must last before its customer is notified, and the shortest time between two notices of one ticket.
  public static let progressTime: ClosedRange<Duration> = .zero...(.seconds(7 * 86_400))
  /// The maximum length of a progress notice's text, in characters, before placeholders get their values.
  public static let progressCharacters = 1_000
  /// How long after an overload's promise a call-back may be due, and how long before that its owner is warned.
  public static let callBackWithin: ClosedRange<Duration> = .seconds(1)...(.seconds(30 * 86_400))
  public static let callBackWarning: ClosedRange<Duration> = .zero...(.seconds(86_400))
  /// How long the oldest ticket of a queue may wait before the queue can count as stuck.
  public static let stuckAfter: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400))
  /// The times by which agents in reserve are called and sent back.
  public static let reserveTimes: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400))
  /// The workers of one service, in percent of the base what its reserve has and how busy workers should be, and its times.
  public static let capacityWorkers: ClosedRange<Int> = 1...CapacityBounds.workers.upperBound
  public static let capacityReserve: ClosedRange<Int> = 0...1_000
  public static let capacityBusy: ClosedRange<Int> = 1...100
  public static let capacityTime: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400))
  public static let capacityLead: ClosedRange<Duration> = .zero...(.seconds(86_400))
  /// The maximum number of scheduled reports; each is computed by one process.
  public static let reportSchedules = 100
  /// How long an answer of the CRM counts as fresh.
  public static let lookUpKeep: ClosedRange<Duration> = .seconds(10)...(.seconds(86_400))
  /// How long an answer to a question may be awaited.
  public static let questionWait: ClosedRange<Duration> = .seconds(10)...(.seconds(600))
  /// How many questions a ticket may be asked, and how often one of them.
  public static let questionTurns: ClosedRange<Int> = 1...5
  public static let questionAttempts: ClosedRange<Int> = 1...3
  /// The maximum numbers of questionnaires, of questions of each, of patterns or choices of a field, and of characters of a question.
  public static let questionnaires = 100
  public static let questions = 8
  public static let fieldForms = 50
  public static let questionCharacters = 1_000
  /// The characters of a free text that are kept as a field.
  public static let fieldCharacters: ClosedRange<Int> = 1...500
  /// The maximum numbers of key accounts, and of customers, shifts, and deputies of each.
  public static let keyAccounts = 500
  public static let accountCustomers = 1_000
  public static let shifts = 100
  /// Any other time that a policy states.
  public static let time: ClosedRange<Duration> = .zero...(.seconds(3_650 * 86_400))
  /// The years whose clock changes calendars know, and in which their dates must be.
  public static let years: ClosedRange<Int> = 2020...2040
}

/// The defaults of a policy.
public enum PolicyDefaults {
  /// How long an agent has to answer an offer.
  public static let offerTime: Duration = .seconds(30)
  /// How long after resolution a message reopens the ticket.
  public static let reopenWindow: Duration = .seconds(72 * 3_600)
  /// How much of a capacity a channel's ticket takes.
  public static let weight = 1
  /// The capacity of an agent.
  public static let capacity = 5
  /// How long an agent has to appeal against the result of an inspection.
  public static let appealTime: Duration = .seconds(7 * 86_400)
  /// The best score of a criterion.
  public static let criterionScale = 5
  /// Concurrent deliveries to one hook.
  public static let parallelDeliveries = 4
  /// How long an answer of the CRM counts as fresh.
  public static let lookUpKeep: Duration = .seconds(600)
}
