/// The maximum lengths of values shared by several endpoints. Characters are Unicode scalars, as PostgreSQL and JSON Schema count them.
public enum InputBounds {
  /// A message, a reply, a note, a comment.
  public static let textCharacters = 20_000
  /// The channel's id of a customer.
  public static let customerCharacters = 200
  /// The channel's id of a message.
  public static let messageCharacters = 200
  /// A name: a category, an intent, a label of a key.
  public static let nameCharacters = 128
  /// The address of an attachment.
  public static let addressCharacters = 2000
  /// A host in an address (RFC 1035, 2.3.4) and one label of it.
  public static let hostCharacters = 253
  public static let hostLabelCharacters = 63
  /// A media type with its parameters.
  public static let mediaTypeCharacters = 127
  /// The name of an attachment.
  public static let attachmentNameCharacters = 255
  /// An `Idempotency-Key`; ids derived from it, `KEY#999`, stay inside the 200 characters of a message's id.
  public static let requestKeyCharacters = 190
  /// The key behind `Authorization: Bearer`.
  public static let bearerCharacters = 16...256
}
