import DeskCore
import UntrustedInput

/// The rules for a message, independent of its format.
enum MessageRules {
  /// The attribute name under which the thread is stored.
  static let reservedAttribute = "thread"

  /// Checks and normalises: empty optional fields count as left out, attributes are sorted.
  ///
  /// - Parameter fallbackID: the id for a message without its own, if the request provides one.
  static func draft(_ fields: MessageFields, fallbackID: String? = nil) throws(MessageFault) -> MessageDraft {
    let given = present(fields.id)
    guard let id = given ?? fallbackID else {
      throw MessageFault(
        "/id", "The message has no id.",
        remedy: "Send your system's id of each message, or send an Idempotency-Key with the request.")
    }
    try check(id, "/id", limit: IntakeBounds.idCharacters)
    guard let customer = present(fields.customer) else {
      throw MessageFault("/customer", "The message has no customer.", remedy: "Send your system's id of the customer.")
    }
    try check("/customer") { () throws(InputFault) in try InputRules.customer(customer) }
    guard let text = present(fields.text) else {
      throw MessageFault("/text", "The message has no text.", remedy: "Send at least one character.")
    }
    try check(text, "/text", limit: IntakeBounds.textCharacters, remedy: "Shorten it, and attach the rest.")
    guard !text.isBlank else {
      throw MessageFault(
        "/text", "The text has no visible character.", remedy: "Send the customer's text, or do not send the message.")
    }
    let subject = present(fields.subject)
    if let subject { try check(subject, "/subject", limit: IntakeBounds.subjectCharacters) }
    let thread = present(fields.thread)
    if let thread { try check(thread, "/thread", limit: IntakeBounds.threadCharacters) }
    return MessageDraft(
      id: id, customer: customer, text: text, subject: subject, thread: thread, sentAt: fields.sentAt,
      attributes: try attributes(fields.attributes), attachments: try attachments(fields.attachments),
      contact: try fields.contact.flatMap(contact), proofs: try proofs(fields.proofs))
  }

  /// Returns what an error may show of a value chosen by the channel: its beginning, without control characters.
  static func shortened(_ value: String) -> String {
    let visible = value.unicodeScalars.prefix(40).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
    return String(String.UnicodeScalarView(visible)) + (value.unicodeScalars.count > 40 ? "…" : "")
  }

  // MARK: Parts

  private static func attributes(
    _ given: [MessageFields.Attribute]
  ) throws(MessageFault) -> [MessageFields.Attribute] {
    guard !given.isEmpty else { return [] }
    var last: [ExactString: String] = [:]
    for attribute in given {
      let field = "/attributes/" + pointer(attribute.name)
      guard !attribute.name.isEmpty else {
        throw MessageFault("/attributes", "An attribute has an empty name.", remedy: "Name it or leave it out.")
      }
      try check(attribute.name, "/attributes", limit: IntakeBounds.attributeNameCharacters)
      guard !attribute.name.hasSameBytes(as: reservedAttribute) else {
        throw MessageFault(field, "The name is reserved.", remedy: "Use the message's field `thread`.")
      }
      try check(attribute.value, field, limit: IntakeBounds.attributeValueCharacters)
      last[ExactString(attribute.name)] = attribute.value
    }
    guard last.count <= IntakeBounds.attributes else {
      throw MessageFault(
        "/attributes", "The message has \(last.count) attributes; at most \(IntakeBounds.attributes) are allowed.",
        remedy: "Send only what routing or agents need.")
    }
    return last.sorted { $0.key < $1.key }.map { MessageFields.Attribute(name: $0.key.string, value: $0.value) }
  }

  private static func attachments(
    _ given: [MessageFields.Attachment]
  ) throws(MessageFault) -> [MessageFields.Attachment] {
    guard given.count <= IntakeBounds.attachments else {
      throw MessageFault(
        "/attachments", "The message has \(given.count) attachments; at most \(IntakeBounds.attachments) are allowed.",
        remedy: "Send the rest in a second message.")
    }
    var checked: [MessageFields.Attachment] = []
    for (position, attachment) in given.enumerated() {
      let field = "/attachments/\(position)"
      try check(field + "/url") { () throws(InputFault) in try InputRules.webAddress(attachment.url) }
      let mediaType = present(attachment.mediaType)
      if let mediaType {
        try check(field + "/media_type", value: shortened(mediaType)) { () throws(InputFault) in
          try InputRules.mediaType(mediaType)
        }
      }
      let name = present(attachment.name)
      if let name {
        try check(field + "/name") { () throws(InputFault) in try InputRules.attachmentName(name) }
      }
      checked.append(MessageFields.Attachment(url: attachment.url, mediaType: mediaType, name: name))
    }
    return checked
  }

  /// Errors never show any of a contact: it is the customer's data.
  private static func contact(_ given: MessageFields.Contact) throws(MessageFault) -> MessageFields.Contact? {
    let contact = MessageFields.Contact(
      name: present(given.name), phone: present(given.phone), email: present(given.email))
    guard !contact.isEmpty else { return nil }
    if let name = contact.name { try check(name, "/contact/name", limit: IntakeBounds.contactNameCharacters) }
    if let phone = contact.phone {
      try check(phone, "/contact/phone", limit: IntakeBounds.phoneCharacters)
      let digits = phone.utf8.count { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard digits >= IntakeBounds.phoneDigits, phone.utf8.allSatisfy({ "+0123456789 -/().,;ext#*".utf8.contains($0) })
      else {
        throw MessageFault(
          "/contact/phone", "Not a valid telephone number.",
          remedy: "Send it with its country code, such as +86 10 6552 9988, optionally with ext.")
      }
    }
    if let email = contact.email {
      try check(email, "/contact/email", limit: IntakeBounds.emailCharacters)
      let parts = email.split(separator: "@", omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !email.contains(where: \.isWhitespace) else {
        throw MessageFault(
          "/contact/email", "Not a valid email address.", remedy: "Send the address alone, such as name@example.com.")
      }
    }
    return contact
  }

  /// Errors never show a digest: it stands for the customer's data.
  private static func proofs(_ given: [MessageFields.Proof]) throws(MessageFault) -> [CustomerProof] {
    var last: [ProofKind: CustomerProof] = [:]
    for proof in given {
      guard let kind = ProofKind(rawValue: proof.kind) else {
        throw MessageFault(
          "/proofs", value: shortened(proof.kind), "Unknown kind of proof.", remedy: "Send email, phone or account.")
      }
      guard let read = CustomerProof(kind, hexadecimal: proof.digest) else {
        throw MessageFault(
          "/proofs/" + kind.rawValue, "Not a SHA-256 digest.",
          remedy:
            "Send 64 lower-case hexadecimal digits: the HMAC-SHA256 of the verified value, with a key that your channels share."
        )
      }
      last[kind] = read
    }
    return last.values.sorted { $0.kind.rawValue < $1.kind.rawValue }
  }

  // MARK: Checks

  private static func present(_ value: String?) -> String? {
    value.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Applies a rule shared by all endpoints, and names the field that breaks it.
  private static func check(
    _ field: String, value: String? = nil, _ rule: () throws(InputFault) -> Void
  ) throws(MessageFault) {
    do throws(InputFault) {
      try rule()
    } catch {
      throw MessageFault(field, value: value, error.detail, remedy: error.remedy)
    }
  }

  private static func check(
    _ value: String, _ field: String, limit: Int, remedy: String = "Shorten it."
  ) throws(MessageFault) {
    try check(field) { () throws(InputFault) in try InputRules.text(value, longest: limit, remedy: remedy) }
  }

  /// Returns a name as a reference token of a JSON pointer (RFC 6901).
  private static func pointer(_ name: String) -> String {
    var token = ""
    for scalar in shortened(name).unicodeScalars {
      switch scalar {
      case "~": token += "~0"
      case "/": token += "~1"
      default: token.unicodeScalars.append(scalar)
      }
    }
    return token
  }
}
