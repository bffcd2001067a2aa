import Foundation

/// What the scripted customers and their agent did during a day, in order. Only what they wrote, asked for and were answered is recorded;
/// nothing is taken from the desk's timelines or tables.
struct DayRecord {
  /// The meaning of a customer's message, known to its author.
  enum Meaning: Equatable {
    /// A concern, with the queue that serves it.
    case concern(queue: String)
    /// Closing words.
    case thanks
    /// Something about the concern that is already known.
    case more
  }

  /// A customer as a channel names them.
  struct Writer: Hashable {
    let channel: String
    let customer: String
  }

  enum Act {
    /// A customer wrote, and intake named the ticket.
    case wrote(Writer, Meaning, ticket: String)
    /// The agent accepted a ticket that was then in this queue.
    case took(ticket: String, queue: String)
    /// The agent's reply was accepted.
    case replied(ticket: String, text: String)
    /// The agent's reply was refused.
    case blocked(ticket: String, text: String)
    case resolved(ticket: String)
    case merged(ticket: String, into: String)
    case promised(ticket: String, due: Date)
    /// The agent called back and said so.
    case called(ticket: String, at: Date)
  }

  private(set) var acts: [Act] = []

  mutating func add(_ act: Act) { acts.append(act) }

  /// All tickets that intake opened, including those that were merged into others later.
  var tickets: Set<String> {
    Set(
      acts.compactMap { act in
        if case .wrote(_, _, let ticket) = act { ticket } else { nil }
      })
  }

  /// Those that were not merged into others.
  var livingTickets: Set<String> {
    tickets.subtracting(
      acts.compactMap { act in
        if case .merged(let ticket, _) = act { ticket } else { nil }
      })
  }

  /// The number of messages that customers wrote.
  var messages: Int {
    acts.count { act in
      if case .wrote = act { true } else { false }
    }
  }

  /// The texts of the refused replies.
  var blockedTexts: [String] {
    acts.compactMap { act in
      if case .blocked(_, let text) = act { text } else { nil }
    }
  }
}
