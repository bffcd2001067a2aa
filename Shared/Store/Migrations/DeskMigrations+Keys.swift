extension DeskMigrations {
  /// Keys that may only look, keys that take another's place, and CURVE keys that end by themselves.
  static let keyAccess = """
    ALTER TABLE desk.api_key
      ADD COLUMN access text NOT NULL DEFAULT 'full' CHECK (access IN ('full', 'read')),
      ADD COLUMN replaced_by uuid;
    ALTER TABLE desk.channel_curve_key ADD COLUMN expires_at timestamptz;
    """
}
