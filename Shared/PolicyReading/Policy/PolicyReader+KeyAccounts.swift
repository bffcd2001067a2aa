import DeskCore

// MARK: - Key accounts and their rota

extension PolicyReader {
  /// Reads `key_accounts:`, customers whose dedicated agents follow a rota.
  mutating func keyAccounts(_ place: PolicyNode?) -> KeyAccounts {
    var accounts: [KeyAccount] = []
    var known: Set<Correspondent> = []
    for item in items(place, limit: PolicyLimits.keyAccounts) {
      guard let account = keyAccount(item, &known) else { continue }
      if accounts.contains(where: { $0.name.hasSameBytes(as: account.name) }) {
        report(item, "another key account has the name \(quoted(account.name))", remedy: "choose another name")
      }
      accounts.append(account)
    }
    return KeyAccounts(accounts)
  }

  private mutating func keyAccount(_ item: PolicyNode, _ known: inout Set<Correspondent>) -> KeyAccount? {
    let keys = ["name", "customers", "time_zone", "rota", "exceptions", "deputies"]
    guard let fields = fields(of: item, known: keys) else { return nil }
    let name = needed("name", in: fields).flatMap { text($0) }
    var customers: Set<Correspondent> = []
    for entry in named(needed("customers", in: fields)) {
      guard let channel: ChannelID = reference(entry.key, to: "channel", among: channelNames) else { continue }
      for place in itemsOrOne(entry.value, limit: PolicyLimits.accountCustomers) {
        guard let id = text(place) else { continue }
        let customer = Correspondent(id, on: channel)
        if !known.insert(customer).inserted {
          report(place, "the customer belongs to a key account already", remedy: "list each customer once")
        }
        customers.insert(customer)
      }
    }
    let zone = needed("time_zone", in: fields).flatMap { self.zone($0) }
    let shifts = items(fields["rota"], limit: PolicyLimits.shifts).compactMap { shift($0) }
    var exceptions: [Int: [AgentID]] = [:]
    for entry in entries(fields["exceptions"]) {
      let agents = entry.value.isNull ? [] : agentList(entry.value)
      for day in days(entry.key, text: entry.name) where exceptions.updateValue(agents, forKey: day) != nil {
        report(entry.key, "the date is listed twice", remedy: "list it once")
        break
      }
    }
    let deputies = fields["deputies"].map { agentList($0) } ?? []
    if fields["rota"] == nil, fields["exceptions"] == nil, fields["deputies"] == nil {
      report(item, "no one serves the account", remedy: "add `rota:` or `deputies:`")
    }
    guard let name, let zone else { return nil }
    return KeyAccount(
      name: name, customers: customers, zone: zone, shifts: shifts, exceptions: exceptions, deputies: deputies)
  }

  private mutating func shift(_ item: PolicyNode) -> KeyAccount.Shift? {
    guard let fields = fields(of: item, known: ["agent", "days", "hours"]) else { return nil }
    let agent: AgentID? = needed("agent", in: fields).flatMap { reference($0, to: "agent", among: knownAgents) }
    var weekdays: Set<Int> = []
    for place in needed("days", in: fields).map({ itemsOrOne($0) }) ?? [] {
      guard let (text, _) = scalar(place) else { continue }
      if let days = self.weekdays(text) {
        weekdays.formUnion(days)
      } else {
        report(place, "\(quoted(text)) is not a weekday", remedy: "write monday to sunday, or monday..friday")
      }
    }
    let hours = fields["hours"].map { self.hours($0) } ?? [0..<1_440]
    return agent.map { KeyAccount.Shift($0, weekdays: weekdays, hours: hours) }
  }

  private var knownAgents: Set<String> { Set(agents.keys.map(\.rawValue)) }

  /// Reads agents in order.
  private mutating func agentList(_ place: PolicyNode) -> [AgentID] {
    let known = knownAgents
    return itemsOrOne(place, limit: PolicyLimits.shifts).compactMap { reference($0, to: "agent", among: known) }
  }
}
