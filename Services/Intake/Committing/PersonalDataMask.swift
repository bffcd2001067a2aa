import DeskCore
import Language

/// Removes data that identifies a person or opens an account from what customers write, if the channel's policy asks for it: before the
/// digest is computed and before anything is stored or passed on. Everything that customers write passes through here, over HTTP and
/// ZeroMQ.
///
/// What the system operates on is kept: the ids of the customer and the message, the URLs of attachments, and the contact, which is stored
/// encrypted.
struct PersonalDataMask {
  private let finder = PersonalDataFinder()
  private let metrics: IntakeMetrics

  init(_ metrics: IntakeMetrics) { self.metrics = metrics }

  /// Whether a channel's policy asks for masking. True before the first policy, and under one that this build cannot read: nothing is known
  /// of any channel then, and personal data must not be stored by mistake.
  static func isAsked(for channel: ChannelID, under policy: Policy?) -> Bool {
    guard let policy else { return true }
    return policy.channels[channel]?.masksPersonalData ?? false
  }

  func masked(_ draft: MessageDraft) -> MessageDraft {
    let masked = MessageDraft(
      id: draft.id, customer: draft.customer, text: finder.mask(draft.text), subject: draft.subject.map(finder.mask),
      thread: draft.thread.map(finder.mask), sentAt: draft.sentAt, attributes: masked(draft.attributes),
      attachments: draft.attachments.map { attachment in
        .init(
          url: attachment.url, mediaType: attachment.mediaType.map(finder.mask), name: attachment.name.map(finder.mask))
      }, contact: draft.contact, proofs: draft.proofs)
    if masked != draft { metrics.masked() }
    return masked
  }

  /// A customer's comment on a rating.
  func masked(comment: String) -> String {
    let masked = finder.mask(comment)
    if masked != comment { metrics.masked() }
    return masked
  }

  /// Names that become equal are numbered, so that no value is lost.
  private func masked(_ attributes: [MessageFields.Attribute]) -> [MessageFields.Attribute] {
    var taken: Set<ExactString> = []
    return attributes.map { attribute in
      let name = finder.mask(attribute.name)
      var free = name
      var number = 1
      while !taken.insert(ExactString(free)).inserted {
        number += 1
        free = "\(name) \(number)"
      }
      return .init(name: free, value: finder.mask(attribute.value))
    }
  }
}
