import DeskCore
import ServiceKit
import Wire

/// The two JSON forms of a message, which differ in the spelling of a few names.
enum MessageForm: Sendable {
  /// HTTP: `sent_at` after RFC 3339, `channel` may be repeated.
  case web
  /// A channel's ZeroMQ socket: the proto3 JSON mapping of `ChannelMessage`.
  case wire

  private static let webNames =
    "id, channel, customer, text, subject, thread, sent_at, attributes, attachments, contact"
  private static let wireNames = "id, customer, text, subject, thread, sentAtMs, attributes, attachments, contact"

  /// Reads one message's JSON object.
  func fields(_ value: JSONValue, channel: ChannelID) throws(MessageFault) -> MessageFields {
    guard case .object(let members) = value else {
      throw MessageFault(
        "", "The message is \(value.kind) instead of an object.", remedy: "Send one object per message.")
    }
    var fields = MessageFields()
    for member in members {
      switch member.name {
      case "id": fields.id = try Self.text(member)
      case "customer": fields.customer = try Self.text(member)
      case "text": fields.text = try Self.text(member)
      case "subject": fields.subject = try Self.text(member)
      case "thread": fields.thread = try Self.text(member)
      case "attributes": fields.attributes = try Self.attributes(member.value)
      case "attachments": fields.attachments = try attachments(member.value)
      case "contact": fields.contact = try contact(member.value)
      case "sent_at" where self == .web: fields.sentAt = try Self.moment(member)
      case "sentAtMs" where self == .wire, "sent_at_ms" where self == .wire:
        fields.sentAt = try Self.milliseconds(member)
      case "channel" where self == .web: try Self.check(try Self.text(member), isNamed: channel)
      default: throw unknown(member.name, in: "", known: self == .web ? Self.webNames : Self.wireNames)
      }
    }
    return fields
  }

  /// What a message's id was, for the answer to a message that is not taken; nil where none can be told.
  static func id(of value: JSONValue) -> String? {
    guard case .object(let members) = value,
      case .text(let id)? = members.last(where: { $0.name == "id" })?.value,
      !id.isEmpty, id.utf8.count <= IntakeBounds.idCharacters * 4
    else { return nil }
    return id
  }

  // MARK: Values

  private static func text(_ member: JSONValue.Member) throws(MessageFault) -> String? {
    try text(member.value, "/" + member.name)
  }

  private static func text(_ value: JSONValue, _ field: String) throws(MessageFault) -> String? {
    switch value {
    case .text(let text): return text
    case .null: return nil
    default: throw MessageFault(field, "The value is \(value.kind) instead of a string.", remedy: "Send a string.")
    }
  }

  private static func moment(_ member: JSONValue.Member) throws(MessageFault) -> Instant? {
    guard let text = try text(member) else { return nil }
    guard let instant = RFC3339.instant(text) else {
      throw MessageFault(
        "/sent_at", value: MessageRules.shortened(text), "This is no moment after RFC 3339.",
        remedy: "Send one such as 2026-11-22T08:30:00Z or 2026-11-22T16:30:00+08:00.")
    }
    return instant
  }

  /// A number or, as the proto3 JSON mapping writes 64-bit numbers, a string of digits; 0 means unknown.
  private static func milliseconds(_ member: JSONValue.Member) throws(MessageFault) -> Instant? {
    let digits: String
    switch member.value {
    case .number(let text), .text(let text): digits = text
    case .null: return nil
    default: digits = member.value.kind
    }
    guard let milliseconds = Int64(digits) else {
      throw MessageFault(
        "/" + member.name, value: MessageRules.shortened(digits), "This is no number of milliseconds.",
        remedy: "Send milliseconds since 1970 as a whole number.")
    }
    return try instant(milliseconds: milliseconds, "/" + member.name)
  }

  /// The moment that many milliseconds after 1970; nil for 0.
  static func instant(milliseconds: Int64, _ field: String) throws(MessageFault) -> Instant? {
    guard milliseconds != 0 else { return nil }
    guard (0...253_402_300_799_999).contains(milliseconds) else {
      throw MessageFault(
        field, value: String(milliseconds), "The moment lies outside the years 1970 to 9999.",
        remedy: "Send milliseconds since 1970, not seconds or nanoseconds.")
    }
    return Instant(microseconds: milliseconds * 1000)
  }

  private static func attributes(_ value: JSONValue) throws(MessageFault) -> [MessageFields.Attribute] {
    switch value {
    case .null: return []
    case .object(let members):
      var attributes: [MessageFields.Attribute] = []
      for member in members {
        guard case .text(let text) = member.value else {
          throw MessageFault(
            "/attributes", value: MessageRules.shortened(member.name),
            "The attribute of this name is \(member.value.kind) instead of a string.",
            remedy: "Send every attribute as a string.")
        }
        attributes.append(MessageFields.Attribute(name: member.name, value: text))
      }
      return attributes
    default:
      throw MessageFault(
        "/attributes", "The value is \(value.kind) instead of an object.", remedy: "Send an object of strings.")
    }
  }

  private func contact(_ value: JSONValue) throws(MessageFault) -> MessageFields.Contact? {
    switch value {
    case .null: return nil
    case .object(let members):
      var contact = MessageFields.Contact()
      for member in members {
        let place = "/contact/" + member.name
        switch member.name {
        case "name": contact.name = try Self.text(member.value, place)
        case "phone": contact.phone = try Self.text(member.value, place)
        case "email": contact.email = try Self.text(member.value, place)
        default: throw unknown(member.name, in: "/contact", known: "name, phone, email")
        }
      }
      return contact
    default:
      throw MessageFault(
        "/contact", "The value is \(value.kind) instead of an object.", remedy: "Send an object of name, phone, email.")
    }
  }

  private func attachments(_ value: JSONValue) throws(MessageFault) -> [MessageFields.Attachment] {
    let list: [JSONValue]
    switch value {
    case .null: return []
    case .list(let elements): list = elements
    default:
      throw MessageFault(
        "/attachments", "The value is \(value.kind) instead of an array.", remedy: "Send an array of objects.")
    }
    var attachments: [MessageFields.Attachment] = []
    for (position, element) in list.enumerated() {
      attachments.append(try attachment(element, "/attachments/\(position)"))
    }
    return attachments
  }

  private func attachment(_ value: JSONValue, _ field: String) throws(MessageFault) -> MessageFields.Attachment {
    guard case .object(let members) = value else {
      throw MessageFault(
        field, "The attachment is \(value.kind) instead of an object.", remedy: "Send an object with a `url`.")
    }
    var attachment = MessageFields.Attachment(url: "")
    for member in members {
      let place = field + "/" + member.name
      switch member.name {
      case "url": attachment.url = try Self.text(member.value, place) ?? ""
      case "media_type": attachment.mediaType = try Self.text(member.value, place)
      case "mediaType" where self == .wire: attachment.mediaType = try Self.text(member.value, place)
      case "name": attachment.name = try Self.text(member.value, place)
      default: throw unknown(member.name, in: field, known: "url, media_type, name")
      }
    }
    return attachment
  }

  private static func check(_ named: String?, isNamed channel: ChannelID) throws(MessageFault) {
    guard let named, named != channel.rawValue else { return }
    throw MessageFault(
      "/channel", value: MessageRules.shortened(named), "The key speaks for another channel.",
      remedy: "Leave `channel` out, or use that channel's own key.")
  }

  private func unknown(_ name: String, in field: String, known: String) -> MessageFault {
    // Names of parts are not sent to `attributes`: what is personal would lie there unsealed.
    let remedy = field.isEmpty ? "Leave it out or put it into `attributes`" : "Leave it out"
    return MessageFault(
      field, value: MessageRules.shortened(name), "There is no field of this name.",
      remedy: "\(remedy); known are \(known).")
  }
}

extension MessageFields {
  /// A message as a channel sends it in protobuf, where an empty field is one left out.
  init(_ message: WireChannelMessage) throws(MessageFault) {
    id = message.id
    customer = message.customer
    text = message.text
    subject = message.subject
    thread = message.thread
    sentAt = try MessageForm.instant(milliseconds: message.sentAtMs, "/sent_at_ms")
    attributes = message.attributes.map { Attribute(name: $0.key, value: $0.value) }
    attachments = message.attachments.map { Attachment(url: $0.url, mediaType: $0.mediaType, name: $0.name) }
    if message.hasContact {
      contact = Contact(name: message.contact.name, phone: message.contact.phone, email: message.contact.email)
    }
  }
}
