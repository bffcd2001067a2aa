package import ArgumentParser
import CommandLineTool
import Crypto
import DeskCore
import Store
import UntrustedInput

/// Erases a customer's data.
package struct EraseCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Erase a channel customer's data: message texts, subjects, properties, attachments and name.",
    discussion: """
      Tickets and timelines remain, under a pseudonym and without free-text reasons. Pending deliveries \
      are withdrawn. The audit proves the \
      erasure without naming the customer; the secret, printed once, is the only way to show whose data it was: the entry's receipt \
      is the SHA-256 of secret, channel and customer, each followed by a line feed. Backups and receivers of web hooks keep their copies.
      """)

  @Option(help: "The channel.")
  var channel: String

  @Option(help: "The customer's id in the channel.")
  var customer: String

  @Flag(help: "Also erase the other identities that belong to the same person.")
  var person = false

  @Option(help: "The reason, for the audit; it must not name the customer.")
  var reason: String

  package init() {}

  @OptionGroup var desk: DeskOptions

  package func validate() throws {
    try OptionRules.check("--channel") { () throws(InputFault) in try InputRules.key(ChannelID(channel)) }
    try OptionRules.check("--customer") { () throws(InputFault) in try InputRules.customer(customer) }
    try OptionRules.check("--reason") { () throws(InputFault) in
      try InputRules.words(reason, longest: EraseCommand.reasonCharacters)
    }
    guard !reason.contains(customer) else { throw ValidationError("--reason must not name the customer") }
  }

  /// The allowed number of characters of a reason.
  static let reasonCharacters = 500

  package func run() async throws {
    let secret = KeySecret.random().text
    let named = Correspondent(customer, on: ChannelID(channel))
    let erasures = try await desk.withStore(requestTimeout: .seconds(60)) { store in
      // The named one last: until it is gone, the command can be repeated after an interruption.
      let others = person ? try await store.privacy.identities(of: named).filter { $0 != named } : []
      var erasures: [(customer: Correspondent, erasure: Erasure)] = []
      for one in others + [named] {
        let erasure = try await store.privacy.erase(
          customer: one.customer, of: one.channel, reason: reason,
          receipt: EraseCommand.receipt(secret: secret, channel: one.channel.rawValue, customer: one.customer))
        if let erasure { erasures.append((one, erasure)) }
      }
      // A channel removed from the policy may still have customers; only where it has none is its name a mistake.
      if erasures.isEmpty { try await PolicyNames(store).check(channel: ChannelID(channel), agent: nil) }
      return erasures
    }
    guard !erasures.isEmpty else {
      throw CommandFailure(
        "the channel \(channel) has no such customer", remedy: "write the id exactly as the channel sends it")
    }
    for (erased, erasure) in erasures {
      if person { Terminal.say("customer \(erased.customer) of \(erased.channel):") }
      Terminal.say(
        """
        erased: customer of \(erasure.tickets) tickets, text of \(erasure.messages) messages; \
        \(erasure.deliveries) deliveries withdrawn, \(erasure.lessons) training examples deleted
        proof: audit entry \(erasure.entry); receipt secret: \(secret)
        """)
    }
  }

  /// Returns the value that represents the customer in the audit.
  static func receipt(secret: String, channel: String, customer: String) -> String {
    Hexadecimal.text(Array(SHA256.hash(data: Array("\(secret)\n\(channel)\n\(customer)\n".utf8))))
  }
}

/// Drops old history.
package struct RetentionCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "retention",
    abstract: "Drop messages, timelines, closed tickets and related data older than the given number of days.",
    discussion: """
      Whole days are dropped, oldest first; data that an open ticket, an undecided message, a pending delivery or a waiting dead letter \
      may need is kept. `frontdesk-sla-watcher --retention-days` does the same every hour.
      """)

  @Option(help: "Whole days to keep.")
  var days: Int

  package init() {}

  @OptionGroup var desk: DeskOptions

  package func validate() throws {
    guard KeysCommand.lifetimeDays.contains(days) else {
      throw ValidationError("--days must be from 1 to \(KeysCommand.lifetimeDays.upperBound)")
    }
  }

  package func run() async throws {
    let forgotten = try await desk.withStore(requestTimeout: .seconds(60)) {
      try await $0.privacy.forget(olderThan: days)
    }
    for name in forgotten.partitions { Terminal.say("dropped \(name)") }
    Terminal.say("\(forgotten.partitions.count) days of history dropped, and \(forgotten.rows) related rows")
  }
}
