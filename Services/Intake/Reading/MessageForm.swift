import DeskCore
import UntrustedInput
import Wire

/// The fields of a message, the same in JSON over HTTP and ZeroMQ and, with the same names, in protobuf.
enum MessageForm {
  private static let names =
    "id, channel, customer, text, subject, thread, sent_at, attributes, attachments, contact, proofs"

  /// Reads one message's JSON object. Names and values are compared byte by byte.
  static func fields(_ value: JSONDocument, channel: ChannelID) throws(MessageFault) -> MessageFields {
    guard case .object(let members) = value else {
      throw wrongKind(value, "", "The message is \(value.kind) instead of an object.", "Send one object per message.")
    }
    var fields = MessageFields()
    for member in members {
      let place = "/" + member.name
      switch try name(of: member, in: "") {
      case "id": fields.id = try text(member.value, place)
      case "channel": try check(try text(member.value, place), isNamed: channel)
      case "customer": fields.customer = try text(member.value, place)
      case "text": fields.text = try text(member.value, place)
      case "subject": fields.subject = try text(member.value, place)
      case "thread": fields.thread = try text(member.value, place)
      case "sent_at": fields.sentAt = try text(member.value, place).map(instant)
      case "attributes": fields.attributes = try attributes(member.value)
      case "attachments": fields.attachments = try attachments(member.value)
      case "contact": fields.contact = try contact(member.value)
      case "proofs": fields.proofs = try proofs(member.value)
      default: throw unknown(member.name, in: "", known: names)
      }
    }
    return fields
  }

  /// Returns a message's id, for the answer to a message that is not accepted; nil if it cannot be read.
  static func id(of value: JSONDocument) -> String? {
    guard case .object(let members) = value,
      case .text(let id)? = members.last(where: { $0.name.hasSameBytes(as: "id") })?.value,
      !id.isEmpty, id.utf8.count <= IntakeBounds.idCharacters * 4
    else { return nil }
    return id
  }

  /// Parses the time at which the channel says that the message was sent.
  static func instant(_ text: String) throws(MessageFault) -> Instant {
    guard let instant = RFC3339.instant(text) else {
      throw MessageFault(
        "/sent_at", value: MessageRules.shortened(text), "Not a valid RFC 3339 timestamp.", remedy: RFC3339.remedy)
    }
    return instant
  }

  /// Checks that a channel named in a message is the channel of its key.
  static func check(_ named: String?, isNamed channel: ChannelID) throws(MessageFault) {
    guard let named, ChannelID(named) != channel else { return }
    throw MessageFault(
      "/channel", value: MessageRules.shortened(named), "The key belongs to a different channel.",
      remedy: "Leave `channel` out, or use that channel's key.")
  }

  // MARK: Values

  private static func name(of member: JSONDocument.Member, in field: String) throws(MessageFault) -> String {
    if let error = member.nameError { throw unreadable(error, field) }
    return member.name
  }

  private static func text(_ value: JSONDocument, _ field: String) throws(MessageFault) -> String? {
    switch value {
    case .text(let text): return text
    case .null: return nil
    default: throw wrongKind(value, field, "The value is \(value.kind) instead of a string.", "Send a string.")
    }
  }

  private static func attributes(_ value: JSONDocument) throws(MessageFault) -> [MessageFields.Attribute] {
    switch value {
    case .null: return []
    case .object(let members):
      var attributes: [MessageFields.Attribute] = []
      for member in members {
        let name = try name(of: member, in: "/attributes")
        switch member.value {
        case .text(let text): attributes.append(MessageFields.Attribute(name: name, value: text))
        case .damaged(let error): throw unreadable(error, "/attributes", value: MessageRules.shortened(name))
        default:
          throw MessageFault(
            "/attributes", value: MessageRules.shortened(name),
            "The attribute of this name is \(member.value.kind) instead of a string.",
            remedy: "Send every attribute as a string.")
        }
      }
      return attributes
    default:
      throw wrongKind(
        value, "/attributes", "The value is \(value.kind) instead of an object.", "Send an object of strings.")
    }
  }

  private static func contact(_ value: JSONDocument) throws(MessageFault) -> MessageFields.Contact? {
    switch value {
    case .null: return nil
    case .object(let members):
      var contact = MessageFields.Contact()
      for member in members {
        let place = "/contact/" + member.name
        switch try name(of: member, in: "/contact") {
        case "name": contact.name = try text(member.value, place)
        case "phone": contact.phone = try text(member.value, place)
        case "email": contact.email = try text(member.value, place)
        default: throw unknown(member.name, in: "/contact", known: "name, phone, email")
        }
      }
      return contact
    default:
      throw wrongKind(
        value, "/contact", "The value is \(value.kind) instead of an object.", "Send an object of name, phone, email.")
    }
  }

  private static func proofs(_ value: JSONDocument) throws(MessageFault) -> [MessageFields.Proof] {
    switch value {
    case .null: return []
    case .object(let members):
      var proofs: [MessageFields.Proof] = []
      for member in members {
        let place = "/proofs/" + member.name
        let kind = try name(of: member, in: "/proofs")
        guard ProofKind(rawValue: kind) != nil else {
          throw unknown(kind, in: "/proofs", known: ProofKind.allCases.map(\.rawValue).joined(separator: ", "))
        }
        if let digest = try text(member.value, place) { proofs.append(.init(kind: kind, digest: digest)) }
      }
      return proofs
    default:
      throw wrongKind(
        value, "/proofs", "The value is \(value.kind) instead of an object.", "Send an object of email, phone, account."
      )
    }
  }

  private static func attachments(_ value: JSONDocument) throws(MessageFault) -> [MessageFields.Attachment] {
    let list: [JSONDocument]
    switch value {
    case .null: return []
    case .list(let elements): list = elements
    default:
      throw wrongKind(
        value, "/attachments", "The value is \(value.kind) instead of an array.", "Send an array of objects.")
    }
    var attachments: [MessageFields.Attachment] = []
    for (position, element) in list.enumerated() {
      attachments.append(try attachment(element, "/attachments/\(position)"))
    }
    return attachments
  }

  private static func attachment(_ value: JSONDocument, _ field: String) throws(MessageFault)
    -> MessageFields.Attachment
  {
    guard case .object(let members) = value else {
      throw wrongKind(
        value, field, "The attachment is \(value.kind) instead of an object.", "Send an object with a `url`.")
    }
    var attachment = MessageFields.Attachment(url: "")
    for member in members {
      let place = field + "/" + member.name
      switch try name(of: member, in: field) {
      case "url": attachment.url = try text(member.value, place) ?? ""
      case "media_type": attachment.mediaType = try text(member.value, place)
      case "name": attachment.name = try text(member.value, place)
      default: throw unknown(member.name, in: field, known: "url, media_type, name")
      }
    }
    return attachment
  }

  // MARK: Faults

  /// A value of the wrong kind, or an unreadable string where a string is expected.
  private static func wrongKind(
    _ value: JSONDocument, _ field: String, _ detail: String, _ remedy: String
  ) -> MessageFault {
    if case .damaged(let error) = value { return unreadable(error, field) }
    return MessageFault(field, detail, remedy: remedy)
  }

  private static func unreadable(_ error: JSONError, _ field: String, value: String? = nil) -> MessageFault {
    MessageFault(field, value: value, error.detail, remedy: error.remedy, rejection: .malformed)
  }

  private static func unknown(_ name: String, in field: String, known: String) -> MessageFault {
    // For parts of a message `attributes` is not suggested: personal data would be stored there unencrypted.
    let remedy = field.isEmpty ? "Leave it out or put it into `attributes`" : "Leave it out"
    return MessageFault(
      field, value: MessageRules.shortened(name), "Unknown field.",
      remedy: "\(remedy); known fields: \(known).")
  }
}

extension MessageFields {
  /// Reads a message that a channel sent in protobuf, where an empty field counts as left out.
  init(_ message: WireChannelMessage, channel: ChannelID) throws(MessageFault) {
    try MessageForm.check(message.channel.isEmpty ? nil : message.channel, isNamed: channel)
    id = message.id
    customer = message.customer
    text = message.text
    subject = message.subject
    thread = message.thread
    sentAt = message.sentAt.isEmpty ? nil : try MessageForm.instant(message.sentAt)
    attributes = message.attributes.map { Attribute(name: $0.name, value: $0.value) }
    attachments = message.attachments.map { Attachment(url: $0.url, mediaType: $0.mediaType, name: $0.name) }
    if message.hasContact {
      contact = Contact(name: message.contact.name, phone: message.contact.phone, email: message.contact.email)
    }
    proofs = message.proofs.map { Proof(kind: $0.name, digest: $0.value) }
  }
}
