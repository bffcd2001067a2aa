extension DeskMigrations {
  /// How customers can be reached: the only place of such data, and sealed before it gets here. Neither server, superuser nor backup
  /// can read it without the key file of the services.
  static let contacts = """
    CREATE TABLE desk.customer_contact (
      channel   text NOT NULL,
      customer  text NOT NULL,
      key_name  text NOT NULL,
      sealed    bytea NOT NULL,
      given_at  timestamptz NOT NULL,
      PRIMARY KEY (channel, customer)
    );
    """
}
