public import DeskCore
import PostgreSQL

/// How a customer can be reached, sealed so that neither the database nor its backups tell it.
public struct SealedContact: Sendable, Hashable {
  /// The name of the key that opens it.
  public let key: String
  /// The box; whatever the sealer made.
  public let bytes: [UInt8]

  /// Takes a box as the sealer made it.
  public init(key: String, bytes: [UInt8]) {
    self.key = key
    self.bytes = bytes
  }
}

/// A sealed contact and whose it is.
public struct CustomerContact: Sendable, Hashable {
  public let channel: ChannelID
  /// As the channel names them.
  public let customer: String
  public let sealed: SealedContact
  /// When the message that brought it was accepted.
  public let givenAt: Instant

  /// Puts a contact to its customer.
  public init(channel: ChannelID, customer: String, sealed: SealedContact, givenAt: Instant) {
    self.channel = channel
    self.customer = customer
    self.sealed = sealed
    self.givenAt = givenAt
  }
}

extension DeskStore {
  /// Keeps contacts, of each customer the newest. One of a customer without an open ticket is left out: nobody has to be reached, and
  /// it may be an erased customer's.
  public func keep(_ contacts: [CustomerContact]) async throws {
    guard !contacts.isEmpty else { return }
    try await retryingDeadlocks {
      try await pool.execute(
        DeskStore.keepContacts,
        [
          contacts.map(\.channel), contacts.map(\.customer), contacts.map(\.sealed.key), contacts.map(\.sealed.bytes),
          contacts.map(\.givenAt),
        ])
    }
  }

  /// How a customer can be reached; nil when they never said.
  public func contact(of customer: String, on channel: ChannelID) async throws -> CustomerContact? {
    try await pool.query(DeskStore.readContact, [channel, customer]).first
  }

  /// Contacts that other keys than this one seal, in the order of their owners.
  /// - Parameter limit: how many at most.
  public func contacts(notUnder key: String, limit: Int) async throws -> [CustomerContact] {
    try await pool.query(DeskStore.readContactsToSeal, [key, Int64(limit)])
  }

  /// Puts boxes sealed anew in the place of those that were opened for it. One that was renewed or forgotten meanwhile stays as it is.
  /// - Returns: how many were exchanged.
  public func exchange(_ pairs: [(old: CustomerContact, new: SealedContact)]) async throws -> Int {
    try await pool.query(
      DeskStore.exchangeContacts,
      [
        pairs.map(\.old.channel), pairs.map(\.old.customer), pairs.map(\.old.sealed.bytes), pairs.map(\.new.key),
        pairs.map(\.new.bytes),
      ]
    ).first.map { Int($0) } ?? 0
  }

  /// How many contacts each key seals.
  public func contactKeys() async throws -> [(key: String, contacts: Int64)] {
    try await pool.query(DeskStore.countContactKeys)
  }

  /// The lock on the open ticket keeps an erasure from happening between the look and the writing.
  private static let keepContacts = PostgresStatement<Void>(
    "keep_contacts",
    """
    WITH newest AS MATERIALIZED (
      SELECT DISTINCT ON (channel, customer) *
        FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[])
          AS i(channel, customer, key_name, sealed, given_at)
       ORDER BY channel, customer, given_at DESC
    ), alive AS MATERIALIZED (
      SELECT n.* FROM newest n JOIN desk.open_ticket o USING (channel, customer)
       ORDER BY n.channel, n.customer FOR SHARE OF o
    )
    INSERT INTO desk.customer_contact AS c (channel, customer, key_name, sealed, given_at)
    SELECT channel, customer, key_name, sealed, given_at FROM alive
    ON CONFLICT (channel, customer) DO UPDATE
      SET key_name = excluded.key_name, sealed = excluded.sealed, given_at = excluded.given_at
      WHERE excluded.given_at >= c.given_at
    """)

  private static let contactRow: @Sendable (inout PostgresRowReader) throws -> CustomerContact = { row in
    try CustomerContact(
      channel: row.next(), customer: row.next(), sealed: SealedContact(key: row.next(), bytes: row.next()),
      givenAt: row.next())
  }

  private static let readContact = PostgresStatement(
    "read_contact",
    """
    SELECT channel, customer, key_name, sealed, given_at FROM desk.customer_contact WHERE channel = $1 AND customer = $2
    """, row: contactRow)

  private static let readContactsToSeal = PostgresStatement(
    "read_contacts_to_seal",
    """
    SELECT channel, customer, key_name, sealed, given_at FROM desk.customer_contact WHERE key_name <> $1
     ORDER BY channel, customer LIMIT $2
    """, row: contactRow)

  private static let exchangeContacts = PostgresStatement<Int64>(
    "exchange_contacts",
    """
    WITH exchanged AS (
      UPDATE desk.customer_contact c SET key_name = i.key_name, sealed = i.sealed
        FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::bytea[])
          AS i(channel, customer, was, key_name, sealed)
       WHERE c.channel = i.channel AND c.customer = i.customer AND c.sealed = i.was
      RETURNING 1)
    SELECT count(*) FROM exchanged
    """)

  private static let countContactKeys = PostgresStatement(
    "count_contact_keys", "SELECT key_name, count(*) FROM desk.customer_contact GROUP BY key_name ORDER BY key_name"
  ) { row in
    try (key: row.next(String.self), contacts: row.next(Int64.self))
  }
}
