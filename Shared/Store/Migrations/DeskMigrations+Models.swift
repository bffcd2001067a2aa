extension DeskMigrations {
  /// What a model that is being tried said of live messages, beside what the model in force said: counts by pair of categories, and
  /// none of the customers' words.
  static let shadowTallies = """
    CREATE TABLE desk.shadow_tally (
      champion               text NOT NULL,   -- the model in force
      challenger             text NOT NULL CHECK (challenger <> champion),
      champion_says          text NOT NULL,
      challenger_says        text NOT NULL,
      messages               bigint NOT NULL CHECK (messages > 0),
      champion_automatic     bigint NOT NULL,   -- sure enough to need no triage
      challenger_automatic   bigint NOT NULL,
      champion_confidence    double precision NOT NULL,   -- sums over the messages
      challenger_confidence  double precision NOT NULL,
      champion_unfamiliar    double precision NOT NULL,
      challenger_unfamiliar  double precision NOT NULL,
      first_at               timestamptz NOT NULL DEFAULT now(),
      last_at                timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (champion, challenger, champion_says, challenger_says)
    ) WITH (fillfactor = 70);
    """
}
