import Crypto
import DeskCore
import PostgreSQL
import Store

/// A message as received, parsed but not checked; every format (JSON, NDJSON, protobuf) is read into this type.
struct MessageFields: Sendable {
  var id: String?
  var customer: String?
  var text: String?
  var subject: String?
  var thread: String?
  var sentAt: Instant?
  var attributes: [Attribute] = []
  var attachments: [Attachment] = []
  var contact: Contact?
  var proofs: [Proof] = []

  /// What the channel has verified of the customer.
  struct Proof: Sendable {
    var kind: String
    var digest: String
  }

  /// How the customer can be reached.
  struct Contact: Sendable {
    var name: String?
    var phone: String?
    var email: String?

    var isEmpty: Bool { name == nil && phone == nil && email == nil }

    /// The contact as it is encrypted and, to those who may see it, shown: an object with the parts that are present.
    var json: String {
      let parts = [("name", name), ("phone", phone), ("email", email)]
      return JSONValue.object(parts.compactMap { name, value in value.map { JSONValue.Field(name, .text($0)) } }).json
    }
  }

  struct Attribute: Sendable {
    var name: String
    var value: String
  }

  struct Attachment: Sendable {
    var url: String
    var mediaType: String?
    var name: String?
  }
}

/// A checked and normalised message that does not have its identifiers yet.
struct MessageDraft: Sendable {
  let id: String
  let customer: String
  let text: String
  let subject: String?
  let thread: String?
  let sentAt: Instant?
  /// By name, each once.
  let attributes: [MessageFields.Attribute]
  let attachments: [MessageFields.Attachment]
  /// Has at least one part.
  var contact: MessageFields.Contact?
  /// Sorted by kind, each once.
  var proofs: [CustomerProof] = []

  /// Roughly the bytes that it occupies while it waits.
  var byteCount: Int {
    256 + id.utf8.count + customer.utf8.count + text.utf8.count + (subject?.utf8.count ?? 0)
      + (thread?.utf8.count ?? 0)
      + attributes.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
      + attachments.reduce(0) { $0 + $1.url.utf8.count + ($1.name?.utf8.count ?? 0) }
  }

  /// Returns the message in the form that the store accepts.
  /// - Parameters:
  ///   - contact: the customer's contact, encrypted.
  ///   - trusted: the kinds of proofs that the policy accepts from the channel; others are left out.
  func incoming(
    channel: ChannelID, message: MessageID, ticket: TicketID, traceparent: String?, contact: SealedContact? = nil,
    trusted: Set<ProofKind> = []
  ) -> IncomingMessage {
    IncomingMessage(
      id: message, ticket: ticket, channel: channel, customer: customer, externalID: id, digest: digest,
      subject: subject, body: text, attributes: attributesJSON, attachments: attachmentsJSON, sentAt: sentAt,
      traceparent: traceparent, contact: contact, proofs: proofs.filter { trusted.contains($0.kind) })
  }

  /// The first 16 bytes of the SHA-256 over everything the channel sent. The same message has the same digest over any transport and in any
  /// format: each part is hashed with its length, so that different messages never hash the same bytes.
  var digest: [UInt8] {
    var hash = SHA256()
    func add(_ part: String?) {
      var part = part ?? ""
      part.withUTF8 { bytes in
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
        hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
      }
    }
    add(customer)
    add(text)
    add(subject)
    add(thread)
    add(sentAt.map { String($0.microseconds) })
    add(String(attributes.count))
    for attribute in attributes {
      add(attribute.name)
      add(attribute.value)
    }
    for attachment in attachments {
      add(attachment.url)
      add(attachment.mediaType)
      add(attachment.name)
    }
    // A message without a contact keeps the digest that it had before contacts were introduced.
    if let contact {
      add("contact")
      add(contact.name)
      add(contact.phone)
      add(contact.email)
    }
    for proof in proofs {
      add("proof")
      add(proof.kind.rawValue)
      hash.update(data: proof.digest)
    }
    return Array(hash.finalize().prefix(16))
  }

  /// The thread is stored among the attributes, where its name is reserved.
  private var attributesJSON: PostgresJSON? {
    var fields = attributes.map { JSONValue.Field($0.name, .text($0.value)) }
    if let thread { fields.append(JSONValue.Field(MessageRules.reservedAttribute, .text(thread))) }
    return fields.isEmpty ? nil : PostgresJSON(JSONValue.object(fields).json)
  }

  private var attachmentsJSON: PostgresJSON? {
    guard !attachments.isEmpty else { return nil }
    let list = attachments.map { attachment in
      var fields = [JSONValue.Field("url", .text(attachment.url))]
      if let mediaType = attachment.mediaType { fields.append(JSONValue.Field("media_type", .text(mediaType))) }
      if let name = attachment.name { fields.append(JSONValue.Field("name", .text(name))) }
      return JSONValue.object(fields)
    }
    return PostgresJSON(JSONValue.list(list).json)
  }
}

extension MessageDraft: Equatable {
  /// Drafts are equal if the system treats them as the same message: texts are compared byte by byte.
  static func == (left: Self, right: Self) -> Bool {
    left.id.hasSameBytes(as: right.id) && left.digest == right.digest
  }
}
