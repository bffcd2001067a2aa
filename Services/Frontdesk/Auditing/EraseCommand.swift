import ArgumentParser
import Crypto
import DeskCore
import ServiceKit
import Store

/// Forgets a customer.
struct EraseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Forget a customer of a channel: words, subjects, properties, attachments and name.",
    discussion: """
      Tickets and timelines stay, under a name that says nothing and without the reasons that people wrote. Deliveries that were still \
      owed are withdrawn. The audit proves the \
      erasure without naming the customer; the secret that is printed, once, is the only way to show whose it was: the entry's receipt \
      is the SHA-256 of secret, channel and customer, each followed by a line feed. Backups and receivers of web hooks keep what they have.
      """)

  @Option(help: "The channel.")
  var channel: String

  @Option(help: "The customer, as the channel names them.")
  var customer: String

  @Option(help: "Why, for the audit; without a customer's name in it.")
  var reason: String

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    try OptionRules.check("--channel") { () throws(InputFault) in try InputRules.key(ChannelID(channel)) }
    try OptionRules.check("--customer") { () throws(InputFault) in try InputRules.customer(customer) }
    try OptionRules.check("--reason") { () throws(InputFault) in
      try InputRules.words(reason, longest: EraseCommand.reasonCharacters)
    }
    guard !reason.contains(customer) else { throw ValidationError("--reason must not name the customer") }
  }

  /// Characters of a reason.
  static let reasonCharacters = 500

  func run() async throws {
    let secret = KeySecret.random().text
    let erasure = try await desk.withStore(requestTimeout: .seconds(60)) { store in
      let erasure = try await store.erase(
        customer: customer, of: ChannelID(channel), reason: reason,
        receipt: EraseCommand.receipt(secret: secret, channel: channel, customer: customer))
      // A channel that has left the policy may have left customers behind; only where there are none is its name a mistake.
      if erasure == nil { try await PolicyNames(store).check(channel: ChannelID(channel), agent: nil) }
      return erasure
    }
    guard let erasure else {
      throw CommandFailure(
        "the channel \(channel) has no such customer", remedy: "write the id exactly as the channel does")
    }
    Terminal.say(
      """
      forgotten: \(erasure.tickets) tickets without their customer, \(erasure.messages) messages without words, \
      \(erasure.deliveries) deliveries withdrawn, \(erasure.lessons) lessons unlearnt
      proof: entry \(erasure.entry) of the audit; secret of its receipt: \(secret)
      """)
  }

  /// What stands in the audit for the customer.
  static func receipt(secret: String, channel: String, customer: String) -> String {
    Hexadecimal.text(Array(SHA256.hash(data: Array("\(secret)\n\(channel)\n\(customer)\n".utf8))))
  }
}

/// Drops history that is old enough.
struct RetentionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention",
    abstract: "Drop messages, timelines, closed tickets and all that hangs on them, older than so many days.",
    discussion: """
      Whole days go, oldest first; what a living ticket, an undecided message, a delivery that is owed or a waiting dead letter may need \
      stays. `frontdesk-sla-watcher --retention-days` does the same every hour.
      """)

  @Option(help: "Whole days that are kept.")
  var days: Int

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard KeysCommand.lifetimeDays.contains(days) else {
      throw ValidationError("--days must be from 1 to \(KeysCommand.lifetimeDays.upperBound)")
    }
  }

  func run() async throws {
    let forgotten = try await desk.withStore(requestTimeout: .seconds(60)) { try await $0.forget(olderThan: days) }
    for name in forgotten.partitions { Terminal.say("dropped \(name)") }
    Terminal.say("\(forgotten.partitions.count) days of history dropped, and \(forgotten.rows) rows after them")
  }
}
