package import DeskCore

// MARK: - The whole document

extension PolicyReader {
  /// Reads the document; returns nil or a value along with mistakes when something is wrong.
  package mutating func policy(_ root: PolicyNode, version: Int32) -> Policy? {
    let sections = [
      "version", "calendars", "teams", "skills", "categories", "agents", "queues", "head_starts", "rules",
      "default_queue", "triage",
      "service_levels", "channels", "hooks", "closing", "answers", "articles", "feedback",
      "hot_issues", "crises", "conversation", "questions", "key_accounts", "customer_lookup", "reports", "progress",
      "call_backs", "stuck_queues", "reserve_calls", "product_lines", "capacity",
      "article_files",
      "article_texts",
      "reply_rules", "inspection", "events",
    ]
    guard let file = fields(of: root, known: sections) else { return nil }
    if let place = needed("version", in: file) { _ = integer(place, in: 1...1) }

    // Names first: a section may refer to any other, whatever their order in the file.
    let calendarEntries = named(file["calendars"])
    let teamEntries = named(file["teams"])
    let skillEntries = named(file["skills"])
    let queueEntries = named(file["queues"])
    let channelEntries = named(file["channels"])
    let hookEntries = named(file["hooks"])
    calendarNames = Set(calendarEntries.map(\.name))
    calendarNames.insert("always")
    teamNames = Set(teamEntries.map(\.name))
    skillNames = Set(skillEntries.map(\.name))
    queueNames = Set(queueEntries.map(\.name))
    channelNames = Set(channelEntries.map(\.name))
    hookNames = Set(hookEntries.map(\.name))

    let calendars = calendars(calendarEntries)
    for entry in skillEntries { skill(entry) }
    for entry in entries(file["categories"]) { category(entry) }
    readAgents(file["agents"])
    let teams = teams(teamEntries)
    let hooks = hooks(hookEntries)
    let channels = channels(channelEntries)
    let lookUp = customerLookUp(file["customer_lookup"])
    if queueEntries.isEmpty, file["queues"] == nil {
      report(root, "'queues' is missing", remedy: "declare at least one queue")
    }
    let queues = queues(queueEntries)
    checkOverflow(queues, queueEntries)
    let headStarts = headStarts(file["head_starts"])
    let triage = needed("triage", in: file).flatMap { self.triage($0) }
    life.questions = questions(file["questions"])
    let rules = rules(file["rules"], queues: queues, triageBelow: triage?.below ?? 0)
    let levels = serviceLevels(file["service_levels"], calendars: calendars)
    let defaultQueue: QueueID? = needed("default_queue", in: file).flatMap {
      reference($0, to: "queue", among: queueNames)
    }

    life.closing = closing(file["closing"])
    life.conversation = conversation(file["conversation"])
    life.progress = progress(file["progress"])
    life.callBacks = callBacks(file["call_backs"])
    life.stuckQueues = stuckQueues(file["stuck_queues"])
    life.reserveCalls = reserveCalls(file["reserve_calls"])
    life.capacity = capacity(file["capacity"])
    life.keyAccounts = keyAccounts(file["key_accounts"])
    life.interfaces = productLines(file["product_lines"])
    answers(file["answers"], articles: file["articles"])
    articleFiles(file["article_files"], texts: file["article_texts"])
    learning(feedback: file["feedback"], hotIssues: file["hot_issues"])
    let replyRules = replyRules(file["reply_rules"])
    let inspection = inspection(file["inspection"])
    let events = events(file["events"])
    life.crisis = crises(file["crises"])
    life.reportSchedules = reportSchedules(file["reports"])

    guard let defaultQueue, let triage else { return nil }
    var policy = Policy(
      version: version, teams: teams, agents: agents, queues: queues, headStarts: headStarts, rules: rules,
      defaultQueue: defaultQueue, triageQueue: triage.queue, triageThreshold: triage.below, serviceLevels: levels,
      calendars: calendars,
      channels: channels, hooks: hooks, life: life, customerLookUp: lookUp)
    policy.replyRules = replyRules
    policy.inspection = inspection
    policy.events = events
    return policy
  }

  private mutating func triage(_ place: PolicyNode) -> (queue: QueueID, below: Double)? {
    guard let fields = fields(of: place, known: ["queue", "below"]) else { return nil }
    let queue: QueueID? = needed("queue", in: fields).flatMap { reference($0, to: "queue", among: queueNames) }
    let below = needed("below", in: fields).flatMap { share($0) }
    guard let queue, let below else { return nil }
    return (queue, below)
  }
}
