import DeskCore
import Foundation
internal import UntrustedInput
import Yams

// MARK: - Channels and hooks

extension PolicyReader {
  /// Reads `channels:` by name.
  mutating func channels(_ entries: [PolicyEntry]) -> [ChannelID: ChannelPolicy] {
    var channels: [ChannelID: ChannelPolicy] = [:]
    for entry in entries {
      let id = ChannelID(entry.name)
      let known = [
        "title", "weight", "reply_hook", "replies", "reopen_window", "answers_by_itself", "chat", "mask_personal_data",
        "greeting", "proofs",
      ]
      guard let fields = fields(of: entry.value, known: known) else { continue }
      if fields["answers_by_itself"].flatMap({ flag($0) }) == true { life.answers.channels.insert(id) }
      title(fields["title"], of: "channels.\(entry.name)")
      let weight = fields["weight"].flatMap { channelWeight($0) } ?? Int32(PolicyDefaults.weight)
      if let largest = agents.values.map(\.capacity).max(), weight > largest, weight != TicketWeight.whole {
        report(
          fields["weight"] ?? entry.value, "no agent has the capacity for a ticket of this weight",
          remedy: "write at most \(largest), raise a capacity, or write `whole`")
      }
      channels[id] = ChannelPolicy(
        id: id, weight: weight, replies: replies(fields),
        reopenWindow: fields["reopen_window"].flatMap { duration($0) } ?? PolicyDefaults.reopenWindow,
        isChat: fields["chat"].flatMap { flag($0) } ?? false,
        masksPersonalData: fields["mask_personal_data"].flatMap { flag($0) } ?? false,
        greeting: greeting(fields["greeting"]), proofs: proofs(fields["proofs"]))
    }
    return channels
  }

  /// Reads how replies leave: `reply_hook: NAME`, or `replies: fetch`. A policy that was applied before channels had to declare it is still
  /// read.
  private mutating func replies(_ fields: PolicyFields) -> ReplyRoute {
    switch (fields["reply_hook"], fields["replies"]) {
    case (nil, nil):
      object(
        fields.place, "no reply can leave by this channel",
        remedy:
          "write `reply_hook: NAME`, or `replies: fetch` if the channel's system fetches replies or subscribes to them")
      return .undeclared
    case (let hook?, let replies):
      if let replies {
        report(replies, "replies leave by the channel's `reply_hook`", remedy: "remove one of the two")
      }
      return reference(hook, to: "hook", among: hookNames).map { .hook($0) } ?? .fetch
    case (nil, let replies?):
      return word(replies, among: [("fetch", ReplyRoute.fetch)]) ?? .fetch
    }
  }

  /// Reads `proofs:`, what a channel is trusted to verify of its customers.
  private mutating func proofs(_ place: PolicyNode?) -> Set<ProofKind> {
    guard let place else { return [] }
    let kinds = ProofKind.allCases.map { ($0.rawValue, $0) }
    return Set(itemsOrOne(place, limit: kinds.count).compactMap { word($0, among: kinds) })
  }

  /// Reads `customer_lookup:`.
  mutating func customerLookUp(_ place: PolicyNode?) -> CustomerLookUp? {
    let known = ["url", "secrets", "secret_env", "fields", "keep", "allow_private_address"]
    guard let place, !place.isNull, let fields = fields(of: place, known: known) else { return nil }
    let isPrivateAllowed = fields["allow_private_address"].flatMap { flag($0) } ?? false
    let template = needed("url", in: fields).flatMap { addressTemplate($0, isPlainAllowed: isPrivateAllowed) }
    let secrets = secrets(fields, of: "the look-up", loss: "no customer is looked up")
    let shown = needed("fields", in: fields).map { names(ofFields: $0) } ?? []
    let keeps =
      fields["keep"].flatMap { duration($0, in: PolicyLimits.lookUpKeep) } ?? PolicyDefaults.lookUpKeep
    guard let template, !shown.isEmpty else { return nil }
    return CustomerLookUp(
      template: template, secrets: secrets.known, missingSecrets: secrets.missing, shown: shown, keeps: keeps,
      allowsPrivateAddress: isPrivateAllowed)
  }

  /// The names of the CRM's fields that are shown, each once.
  private mutating func names(ofFields place: PolicyNode) -> [String] {
    var names: [String] = []
    for item in itemsOrOne(place, limit: CustomerFields.Bounds.fields) {
      guard let name = text(item) else { continue }
      guard name.unicodeScalars.count <= CustomerFields.Bounds.nameCharacters else {
        report(
          item, "the name is too long", remedy: "write at most \(CustomerFields.Bounds.nameCharacters) characters")
        continue
      }
      guard !names.contains(where: { $0.hasSameBytes(as: name) }) else {
        report(item, "\(quoted(name)) is listed twice", remedy: "remove one of them")
        continue
      }
      names.append(name)
    }
    if names.isEmpty, mistakes.isEmpty {
      report(place, "no field is named", remedy: "write the names of the CRM's fields that agents shall see")
    }
    return names
  }

  /// Reads an address with placeholders. Behind the host only: whoever chooses a customer's id must not choose the host.
  private mutating func addressTemplate(_ place: PolicyNode, isPlainAllowed: Bool) -> String? {
    guard let (text, _) = scalar(place) else { return nil }
    let places = [CustomerLookUp.channelPlace, CustomerLookUp.customerPlace]
    let filled = places.reduce(text) { $0.replacing($1, with: "x") }
    guard checkAddress(filled, place, isPlainAllowed: isPlainAllowed) else { return nil }
    guard text.contains(CustomerLookUp.customerPlace) else {
      report(
        place, "the address does not name the customer",
        remedy: "write {customer} where the channel's id of the customer belongs, and {channel} for the channel")
      return nil
    }
    let host = text.drop { $0 != ":" }.dropFirst(3).prefix { !"/?".contains($0) }
    guard !host.contains("{"), !filled.contains("{"), !filled.contains("}") else {
      report(
        place, "the address has a placeholder in its host, or an unknown one",
        remedy: "use {channel} and {customer}, in the path or the query")
      return nil
    }
    return text
  }

  /// Reads a number, or `whole` for a ticket that takes an agent's entire capacity.
  private mutating func channelWeight(_ place: PolicyNode) -> Int32? {
    if case .scalar(let scalar) = place.node, scalar.string == "whole" { return TicketWeight.whole }
    return integer(place, in: PolicyLimits.weight).map { Int32($0) }
  }

  /// Reads `hooks:` by name.
  mutating func hooks(_ entries: [PolicyEntry]) -> [HookID: Hook] {
    var hooks: [HookID: Hook] = [:]
    for entry in entries {
      if let hook = hook(entry) { hooks[hook.id] = hook }
    }
    return hooks
  }

  private mutating func hook(_ entry: PolicyEntry) -> Hook? {
    let known = ["title", "url", "secrets", "secret_env", "kinds", "allow_private_address", "parallel_deliveries"]
    guard let fields = fields(of: entry.value, known: known) else { return nil }
    title(fields["title"], of: "hooks.\(entry.name)")
    let isPrivateAllowed = fields["allow_private_address"].flatMap { flag($0) } ?? false
    let url = needed("url", in: fields).flatMap { address($0, isPlainAllowed: isPrivateAllowed) }
    let secrets = secrets(fields)
    let kinds = kinds(needed("kinds", in: fields))
    let parallel =
      fields["parallel_deliveries"].flatMap { integer($0, in: PolicyLimits.parallelDeliveries) }
      ?? PolicyDefaults.parallelDeliveries
    guard let url else { return nil }
    return Hook(
      id: HookID(entry.name), url: url, secrets: secrets.known, missingSecrets: secrets.missing, kinds: kinds,
      allowsPrivateAddress: isPrivateAllowed, parallelDeliveries: parallel)
  }

  /// Reads a delivery URL. It is never shown in a message: operators put tokens into URLs.
  private mutating func address(_ place: PolicyNode, isPlainAllowed: Bool) -> String? {
    guard let (text, _) = scalar(place), checkAddress(text, place, isPlainAllowed: isPlainAllowed) else { return nil }
    return text
  }

  private mutating func checkAddress(_ text: String, _ place: PolicyNode, isPlainAllowed: Bool) -> Bool {
    do throws(InputFault) {
      try InputRules.webAddress(text, longest: PolicyLimits.addressCharacters)
    } catch {
      if error == InputRules.credentialsInURL {
        reportParts(of: place)
      } else {
        report(place, "not a valid web address", remedy: "write https://host/path, in ASCII")
      }
      return false
    }
    guard !text.contains("#") else {
      reportParts(of: place)
      return false
    }
    guard text.prefix(6).lowercased() == "https:" || isPlainAllowed else {
      report(
        place, "the address is not encrypted",
        remedy: "write https://, or allow_private_address: true for an internal host")
      return false
    }
    return true
  }

  private mutating func reportParts(of place: PolicyNode) {
    report(place, "the address contains a user, a password or a fragment", remedy: "remove it; deliveries are signed")
  }

  /// Reads secrets written in the policy (newest first) and those in the environment. They are never shown in a message.
  ///
  /// A variable that is not set, or contains no secret, is a mistake when the policy is applied. A service that reads the policy gets it
  /// in `missing`: it must be able to continue with everything else.
  private mutating func secrets(
    _ fields: PolicyFields, of owner: String = "the hook", loss: String = "nothing is delivered"
  ) -> (known: [String], missing: [String]) {
    let mistakesBefore = mistakes.count
    let written = fields["secrets"].map { itemsOrOne($0, limit: PolicyLimits.secrets) } ?? []
    let named = fields["secret_env"].map { itemsOrOne($0, limit: PolicyLimits.secrets) } ?? []
    if written.isEmpty, named.isEmpty, mistakes.count == mistakesBefore {
      report(
        fields["secrets"] ?? fields["secret_env"] ?? fields.place, "\(owner) has no secret",
        remedy: "add `secret_env: [NAME]`, or `secrets: [whsec_…]`")
    }
    var known: [String] = []
    var missing: [String] = []
    for item in written {
      guard let (text, _) = scalar(item) else { continue }
      if PolicyReader.isSecret(text) {
        known.append(text)
      } else {
        report(item, "not a valid signing secret", remedy: PolicyReader.secretRemedy)
      }
    }
    for item in named {
      guard let (name, _) = scalar(item) else { continue }
      guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy(isVariablePart) else {
        // The value may be the secret itself, so it is not shown.
        report(item, "not a valid variable name", remedy: "use A-Z, 0-9 and '_'; the variable contains the secret")
        continue
      }
      guard let value = environment[name], !value.isEmpty else {
        missing.append(name)
        reportUnset(
          item, "\(name) is not set; without it \(loss)",
          remedy:
            "set it here and for the notifier, or pass --secrets-elsewhere if only the notifier has it, on another machine"
        )
        continue
      }
      guard PolicyReader.isSecret(value) else {
        missing.append(name)
        object(item, "\(name) does not contain a signing secret", remedy: PolicyReader.secretRemedy)
        continue
      }
      known.append(value)
    }
    return (known, missing)
  }

  private func isVariablePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
    default: false
    }
  }

  /// Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes.
  private static func isSecret(_ text: String) -> Bool {
    let prefix = "whsec_"
    guard text.hasPrefix(prefix), let key = Data(base64Encoded: String(text.dropFirst(prefix.count))) else {
      return false
    }
    return (24...64).contains(key.count)
  }

  private static let secretRemedy = "write whsec_ and the base64 of 24 to 64 random bytes"

  /// Reads `kinds:`, a list of notice kinds or `all`.
  private mutating func kinds(_ place: PolicyNode?) -> Set<NoticeKind> {
    guard let place else { return [] }
    if case .scalar(let scalar) = place.node, scalar.string == "all" { return Set(NoticeKind.allCases) }
    var kinds: Set<NoticeKind> = []
    for item in itemsOrOne(place) {
      if let kind = word(item, among: NoticeKind.allCases.map { ($0.rawValue, $0) }) { kinds.insert(kind) }
    }
    return kinds
  }
}
