package import DeskCore
package import Store

// MARK: - Accepting

extension SimulatedDatabase {
  /// As `InboxStore.accept`. Nothing else holds rows here, so no message is ever held up.
  package mutating func accept(
    _ batch: [IncomingMessage], owner: InstanceID?, messagesPerTicket: Int = StoreBounds.messagesPerTicket
  ) -> [AcceptOutcome] {
    precondition(batch.count <= StoreBounds.messagesPerAccept, "the caller must limit the batch size")
    var homes: [Correspondent: Opening] = [:]
    // Whether a ticket has room is decided once for all of a customer's messages.
    let fresh = batch.filter { keys[NameOnChannel($0.externalID, on: $0.channel)] == nil }
    for message in fresh {
      let author = Correspondent(message.customer, on: message.channel)
      var home = homes[author] ?? home(of: author, opening: message.ticket, messagesPerTicket)
      home.messages += 1
      homes[author] = home
    }
    for home in homes.values.sorted(by: { $0.ticket < $1.ticket }) { openings.put(home) }
    return batch.map { message in
      let key = NameOnChannel(message.externalID, on: message.channel)
      if let known = keys[key] { return known.answer(to: message) }
      let author = Correspondent(message.customer, on: message.channel)
      guard let home = homes[author] else { preconditionFailure("every new message has a home") }
      let ticket = home.leadsTo
      keys[key] = AcceptedKey(digest: message.digest, message: message.id, ticket: ticket, at: now)
      add(SimulatedMessage(message, on: ticket, at: now))
      let opens = ticket == message.ticket
      inbox[message.id] = InboxRow(
        message: message.id, ticket: ticket, owner: owner, opensTicket: opens, acceptedAt: now)
      return .accepted(
        Acceptance(message: message.id, ticket: ticket, opensTicket: opens, tier: home.tier, acceptedAt: now))
    }
  }

  /// Finds or opens the ticket of a customer; a full one goes on without their next messages.
  private mutating func home(of author: Correspondent, opening fresh: TicketID, _ messagesPerTicket: Int) -> Opening {
    var previous = customers[author]?.lastTicket
    if var known = openings[author] {
      guard known.messages >= messagesPerTicket else { return known }
      known.isFull = true
      openings.put(known)
      previous = known.leadsTo
    }
    return opening(of: author, fresh, previous: previous)
  }

  private func opening(of author: Correspondent, _ ticket: TicketID, previous: TicketID?) -> Opening {
    Opening(
      channel: author.channel, customer: author.customer, ticket: ticket,
      tier: customers[author]?.tier ?? .standard, openedAt: now, previous: previous)
  }

  /// As `InboxStore.claimRequestKey`.
  package mutating func claimRequestKey(_ key: String, channel: ChannelID, digest: [UInt8]) -> RequestKeyClaim {
    let name = NameOnChannel(key, on: channel)
    guard let known = requestKeys[name] else {
      requestKeys[name] = digest
      return .new
    }
    return known == digest ? .repeated : .taken
  }

  mutating func add(_ message: SimulatedMessage) {
    messages[message.id] = message
    messagesOfTicket[message.ticket, default: []].append(message.id)
  }

  /// Sets what the desk knows of a customer; it applies to tickets opened from now on.
  package mutating func setCustomer(
    _ customer: String, of channel: ChannelID, tier: CustomerTier, dedicatedAgent: AgentID? = nil
  ) {
    customers[Correspondent(customer, on: channel), default: SimulatedCustomer()].tier = tier
    customers[Correspondent(customer, on: channel), default: SimulatedCustomer()].dedicatedAgent = dedicatedAgent
  }
}

extension AcceptedKey {
  fileprivate func answer(to message: IncomingMessage) -> AcceptOutcome {
    guard digest == message.digest else { return .conflict }
    return .duplicate(
      Acceptance(message: self.message, ticket: ticket, opensTicket: false, tier: .standard, acceptedAt: at))
  }
}

extension SimulatedMessage {
  fileprivate init(_ message: IncomingMessage, on ticket: TicketID, at now: Instant) {
    self.init(
      id: message.id, ticket: ticket, direction: 1, channel: message.channel, author: message.customer, addressee: nil,
      subject: message.subject, body: message.body, attributes: message.attributesText,
      attachments: message.attachmentsText, productLine: message.productLine, traceparent: message.traceparent, at: now)
  }
}

// MARK: - Claiming

extension SimulatedDatabase {
  /// As `InboxStore.adopt`.
  package mutating func adopt(for adopter: InstanceID, limit: Int) -> [UndecidedMessage] {
    let picked = inbox.order(labelled: false).first(
      min(limit, StoreBounds.rowsPerClaim), from: nil,
      where: { message in
        guard let row = inbox[message], row.attempts < StoreBounds.attemptsBeforeAlone else { return false }
        return row.owner == nil ? isUnclaimed(row) : isOrphaned(row)
      })
    let heldUntil = now + StoreBounds.heldTime
    return take(picked) { row in
      row.owner = adopter
      row.claimedUntil = heldUntil
    }
  }

  /// As `InboxStore.claimUnlabelled`.
  package mutating func claimUnlabelled(olderThan age: Duration, limit: Int) -> [UndecidedMessage] {
    claim(labelled: false, olderThan: age, limit: limit)
  }

  /// As `InboxStore.claimLabelled`.
  package mutating func claimLabelled(olderThan age: Duration, limit: Int) -> [UndecidedMessage] {
    claim(labelled: true, olderThan: age, limit: limit)
  }

  private mutating func claim(labelled: Bool, olderThan age: Duration, limit: Int) -> [UndecidedMessage] {
    let suspect = inbox.retried.first(
      1, from: nil,
      where: { message in
        guard let row = inbox[message], (row.labels != nil) == labelled,
          row.attempts < StoreBounds.attemptsBeforePoison
        else { return false }
        return isStale(row, age)
      })
    let picked =
      suspect.isEmpty
      ? inbox.order(labelled: labelled).first(
        min(limit, StoreBounds.rowsPerClaim), from: nil,
        where: { message in
          inbox[message].map { $0.attempts < StoreBounds.attemptsBeforeAlone && isStale($0, age) } ?? false
        }) : suspect
    return takeAttempt(picked)
  }

  /// As `InboxStore.claimPoisoned`.
  package mutating func claimPoisoned(limit: Int) -> [UndecidedMessage] {
    takeAttempt(
      inbox.retried.first(
        limit, from: nil,
        where: { message in
          inbox[message].map { $0.attempts >= StoreBounds.attemptsBeforePoison && isUnclaimed($0) } ?? false
        }))
  }

  private mutating func takeAttempt(_ picked: [MessageID]) -> [UndecidedMessage] {
    let claimedUntil = now + StoreBounds.claimTime
    return take(picked) { row in
      row.attempts += 1
      row.owner = nil
      row.claimedUntil = claimedUntil
    }
  }

  private mutating func take(
    _ picked: [MessageID], _ change: (inout InboxRow) -> Void
  ) -> [UndecidedMessage] {
    picked.compactMap { message in
      guard var row = inbox[message] else { return nil }
      change(&row)
      inbox[message] = row
      return undecided(row)
    }
  }

  private func undecided(_ row: InboxRow) -> UndecidedMessage? {
    guard let message = messages[row.message] else { return nil }
    return UndecidedMessage(
      id: row.message, ticket: row.ticket, channel: message.channel, customer: message.author,
      tier: openings[row.ticket]?.tier ?? .standard, subject: message.subject, body: message.body,
      acceptedAt: row.acceptedAt, opensTicket: row.opensTicket, traceparent: message.traceparent,
      attempts: row.attempts, productLine: message.productLine, suggestions: row.suggestions, guesses: row.guesses,
      labels: row.labels)
  }

  // MARK: Conditions

  /// No claim is dated later than `heldTime` from now; a later one was written before the clock was set back.
  private func isUnclaimed(_ row: InboxRow) -> Bool {
    guard let until = row.claimedUntil else { return true }
    return until < now || until > now + StoreBounds.heldTime * 2
  }

  private func isOrphaned(_ row: InboxRow) -> Bool { row.owner.map { !isLiving($0) } ?? false }

  private func hasWaited(_ row: InboxRow, _ age: Duration) -> Bool {
    row.acceptedAt <= now - age || row.acceptedAt > now + age
  }

  private func isStale(_ row: InboxRow, _ age: Duration) -> Bool {
    guard let owner = row.owner else { return isUnclaimed(row) && hasWaited(row, age) }
    return isLiving(owner)
      ? isUnclaimed(row) && hasWaited(row, max(age, StoreBounds.heldTime)) : hasWaited(row, age)
  }
}

// MARK: - Undecided messages

extension SimulatedDatabase {
  /// As `InboxStore.write`.
  package mutating func write(
    labels: [(MessageID, Labels)], suggestions: [MessageID: [ArticleSuggestion]] = [:],
    guesses: [MessageID: [LabelGuess]] = [:]
  ) {
    for (message, label) in labels {
      guard var row = inbox[message], row.labels == nil else { continue }
      row.labels = label
      row.suggestions = suggestions[message] ?? []
      row.guesses = guesses[message] ?? []
      row.claimedUntil = nil
      row.attempts = 0
      inbox[message] = row
    }
  }

  /// As `InboxStore.release`.
  package mutating func release(_ messages: [MessageID], heldBy owner: InstanceID) {
    for message in messages {
      guard var row = inbox[message], row.owner == owner else { continue }
      row.owner = nil
      row.claimedUntil = nil
      inbox[message] = row
    }
  }

  /// As `InboxStore.releaseAll`.
  package mutating func releaseAll(heldBy owner: InstanceID) {
    release(inbox.all.filter { $0.owner == owner }.map(\.message), heldBy: owner)
  }

  /// As `InboxStore.countAttempts`.
  package mutating func countAttempts(of messages: [MessageID]) {
    for message in Set(messages).sorted() {
      guard var row = inbox[message] else { continue }
      row.attempts += 1
      inbox[message] = row
    }
  }

  /// As `InboxStore.undecidedWords`.
  package func undecidedWords(of messages: [MessageID]) -> [MessageID: (author: String, text: String)] {
    var words: [MessageID: (author: String, text: String)] = [:]
    for id in messages where inbox[id] != nil {
      let message = self.messages[id]
      words[id] = (author: message?.author ?? "", text: message?.body ?? "")
    }
    return words
  }

  /// The undecided messages, oldest first.
  package var undecidedMessages: [MessageID] { inbox.all.map(\.message) }

  /// As `InboxStore.rehome`.
  package mutating func rehome(_ message: MessageID, freshTicket: TicketID) -> Bool {
    guard var row = inbox[message], openings.live(row.ticket) == nil, let words = messages[message] else {
      return false
    }
    let home = openTicket(
      of: Correspondent(words.author, on: words.channel), fresh: freshTicket, previous: row.ticket)
    guard home != row.ticket else { return false }
    move(message, to: home)
    row.ticket = home
    row.opensTicket = home == freshTicket
    row.owner = nil
    row.claimedUntil = nil
    inbox[message] = row
    return true
  }

  /// Finds or creates the open ticket of a customer. If the customer's row points to an ended ticket, it becomes the row of a new one.
  mutating func openTicket(of author: Correspondent, fresh: TicketID, previous: TicketID) -> TicketID {
    if let known = openings[author] {
      if known.mergedInto.map({ openings.live($0) != nil }) ?? true { return known.leadsTo }
      openings.remove(known.ticket)
    }
    openings.put(opening(of: author, fresh, previous: previous))
    return fresh
  }

  mutating func move(_ id: MessageID, to ticket: TicketID) {
    guard let message = messages[id] else { return }
    messagesOfTicket[message.ticket]?.removeAll { $0 == id }
    messages[id]?.ticket = ticket
    messagesOfTicket[ticket, default: []].append(id)
  }
}
