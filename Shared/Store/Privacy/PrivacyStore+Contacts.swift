public import DeskCore
import PostgreSQL

/// A customer's contact data, encrypted so that neither the database nor its backups reveal it.
public struct SealedContact: Sendable, Hashable {
  /// The name of the key that decrypts it.
  public let key: String
  /// The encrypted box.
  public let bytes: [UInt8]

  /// Creates a contact from an encrypted box.
  public init(key: String, bytes: [UInt8]) {
    self.key = key
    self.bytes = bytes
  }
}

/// A sealed contact and its owner.
public struct CustomerContact: Sendable, Hashable {
  public let channel: ChannelID
  /// The channel's id of the customer.
  public let customer: String
  public let sealed: SealedContact
  /// When the message that contained it was accepted.
  public let givenAt: Instant

  /// Creates a customer's contact.
  public init(channel: ChannelID, customer: String, sealed: SealedContact, givenAt: Instant) {
    self.channel = channel
    self.customer = customer
    self.sealed = sealed
    self.givenAt = givenAt
  }
}

extension PrivacyStore {
  /// Stores contacts, the newest of each customer. Customers without an open ticket are skipped: there is no need to reach them, and
  /// they may be erased customers.
  public func keep(_ contacts: [CustomerContact]) async throws {
    guard !contacts.isEmpty else { return }
    try await retryingDeadlocks {
      try await pool.execute(
        PrivacyStore.keepContacts,
        [
          contacts.map(\.channel), contacts.map(\.customer), contacts.map(\.sealed.key), contacts.map(\.sealed.bytes),
          contacts.map(\.givenAt),
        ])
    }
  }

  /// Returns a customer's contact; nil when none is known.
  public func contact(of customer: String, on channel: ChannelID) async throws -> CustomerContact? {
    try await pool.query(PrivacyStore.readContact, [channel, customer]).first
  }

  /// Returns contacts that are encrypted with keys other than this one, ordered by owner.
  /// - Parameter limit: the maximum number.
  public func contacts(notUnder key: String, limit: Int) async throws -> [CustomerContact] {
    try await pool.query(PrivacyStore.readContactsToSeal, [key, Int64(limit)])
  }

  /// Replaces boxes with re-encrypted ones. One that was updated or deleted meanwhile is unchanged.
  /// - Returns: how many were replaced.
  public func exchange(_ pairs: [(old: CustomerContact, new: SealedContact)]) async throws -> Int {
    try await pool.query(
      PrivacyStore.exchangeContacts,
      [
        pairs.map(\.old.channel), pairs.map(\.old.customer), pairs.map(\.old.sealed.bytes), pairs.map(\.new.key),
        pairs.map(\.new.bytes),
      ]
    ).first.map { Int($0) } ?? 0
  }

  /// Returns how many contacts and texts of intercepted replies each key encrypts.
  public func contactKeys() async throws -> [(key: String, contacts: Int64)] {
    try await pool.query(PrivacyStore.countContactKeys)
  }

  /// The lock on the open ticket prevents an erasure between the check and the write.
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
    "count_contact_keys",
    """
    SELECT key_name, count(*) FROM (
      SELECT key_name FROM desk.customer_contact UNION ALL
      SELECT key_name FROM desk.interception WHERE key_name IS NOT NULL) AS used
     GROUP BY key_name ORDER BY key_name
    """
  ) { row in
    try (key: row.next(String.self), contacts: row.next(Int64.self))
  }
}
